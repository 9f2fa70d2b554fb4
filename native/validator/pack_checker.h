// Answers whether the packs of transactions are here and are what the transactions say, as a
// validator has to know before it votes (chain/push_check.h).
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include "chain/state_reader.h"
#include "git/pack/pack_catalog.h"
#include "native/validator/checked_packs.h"
#include "native/validator/job_pool.h"
#include "native/validator/pack_fetcher.h"
#include "native/validator/pack_gate.h"

namespace ashlar::validator {

struct CheckOptions {
    std::size_t threads = 2;
    // A small pack is often on its way: it is asked for only after this.
    std::uint32_t patience_ms = 20;
    // Answers that are remembered, and the packs that they were given for: of all, and of one.
    std::size_t answers_max = 8'192;
    std::size_t answer_packs_max = std::size_t{1} << 17;
    std::size_t packs_per_answer_max = 1'024;
};

class PackChecker {
  public:
    // The packs of a repository, open, in their order.
    using OpenPacks = std::function<Expected<std::shared_ptr<const git::PackCatalog>>(
        const std::vector<chain::RepositoryPack>&)>;

    PackChecker(CheckedPacks& checked_packs, PackFetcher& fetcher, OpenPacks open_packs,
                const CheckOptions& options);

    void check(PackQuestion question, PackGate::Answer answer);
    void want(const std::vector<forge::PackReference>& packs,
              const std::optional<PublicKey>& holder, PackGate::Stored stored);
    void keep(const std::vector<forge::PackReference>& packs, const PackGate::Stored& stored);
    void stop() { pool_.stop(); }

  private:
    struct Pending;
    struct Wanted;
    // What earlier claims of the question brought.
    using Brought = std::map<forge::RepositoryId, std::vector<chain::RepositoryPack>>;

    void look(const std::shared_ptr<Pending>& pending);
    void look(const std::shared_ptr<Wanted>& wanted);
    // Nothing where one of them is not stored.
    std::optional<KeptPacks> hold_all(const std::set<git::PackDigest>& packs);
    void judge(const std::shared_ptr<Pending>& pending);
    Expected<void> judge_claim(const PackClaim& claim, const chain::StateReader& state,
                               Brought& brought);
    Expected<void> judge_objects(const PackClaim& claim,
                                 const std::vector<chain::RepositoryPack>& before);
    void want_one(const std::shared_ptr<Wanted>& wanted, const git::PackDigest& pack,
                  std::uint32_t delay_ms);
    // What a repository holds, ascending.
    using Holding = std::vector<git::PackDigest>;
    bool is_known_good(const crypto::Digest& claim, const Holding& before);
    void remember_good(const crypto::Digest& claim, Holding before);
    void forget_good(const crypto::Digest& claim);  // with mutex_ held

    CheckedPacks& checked_packs_;
    PackFetcher& fetcher_;
    const OpenPacks open_packs_;
    const CheckOptions options_;
    std::mutex mutex_;
    // A claim that was good is good again where the repository holds what it held then, for objects
    // are only added: not on another fork, without a pack that an earlier block or claim brought.
    std::map<crypto::Digest, Holding> good_;
    std::size_t good_packs_ = 0;
    std::list<crypto::Digest> good_in_order_;  // oldest first
    JobPool pool_;                             // last: its threads use the others
};

}  // namespace ashlar::validator
