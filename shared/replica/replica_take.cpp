// What comes from upstreams, asked for or not, and is checked before it counts.
#include <utility>

#include "api/proof_json.h"
#include "codec/block.h"
#include "forge/names.h"
#include "git/listed_refs.h"
#include "replica/fetched_pack.h"
#include "replica/replica.h"

namespace ashlar::replica {

namespace {

Unexpected broken(const char* why) {
    return fail(ErrorCode::invalid, std::string("checkpoint: ") + why);
}

std::string epoch_address(ledger::Epoch epoch) {
    return std::string(api::kAshlarPrefix) + "/epochs/" + std::to_string(epoch.value);
}

Unexpected older(ledger::Height height, ledger::Height seen) {
    return fail(ErrorCode::conflict, "height " + std::to_string(height.value) + " is older than " +
                                         std::to_string(seen.value) + ", which was seen before");
}

// The list with the changes made in it; both are in order.
Expected<std::vector<git::Ref>> changed_refs(const git::RefSource& before,
                                             const codec::RepositoryNews& news) {
    std::vector<git::Ref> refs;
    auto changed = news.changed.begin();
    auto removed = news.removed.begin();
    ASHLAR_CHECK(before.scan("", [&](const git::Ref& ref) {
        while (changed != news.changed.end() && changed->name < ref.name) {
            refs.push_back(*changed++);
        }
        while (removed != news.removed.end() && *removed < ref.name) ++removed;
        const bool is_changed = changed != news.changed.end() && changed->name == ref.name;
        const bool is_removed = removed != news.removed.end() && *removed == ref.name;
        if (is_changed) refs.push_back(*changed++);
        if (!is_changed && !is_removed) refs.push_back(ref);
        return true;
    }));
    refs.insert(refs.end(), changed, news.changed.end());
    return refs;
}

}  // namespace

std::uint64_t Replica::bytes_max(const std::string& address) const {
    const Wanted* wanted = contents_->find_wanted(address);
    return wanted == nullptr ? 0 : replica::bytes_max(*wanted);
}

Expected<void> Replica::take(const std::string& address, Bytes answer) {
    const Wanted* found = contents_->find_wanted(address);
    if (found == nullptr) return fail(ErrorCode::invalid, address + ": nobody asked for it");
    const Wanted wanted = *found;
    if (wanted.kind == Wanted::Kind::epoch) return take_epoch(address, answer);
    if (wanted.kind == Wanted::Kind::checkpoint) return take_checkpoint(address, wanted, answer);
    return contents_->take(address, std::move(answer));
}

Expected<void> Replica::take_epoch(const std::string& address, ByteView answer) {
    ASHLAR_TRY(const auto change, codec::decode_epoch_change(answer));
    // Another repository's checkpoint may have led there already.
    if (epoch_address(light_.state().epoch) == address) {
        ASHLAR_CHECK(light_.follow(change, verifier_));
    }
    contents_->forget_wanted(address);
    return {};
}

Expected<void> Replica::prove_header(const codec::FinalizedHeader& finalized) {
    const ledger::BlockHeader& header = finalized.header;
    if (header.chain != light_.state().chain) return broken("is of another network");
    if (header.epoch < light_.state().epoch) {
        return fail(ErrorCode::conflict, "checkpoint: is of an epoch that is over");
    }
    if (header.epoch > light_.state().epoch) {
        Wanted epoch;
        epoch.kind = Wanted::Kind::epoch;
        return contents_->want(epoch_address(light_.state().epoch), epoch);
    }
    if (header.height >= light_.state().height) return light_.advance(finalized, verifier_);
    return chain::verify_header(light_.trust(), finalized, verifier_);
}

Expected<Replica::Known> Replica::prove(codec::RepositoryCheckpoint checkpoint,
                                        ledger::Height height_min) {
    const ledger::BlockHeader& header = checkpoint.finalized.header;
    if (checkpoint.chain != light_.state().chain) return broken("is of another network");
    ASHLAR_CHECK(prove_header(checkpoint.finalized));
    if (header.height < height_min) return older(header.height, height_min);
    Known known;
    ASHLAR_TRY(known.record, chain::verify_repository(header.state_root, checkpoint.owner,
                                                      checkpoint.repository, checkpoint.proof));
    known.owner = checkpoint.owner;
    known.name = checkpoint.repository;
    known.packs = std::exchange(checkpoint.packs, {});
    known.height = header.height;
    known.time_ms = header.time_ms;
    known.checkpoint = std::make_shared<const codec::RepositoryCheckpoint>(std::move(checkpoint));
    return known;
}

Replica::Known& Replica::remember(Known known) {
    const Name key{forge::fold_name(known.owner), forge::fold_name(known.name)};
    if (known_.size() >= kRepositoriesMax && !known_.contains(key)) {
        const Known& first = known_.begin()->second;
        if (first.announced) released_.push_back({first.owner, first.name});
        known_.erase(known_.begin());
    }
    Known& old = known_[key];
    if (known.refs == nullptr && old.record && known.record &&
        old.record->refs_root == known.record->refs_root &&
        old.record->default_branch == known.record->default_branch) {
        known.refs = old.refs;
    }
    if (old.packs == known.packs) {
        known.catalog = old.catalog;
        known.fetched_catalog = old.fetched_catalog;
    }
    known.opened = std::move(old.opened);
    known.announced = old.announced;
    known.told = old.told;
    old = std::move(known);
    return old;
}

Expected<void> Replica::take_checkpoint(const std::string& address, const Wanted& wanted,
                                        ByteView answer) {
    ASHLAR_TRY(auto checkpoint, codec::decode_repository_checkpoint(answer));
    if (checkpoint.owner != wanted.owner || checkpoint.repository != wanted.repository) {
        return broken("is of another repository");
    }
    ASHLAR_TRY(Known known, prove(std::move(checkpoint), wanted.height_min));
    Known* const before = find(wanted.owner, wanted.repository);
    if (before != nullptr && known.height < before->height) {
        // Something newer was told while this was on its way.
        before->stale = false;
    } else {
        remember(std::move(known));
    }
    contents_->forget_wanted(address);
    return {};
}

void Replica::refuse(const std::string& address, Error error) {
    const Wanted* wanted = contents_->find_wanted(address);
    if (wanted == nullptr) return;
    if (wanted->kind != Wanted::Kind::checkpoint) {
        // A part that is gone was replaced by others: the newest checkpoint names them.
        const bool is_part =
            wanted->kind != Wanted::Kind::epoch && wanted->kind != Wanted::Kind::checked;
        if (is_part) refresh(wanted->owner, wanted->repository);
    } else if (error.code == ErrorCode::not_found) {
        known_.erase({forge::fold_name(wanted->owner), forge::fold_name(wanted->repository)});
    }
    contents_->refuse(address, std::move(error));
}

// ---- What is told unasked. ----

codec::SubscriberMessage Replica::subscription(bool all) {
    codec::SubscriberMessage message;
    for (auto& [key, known] : known_) {
        if (!known.record || (known.announced && !all)) continue;
        known.announced = true;
        message.hold.push_back({known.owner, known.name});
    }
    message.release.swap(released_);
    if (all) message.release.clear();
    return message;
}

Expected<std::vector<codec::RepositoryName>> Replica::hear(ByteView message) {
    ASHLAR_TRY(const codec::News news, codec::decode_news(message));
    if (const auto* header = std::get_if<codec::FinalizedHeader>(&news)) {
        // Another upstream may be ahead of the one that tells.
        if (header->header.chain == light_.state().chain &&
            header->header.height <= light_.state().height) {
            return std::vector<codec::RepositoryName>();
        }
        ASHLAR_CHECK(prove_header(*header));
        return std::vector<codec::RepositoryName>();
    }
    if (const auto* gone = std::get_if<codec::RepositoryGone>(&news)) {
        Known* const known = find(gone->name.owner, gone->name.repository);
        // Which is no proof: it is asked for.
        if (known != nullptr) known->stale = true;
        return std::vector<codec::RepositoryName>();
    }
    return hear_of(std::get<codec::RepositoryNews>(news));
}

Expected<std::vector<codec::RepositoryName>> Replica::hear_of(const codec::RepositoryNews& news) {
    const codec::RepositoryCheckpoint& checkpoint = news.checkpoint;
    Known* const before = find(checkpoint.owner, checkpoint.repository);
    if (before == nullptr || checkpoint.finalized.header.height < before->height) {
        return std::vector<codec::RepositoryName>();
    }
    ASHLAR_TRY(Known known, prove(checkpoint, before->height));
    // That changes lead to the root in the record shows that they are all there are.
    if (news.changes_from && before->record && before->refs != nullptr && known.record &&
        before->record->refs_root == *news.changes_from) {
        ASHLAR_TRY(auto refs, changed_refs(*before->refs, news));
        const auto verified = chain::verify_ref_list(*known.record, refs);
        if (!verified) return fail(ErrorCode::invalid, "news: " + verified.error().detail);
        known.refs = std::make_shared<git::ListedRefs>(
            std::move(refs), "refs/heads/" + known.record->default_branch);
    }
    const bool is_changed = before->record != known.record || before->packs != known.packs;
    Known& now = remember(std::move(known));
    now.told = true;
    std::vector<codec::RepositoryName> names;
    if (is_changed && now.record) names.push_back({now.owner, now.name});
    return names;
}

void Replica::unsubscribed() {
    for (auto& [key, known] : known_) {
        known.announced = false;
        known.told = false;
    }
    released_.clear();
}

std::vector<HeldRepository> Replica::held() const {
    std::vector<HeldRepository> all;
    for (const auto& [key, known] : known_) {
        if (known.record) all.push_back({{known.owner, known.name}, known.height, known.time_ms});
    }
    return all;
}

}  // namespace ashlar::replica
