#include "native/storage/file_pack_store.h"

#include <algorithm>
#include <utility>

#include "native/storage/file_pack_staging.h"
#include "native/storage/pack_shelf.h"

namespace ashlar::storage {
namespace {

Expected<void> verify_extents(const git::StoredPack& pack) {
    Bytes buffer;
    for (std::size_t extent = 0; extent < pack.manifest.extents.size(); ++extent) {
        const std::uint64_t offset = extent * git::kPackExtentSize;
        buffer.resize(static_cast<std::size_t>(
            std::min<std::uint64_t>(git::kPackExtentSize, pack.manifest.size - offset)));
        ASHLAR_CHECK(pack.body->read(offset, buffer));
        if (crypto::hash(git::kPackExtentDomain, buffer) == pack.manifest.extents[extent]) continue;
        return fail(ErrorCode::corrupt, "pack " + pack.digest.hex() + " is damaged in the extent " +
                                            "at offset " + std::to_string(offset));
    }
    return {};
}

}  // namespace

FilePackStore::FilePackStore(std::shared_ptr<PackShelf> shelf) : shelf_(std::move(shelf)) {}
FilePackStore::~FilePackStore() = default;

Expected<std::unique_ptr<FilePackStore>> FilePackStore::open(KeyValue& rows,
                                                             std::shared_ptr<FileSystem> files,
                                                             OnFailure on_failure,
                                                             const FilePackStoreOptions& options) {
    auto shelf =
        std::make_shared<PackShelf>(rows, std::move(files), std::move(on_failure), options);
    ASHLAR_CHECK(shelf->make_folders());
    ASHLAR_CHECK(shelf->sweep());
    return std::unique_ptr<FilePackStore>(new FilePackStore(std::move(shelf)));
}

Expected<std::unique_ptr<git::PackStaging>> FilePackStore::stage() {
    return std::make_unique<FilePackStaging>(shelf_);
}

Expected<std::shared_ptr<const git::StoredPack>> FilePackStore::open(
    const git::PackDigest& digest) {
    return shelf_->open(digest);
}

Expected<bool> FilePackStore::contains(const git::PackDigest& digest) {
    ASHLAR_TRY(const auto shelved, shelf_->find(digest));
    return shelved.has_value();
}

Expected<std::vector<git::PackDigest>> FilePackStore::list() {
    return shelf_->list();
}

Expected<void> FilePackStore::remove(const git::PackDigest& digest) {
    return shelf_->remove(digest);
}

Expected<void> FilePackStore::put_graph(const git::PackDigest& digest, ByteView graph) {
    return shelf_->put_graph(digest, graph);
}

Expected<void> FilePackStore::verify(const git::PackDigest& digest) {
    ASHLAR_TRY(const auto pack, shelf_->open(digest));
    ASHLAR_CHECK(verify_extents(*pack));
    Bytes index(static_cast<std::size_t>(pack->index->size()));
    ASHLAR_CHECK(pack->index->read(0, index));
    if (crypto::hash(git::kPackIndexDomain, index) == pack->manifest.index_digest) return {};
    return fail(ErrorCode::corrupt, "the index of pack " + digest.hex() + " is damaged");
}

}  // namespace ashlar::storage
