// What an edge answers over HTTP, out of a replica: git fetch in every version of the protocol, and
// the pages, and proofs of what it has. Everything else (pushes, REST, whoever signs in, who may
// see more than the public) is for a validator, and its host passes it on.
#pragma once

#include <variant>

#include "api/git_address.h"
#include "api/pages.h"
#include "git/wire/service.h"
#include "replica/replica.h"

namespace ashlar::replica {

// To be passed on to a validator as it is.
struct PassOn {};

class Edge {
  public:
    // Replica and pages outlive this.
    Edge(Replica& replica, const api::Pages& pages, git::ServerIdentity identity)
        : replica_(replica), pages_(pages), identity_(std::move(identity)) {}

    // From the head alone, before a body is read: whether this is answered here.
    bool answers(const api::Request& head) const;

    // The answer, or `needs_data`: then what the replica wants is fetched, and this is called again
    // with the same request. The same holds for each next() of an answer that streams. Answers say
    // by "ashlar-height" and "ashlar-time" (milliseconds) how new they are, and by "warning" where
    // nobody could be asked for what is newest. Any other error is an upstream's (or its absence):
    // the host may try another one.
    Expected<std::variant<api::Response, PassOn>> respond(const api::Request& request);

  private:
    Expected<api::Response> git(const api::GitAddress& address, const api::Request& request);
    Expected<api::Response> proof(const api::Request& request);
    Expected<api::Response> page(const api::Request& request);

    Replica& replica_;
    const api::Pages& pages_;
    const git::ServerIdentity identity_;
};

}  // namespace ashlar::replica
