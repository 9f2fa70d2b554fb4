#include "replica/replica.h"

#include "forge/names.h"
#include "git/listed_refs.h"
#include "git/pack/packed_objects.h"
#include "replica/checked_objects.h"
#include "replica/fetched_pack.h"

namespace ashlar::replica {

std::unique_ptr<git::ObjectSource> OpenedRepository::objects() const {
    return std::make_unique<CheckedObjects>(std::make_unique<git::PackedObjects>(fetched_packs));
}

Replica::Replica(chain::LightClient light, ContentStore& store, const consensus::Verifier& verifier,
                 ContentsOptions options)
    : light_(std::move(light)),
      verifier_(verifier),
      contents_(std::make_shared<Contents>(store, options)) {}

Expected<Replica::Known*> Replica::know_public(const std::string& owner, const std::string& name) {
    const std::string what = "repository " + forge::full_name(owner, name);
    if (!forge::check_login(owner) || !forge::check_repository_name(name)) {
        return fail(ErrorCode::not_found, what);
    }
    ASHLAR_TRY(Known* const known, know(owner, name));
    if (!known->record || known->record->visibility != forge::Visibility::visible_to_all) {
        return fail(ErrorCode::not_found, what);
    }
    return known;
}

Expected<ProvenRepository> Replica::proven(std::string_view owner, std::string_view name) {
    const std::string owner_text(owner);
    const std::string name_text(name);
    ASHLAR_TRY(Known* const known, know_public(owner_text, name_text));
    ASHLAR_CHECK(open_refs(owner_text, name_text, *known));
    return ProvenRepository{known->checkpoint, *known->record, known->refs};
}

Expected<OpenedRepository> Replica::open(std::string_view owner, std::string_view name) {
    const std::string owner_text(owner);
    const std::string name_text(name);
    ASHLAR_TRY(Known* const known, know_public(owner_text, name_text));
    if (known->packs.empty() && known->record->ref_count > 0) {
        return fail(ErrorCode::unsupported,
                    "repository " + forge::full_name(owner, name) +
                        " is being cleaned where it comes from, and served there only");
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
    opened.unconfirmed = known->unconfirmed;
    opened.refs = known->refs;
    opened.packs = known->catalog;
    opened.fetched_packs = known->fetched_catalog;
    return opened;
}

Replica::Known* Replica::find(std::string_view owner, std::string_view name) {
    const auto found = known_.find({forge::fold_name(owner), forge::fold_name(name)});
    return found == known_.end() ? nullptr : &found->second;
}

Expected<Replica::Known*> Replica::know(const std::string& owner, const std::string& name) {
    Known* const known = find(owner, name);
    if (known != nullptr && !known->stale) return known;
    const std::string address = repository_address(owner, name, "checkpoint");
    Wanted wanted;
    wanted.kind = Wanted::Kind::checkpoint;
    wanted.owner = owner;
    wanted.repository = name;
    const Wanted* const asked = contents_->find_wanted(address);
    wanted.height_min = asked == nullptr ? light_.state().height : asked->height_min;
    Unexpected missing = contents_->want(address, wanted);
    if (missing.value().code == ErrorCode::needs_data || known == nullptr) return missing;
    // Nobody has it: better what was final then than nothing.
    known->stale = false;
    known->unconfirmed = true;
    return known;
}

void Replica::refresh(std::string_view owner, std::string_view name, std::uint64_t older_than_ms) {
    Known* const known = find(owner, name);
    if (known == nullptr) return;
    // When packs are clean again is not told.
    const bool has_packs = !known->packs.empty();
    if (known->told && has_packs && known->time_ms >= older_than_ms) return;
    known->stale = true;
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
        Wanted wanted{Wanted::Kind::refs, owner, name, record.refs_root, record, {}, {}};
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
    std::map<PackParts, FetchedPack> opened;
    std::vector<std::shared_ptr<const git::StoredPack>> checked;
    std::vector<std::shared_ptr<const git::StoredPack>> fetched;
    std::optional<Error> failure;
    for (const forge::PackReference& reference : known.packs) {
        const PackParts parts{reference.digest, reference.index_digest};
        // What was opened for an earlier state, or a moment ago, need not be looked at again.
        const auto before = known.opened.find(parts);
        auto pack = before != known.opened.end()
                        ? Expected<FetchedPack>(before->second)
                        : open_fetched_pack(contents_, owner, name, reference, checks_);
        if (pack) {
            checked.push_back(pack->checked);
            fetched.push_back(pack->stored);
            opened.insert_or_assign(parts, *std::move(pack));
        } else if (!failure || failure->code == ErrorCode::needs_data) {
            failure = pack.error();
        }
    }
    known.opened = std::move(opened);
    if (failure) return Unexpected(*failure);
    ASHLAR_TRY(known.fetched_catalog, git::PackCatalog::open(std::move(fetched)));
    ASHLAR_TRY(known.catalog, git::PackCatalog::open(std::move(checked)));
    return {};
}

std::optional<Replica::Findings> Replica::take_findings() {
    while (!checks_->changed.empty()) {
        const std::shared_ptr<EntryChecks> checks = checks_->changed.back().lock();
        checks_->changed.pop_back();
        if (checks != nullptr) return Findings{checks->address(), checks->encode()};
    }
    return std::nullopt;
}

}  // namespace ashlar::replica
