// What an honest validator has heard of the leaders, noted beside its engine: so that a vote can be
// judged by what its caster knew.
#pragma once

#include <map>
#include <optional>
#include <set>

#include "consensus/message.h"
#include "consensus/signatures.h"

namespace ashlar::simulation {

class Knowledge {
  public:
    // A message for a view that the engine looks at; `leader` is that of the message's view.
    void heard(const consensus::Message& message, const consensus::PublicKey& from,
               const consensus::PublicKey& leader, const consensus::ChainId& chain,
               const consensus::ValidatorSet& set, const consensus::Verifier& verifier);
    // Whose word counts no more.
    void refused(const consensus::PublicKey& peer) { refused_.insert(peer); }
    // Whether two different proposals of the view's leader are known.
    bool equivocated(const consensus::Round& round) const {
        return contradicted_.count(round) != 0;
    }
    void forget_before(const consensus::Round& round);

  private:
    void note(const consensus::Proposal& proposal);

    std::map<consensus::Round, consensus::Proposal> proposals_;
    std::set<consensus::Round> contradicted_;
    std::set<consensus::PublicKey> refused_;
};

}  // namespace ashlar::simulation
