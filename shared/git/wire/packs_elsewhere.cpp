#include "git/wire/packs_elsewhere.h"

#include "git/pack/pack_writer.h"
#include "git/walk/object_id_map.h"

namespace ashlar::git {
namespace {

Expected<bool> wants_every_tip(const RefSource& refs, const FetchRequest& request) {
    ObjectIdSet wanted;
    for (const ObjectId& id : request.wants) wanted.insert(id);
    bool every = true;
    ASHLAR_CHECK(refs.scan("refs/", [&](const Ref& ref) {
        every = wanted.contains(ref.id);
        return every;
    }));
    return every;
}

Expected<std::optional<PackElsewhere>> elsewhere(const RepositoryView& repository,
                                                 const FetchRequest& request,
                                                 const std::shared_ptr<const StoredPack>& pack) {
    std::optional<PackElsewhere> found;
    if (pack->manifest.size < kPackElsewhereSizeMin) return found;
    auto uri = repository.downloads->pack_uri(pack, request.pack_uri_protocols);
    if (!uri) return found;
    crypto::Sha1Digest trailer{};
    ASHLAR_CHECK(pack->body->read(pack->manifest.size - trailer.size(), trailer));
    found = PackElsewhere{to_hex(trailer), *std::move(uri)};
    return found;
}

// The objects of these packs, each once. A pack holds all that its deltas build on.
Expected<std::unique_ptr<ChunkStream>> pack_of(const RepositoryView& repository,
                                               const std::vector<std::size_t>& numbers,
                                               const FetchRequest& request) {
    ObjectIdSet seen;
    std::vector<ObjectId> ids;
    for (const std::size_t number : numbers) {
        ASHLAR_CHECK(repository.packs->scan_by_offset(
            number, [&](const ObjectId& id, const PackIndexEntry&) {
                if (seen.insert(id)) ids.push_back(id);
                return true;
            }));
    }
    if (ids.empty()) {
        return std::unique_ptr<ChunkStream>(
            std::make_unique<PackConcatenation>(std::vector<std::shared_ptr<const StoredPack>>()));
    }
    PackWriterOptions options;
    options.offset_deltas = request.ofs_delta;
    ASHLAR_TRY(auto writer, PackWriter::create(repository.packs, ids, std::move(options)));
    return std::unique_ptr<ChunkStream>(std::move(writer));
}

}  // namespace

Expected<std::optional<CloneFromElsewhere>> clone_from_elsewhere(const RepositoryView& repository,
                                                                 const FetchRequest& request) {
    std::optional<CloneFromElsewhere> none;
    const bool is_filtered = request.filter && !request.filter->empty();
    if (repository.downloads == nullptr || request.pack_uri_protocols.empty() || is_filtered ||
        repository.unreachable != Unreachable::none) {
        return none;
    }
    ASHLAR_TRY(const bool every, wants_every_tip(repository.refs, request));
    if (!every) return none;
    CloneFromElsewhere clone;
    std::vector<std::size_t> others;
    for (std::size_t i = 0; i < repository.packs->pack_count(); ++i) {
        ASHLAR_TRY(auto found, elsewhere(repository, request, repository.packs->shared_pack(i)));
        if (found) {
            clone.packs.push_back(*std::move(found));
        } else {
            others.push_back(i);
        }
    }
    if (clone.packs.empty()) return none;
    ASHLAR_TRY(clone.rest, pack_of(repository, others, request));
    return std::optional<CloneFromElsewhere>(std::move(clone));
}

}  // namespace ashlar::git
