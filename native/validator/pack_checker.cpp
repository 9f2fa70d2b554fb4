#include "native/validator/pack_checker.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "git/pack/packed_objects.h"

namespace ashlar::validator {

namespace {

constexpr int kJudgeTriesMax = 5;
constexpr std::chrono::milliseconds kJudgeAgain{50};
constexpr std::uint32_t kWantAgainMs = 5'000;

// What the answer depends on, but for what the repository holds.
crypto::Digest digest_of(const PackClaim& claim) {
    crypto::Hasher hasher("ashlar pack claim");
    hasher.update(claim.transaction.view());
    for (const forge::RefUpdate& update : claim.action.updates) {
        Bytes size;
        append_big_endian_64(size, update.name.size());
        hasher.update(size).update(as_bytes(update.name));
    }
    return hasher.finish();
}

std::set<git::PackDigest> packs_of(const std::vector<PackClaim>& claims) {
    std::set<git::PackDigest> packs;
    for (const PackClaim& claim : claims) {
        if (claim.action.pack) packs.insert(claim.action.pack->digest);
    }
    return packs;
}

// Of a pack that is not fetched: there is no such pack, or there was no room to look for it.
Verdict verdict_of(const Error& error) {
    return error.code == ErrorCode::unavailable ? Verdict::later : Verdict::bad;
}

}  // namespace

struct PackChecker::Pending {
    PackQuestion question;
    PackGate::Answer answer;
    std::atomic<std::size_t> missing = 0;
    std::atomic<bool> answered = false;
    int tries = 0;

    void answer_once(Verdict verdict, KeptPacks kept = {}) {
        if (!answered.exchange(true)) answer(verdict, std::move(kept));
    }
};

struct PackChecker::Wanted {
    std::set<git::PackDigest> packs;
    KeptPacks kept;  // of those that were here when it was looked last
    std::optional<PublicKey> holder;
    PackGate::Stored stored;
    std::atomic<std::size_t> missing = 0;
};

PackChecker::PackChecker(CheckedPacks& checked_packs, PackFetcher& fetcher, OpenPacks open_packs,
                         const CheckOptions& options)
    : checked_packs_(checked_packs),
      fetcher_(fetcher),
      open_packs_(std::move(open_packs)),
      options_(options),
      pool_(options.threads) {}

void PackChecker::check(PackQuestion question, PackGate::Answer answer) {
    auto pending = std::make_shared<Pending>();
    pending->question = std::move(question);
    pending->answer = std::move(answer);
    look(pending);
}

// Judges once every pack is here.
void PackChecker::look(const std::shared_ptr<Pending>& pending) {
    const std::set<git::PackDigest> packs = packs_of(pending->question.claims);
    // One more, so that it is judged once.
    pending->missing = packs.size() + 1;
    const auto one_less = [this, pending] {
        if (--pending->missing > 0) return;
        pool_.submit([this, pending] { judge(pending); });
    };
    for (const git::PackDigest& pack : packs) {
        const auto held = checked_packs_.hold(pack);
        if (held && *held) {
            one_less();
            continue;
        }
        fetcher_.want({pack, pending->question.holder,
                       [asker = pending->question.asker] { return !asker.expired(); },
                       [pending, one_less](const Expected<void>& result) {
                           if (!result) return pending->answer_once(verdict_of(result.error()));
                           one_less();
                       },
                       options_.patience_ms});
    }
    one_less();
}

void PackChecker::judge(const std::shared_ptr<Pending>& pending) {
    if (pending->question.asker.expired()) return;
    auto kept = hold_all(packs_of(pending->question.claims));
    // One was swept away while others were waited for.
    if (!kept) return look(pending);
    const chain::StateReader state(pending->question.rows);
    Brought brought;
    for (const PackClaim& claim : pending->question.claims) {
        const auto judged = judge_claim(claim, state, brought);
        if (judged) continue;
        const bool is_lie = judged.error().code == ErrorCode::invalid ||
                            judged.error().code == ErrorCode::limit_exceeded;
        // What else goes wrong here is ours: housekeeping may have been quicker than we.
        if (is_lie || ++pending->tries == kJudgeTriesMax) return pending->answer_once(Verdict::bad);
        std::this_thread::sleep_for(kJudgeAgain);
        return pool_.submit([this, pending] { judge(pending); });
    }
    pending->answer_once(Verdict::good, std::move(*kept));
}

std::optional<KeptPacks> PackChecker::hold_all(const std::set<git::PackDigest>& packs) {
    KeptPacks kept;
    for (const git::PackDigest& pack : packs) {
        auto held = checked_packs_.hold(pack);
        if (!held || !*held) return std::nullopt;
        kept.push_back(std::move(*held));
    }
    return kept;
}

Expected<void> PackChecker::judge_claim(const PackClaim& claim, const chain::StateReader& state,
                                        Brought& brought) {
    const forge::RepositoryId repository = claim.action.repository;
    const crypto::Digest digest = digest_of(claim);
    ASHLAR_TRY(std::vector<chain::RepositoryPack> before, state.packs(repository));
    for (const chain::RepositoryPack& pack : brought[repository]) before.push_back(pack);
    Holding holding;
    for (const chain::RepositoryPack& pack : before) holding.push_back(pack.pack.digest);
    std::sort(holding.begin(), holding.end());
    if (!is_known_good(digest, holding)) {
        ASHLAR_CHECK(judge_objects(claim, before));
        remember_good(digest, std::move(holding));
    }
    if (claim.action.pack) {
        // Behind all that the state has.
        brought[repository].push_back({~std::uint64_t{0}, *claim.action.pack});
    }
    return {};
}

Expected<void> PackChecker::judge_objects(const PackClaim& claim,
                                          const std::vector<chain::RepositoryPack>& before) {
    ASHLAR_TRY(const auto before_catalog, open_packs_(before));
    git::PackedObjects before_objects(before_catalog);
    std::vector<std::shared_ptr<const git::StoredPack>> own;
    std::shared_ptr<const KnownPack> known;
    if (claim.action.pack) {
        ASHLAR_TRY(known, checked_packs_.known(claim.action.pack->digest));
        if (known->reference != *claim.action.pack) {
            return fail(ErrorCode::invalid, "pack " + claim.action.pack->digest.hex() +
                                                " is not as the transaction describes it");
        }
        ASHLAR_TRY(auto stored, checked_packs_.open(claim.action.pack->digest));
        own.push_back(std::move(stored));
    }
    ASHLAR_TRY(const auto own_catalog, git::PackCatalog::open(std::move(own)));
    git::PackedObjects own_objects(own_catalog);
    git::ObjectSourceOverlay all(own_objects, before_objects);
    chain::PushedObjects objects{before_objects, all, nullptr, {}, claim.has_all_refs};
    if (known) objects.pack = &known->findings;
    objects.is_in_pack = [&own_catalog](const git::ObjectId& id) {
        const auto found = own_catalog->contains(id);
        return found && *found;
    };
    return chain::check_pushed_objects(claim.action, objects);
}

bool PackChecker::is_known_good(const crypto::Digest& claim, const Holding& before) {
    const std::lock_guard lock(mutex_);
    const auto found = good_.find(claim);
    return found != good_.end() &&
           std::includes(before.begin(), before.end(), found->second.begin(), found->second.end());
}

void PackChecker::remember_good(const crypto::Digest& claim, Holding before) {
    if (before.size() > options_.packs_per_answer_max) return;
    const std::lock_guard lock(mutex_);
    forget_good(claim);
    good_packs_ += before.size();
    good_.emplace(claim, std::move(before));
    good_in_order_.push_back(claim);
    // One that was remembered anew is in the order twice, and goes with the first.
    while (good_in_order_.size() > options_.answers_max ||
           good_packs_ > options_.answer_packs_max) {
        forget_good(good_in_order_.front());
        good_in_order_.pop_front();
    }
}

void PackChecker::forget_good(const crypto::Digest& claim) {
    const auto found = good_.find(claim);
    if (found == good_.end()) return;
    good_packs_ -= found->second.size();
    good_.erase(found);
}

void PackChecker::want(const std::vector<forge::PackReference>& packs,
                       const std::optional<PublicKey>& holder, PackGate::Stored stored) {
    auto wanted = std::make_shared<Wanted>();
    for (const forge::PackReference& pack : packs) wanted->packs.insert(pack.digest);
    wanted->holder = holder;
    wanted->stored = std::move(stored);
    look(wanted);
}

// What is here stays while the rest comes, however long that takes.
void PackChecker::look(const std::shared_ptr<Wanted>& wanted) {
    KeptPacks kept;
    std::set<git::PackDigest> missing;
    for (const git::PackDigest& pack : wanted->packs) {
        auto held = checked_packs_.hold(pack);
        if (held && *held) {
            kept.push_back(std::move(*held));
        } else {
            missing.insert(pack);
        }
    }
    if (missing.empty()) return wanted->stored(std::move(kept));
    wanted->kept = std::move(kept);
    wanted->missing = missing.size();
    for (const git::PackDigest& pack : missing) want_one(wanted, pack, 0);
}

void PackChecker::want_one(const std::shared_ptr<Wanted>& wanted, const git::PackDigest& pack,
                           std::uint32_t delay_ms) {
    fetcher_.want({pack, wanted->holder, nullptr,
                   [this, wanted, pack](const Expected<void>& result) {
                       // A quorum has it, so there is a way.
                       if (!result) return want_one(wanted, pack, kWantAgainMs);
                       if (--wanted->missing == 0) look(wanted);
                   },
                   delay_ms});
}

void PackChecker::keep(const std::vector<forge::PackReference>& packs,
                       const PackGate::Stored& stored) {
    std::set<git::PackDigest> digests;
    for (const forge::PackReference& pack : packs) digests.insert(pack.digest);
    if (auto kept = hold_all(digests)) stored(std::move(*kept));
}

}  // namespace ashlar::validator
