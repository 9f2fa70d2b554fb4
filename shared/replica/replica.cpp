#include "replica/replica.h"

#include "api/proof_json.h"
#include "forge/names.h"
#include "git/listed_refs.h"
#include "git/pack/packed_objects.h"
#include "replica/checked_objects.h"
#include "replica/fetched_pack.h"

namespace ashlar::replica {

namespace {

Unexpected broken(const char* why) {
    return fail(ErrorCode::invalid, std::string("checkpoint: ") + why);
}

std::string epoch_address(ledger::Epoch epoch) {
    return std::string(api::kAshlarPrefix) + "/epochs/" + std::to_string(epoch.value);
}

}  // namespace

std::unique_ptr<git::ObjectSource> OpenedRepository::objects() const {
    return std::make_unique<CheckedObjects>(std::make_unique<git::PackedObjects>(packs));
}

Replica::Replica(chain::LightClient light, ContentStore& store, const consensus::Verifier& verifier,
                 ContentsOptions options)
    : light_(std::move(light)),
      verifier_(verifier),
      contents_(std::make_shared<Contents>(store, options)) {}

Expected<OpenedRepository> Replica::open(std::string_view owner, std::string_view name) {
    const std::string owner_text(owner);
    const std::string name_text(name);
    const std::string what = "repository " + forge::full_name(owner, name);
    if (!forge::check_login(owner) || !forge::check_repository_name(name)) {
        return fail(ErrorCode::not_found, what);
    }
    ASHLAR_TRY(Known* const known, know(owner_text, name_text));
    if (!known->record || known->record->visibility != forge::Visibility::visible_to_all) {
        return fail(ErrorCode::not_found, what);
    }
    if (known->packs.empty() && known->record->ref_count > 0) {
        return fail(ErrorCode::unsupported,
                    what + " is being cleaned where it comes from, and served there only");
    }
    // Both, so that what both lack is fetched at once.
    const auto refs = open_refs(owner_text, name_text, *known);
    const auto packs = open_packs(owner_text, name_text, *known);
    ASHLAR_CHECK(refs);
    ASHLAR_CHECK(packs);
    OpenedRepository opened;
    opened.owner = owner_text;
    opened.record = *known->record;
    opened.height = known->height;
    opened.time_ms = known->time_ms;
    opened.refs = known->refs;
    opened.packs = known->catalog;
    return opened;
}

Expected<Replica::Known*> Replica::know(const std::string& owner, const std::string& name) {
    const auto found = known_.find({forge::fold_name(owner), forge::fold_name(name)});
    if (found != known_.end() && !found->second.stale) return &found->second;
    Wanted wanted;
    wanted.kind = Wanted::Kind::checkpoint;
    wanted.owner = owner;
    wanted.repository = name;
    Unexpected missing = contents_->want(repository_address(owner, name, "checkpoint"), wanted);
    if (missing.value().code == ErrorCode::needs_data || found == known_.end()) return missing;
    // Nobody has it: better what was final then than nothing.
    found->second.stale = false;
    return &found->second;
}

void Replica::refresh(std::string_view owner, std::string_view name) {
    const auto found = known_.find({forge::fold_name(owner), forge::fold_name(name)});
    if (found != known_.end()) found->second.stale = true;
}

void Replica::forget(std::string_view owner, std::string_view name) {
    contents_->forget_refusals(repository_address(owner, name, ""));
    known_.erase({forge::fold_name(owner), forge::fold_name(name)});
}

Expected<void> Replica::open_refs(const std::string& owner, const std::string& name, Known& known) {
    if (known.refs != nullptr) return {};
    const forge::Repository& record = *known.record;
    codec::RefList list;
    if (record.ref_count > 0) {
        Wanted wanted{Wanted::Kind::refs, owner, name, record.refs_root, record, {}};
        const std::string part = "refs/" + record.refs_root.hex();
        ASHLAR_TRY(const auto content,
                   contents_->get(repository_address(owner, name, part), wanted));
        ASHLAR_TRY(list, codec::decode_ref_list(*content));
    }
    known.refs = std::make_shared<git::ListedRefs>(std::move(list.refs),
                                                   "refs/heads/" + record.default_branch);
    return {};
}

Expected<void> Replica::open_packs(const std::string& owner, const std::string& name,
                                   Known& known) {
    if (known.catalog != nullptr) return {};
    std::vector<std::shared_ptr<const git::StoredPack>> packs;
    std::optional<Error> failure;
    for (const forge::PackReference& reference : known.packs) {
        auto pack = open_fetched_pack(contents_, owner, name, reference);
        if (pack) {
            packs.push_back(*std::move(pack));
        } else if (!failure || failure->code == ErrorCode::needs_data) {
            failure = pack.error();
        }
    }
    if (failure) return Unexpected(*failure);
    ASHLAR_TRY(known.catalog, git::PackCatalog::open(std::move(packs)));
    return {};
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

Expected<void> Replica::take_checkpoint(const std::string& address, const Wanted& wanted,
                                        ByteView answer) {
    ASHLAR_TRY(auto checkpoint, codec::decode_repository_checkpoint(answer));
    const ledger::BlockHeader& header = checkpoint.finalized.header;
    if (checkpoint.chain != light_.state().chain || header.chain != light_.state().chain) {
        return broken("is of another network");
    }
    if (checkpoint.owner != wanted.owner || checkpoint.repository != wanted.repository) {
        return broken("is of another repository");
    }
    if (header.epoch < light_.state().epoch) {
        return fail(ErrorCode::conflict, "checkpoint: is of an epoch that is over");
    }
    if (header.epoch > light_.state().epoch) {
        Wanted epoch;
        epoch.kind = Wanted::Kind::epoch;
        return contents_->want(epoch_address(light_.state().epoch), epoch);
    }
    chain::LightClient next = light_;
    ASHLAR_CHECK(next.advance(checkpoint.finalized, verifier_));
    ASHLAR_TRY(auto record, chain::verify_checkpoint(next.trust(), checkpoint, verifier_));
    light_ = std::move(next);
    Known known;
    known.record = std::move(record);
    known.packs = std::move(checkpoint.packs);
    known.height = header.height;
    known.time_ms = header.time_ms;
    const Name key{forge::fold_name(wanted.owner), forge::fold_name(wanted.repository)};
    if (known_.size() >= kRepositoriesMax && !known_.contains(key)) known_.erase(known_.begin());
    Known& old = known_[key];
    if (old.record && known.record && old.record->refs_root == known.record->refs_root &&
        old.record->default_branch == known.record->default_branch) {
        known.refs = old.refs;
    }
    if (old.packs == known.packs) known.catalog = old.catalog;
    old = std::move(known);
    contents_->forget_wanted(address);
    return {};
}

void Replica::refuse(const std::string& address, Error error) {
    const Wanted* wanted = contents_->find_wanted(address);
    if (wanted == nullptr) return;
    if (wanted->kind != Wanted::Kind::checkpoint) {
        // A part that is gone was replaced by others: the newest checkpoint names them.
        refresh(wanted->owner, wanted->repository);
    } else if (error.code == ErrorCode::not_found) {
        known_.erase({forge::fold_name(wanted->owner), forge::fold_name(wanted->repository)});
    }
    contents_->refuse(address, std::move(error));
}

}  // namespace ashlar::replica
