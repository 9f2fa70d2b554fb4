#include "native/storage/pack_shelf.h"

#include <algorithm>
#include <utility>

#include "base/memory_bytes.h"
#include "git/pack/pack_graph.h"
#include "git/pack/pack_index.h"

namespace ashlar::storage {
namespace {

constexpr std::string_view kManifestPrefix = "Pm";
constexpr std::string_view kBodyPrefix = "Pb";
constexpr std::string_view kIndexPrefix = "Pi";
constexpr std::string_view kDoomedPrefix = "Pd";
constexpr std::string_view kPackFolder = "packs";
constexpr std::string_view kStagingFolder = "staging";

Bytes row_key(std::string_view prefix, const git::PackDigest& digest) {
    Bytes key = to_bytes(prefix);
    append(key, digest.digest.view());
    return key;
}

Expected<git::PackDigest> digest_in(std::string_view prefix, ByteView key) {
    ASHLAR_TRY(const auto digest, crypto::Digest::from_bytes(key.subspan(prefix.size())));
    return git::PackDigest{digest};
}

Bytes encode_row(const ShelvedPack& pack) {
    Bytes row = {static_cast<Byte>(pack.placement)};
    append(row, git::encode(pack.manifest));
    return row;
}

Expected<ShelvedPack> decode_row(const git::PackDigest& digest, ByteView row) {
    if (row.empty() || row[0] > static_cast<Byte>(Placement::files)) {
        return fail(ErrorCode::corrupt, "the manifest of pack " + digest.hex() +
                                            " names a placement that does not exist");
    }
    auto manifest = git::decode_pack_manifest(row.subspan(1));
    if (!manifest || manifest->digest() != digest) {
        return fail(ErrorCode::corrupt,
                    "the manifest of pack " + digest.hex() + " does not match its name");
    }
    return ShelvedPack{static_cast<Placement>(row[0]), std::move(*manifest)};
}

std::string folder_of(const git::PackDigest& digest) {
    return std::string(kPackFolder) + "/" + digest.hex().substr(0, 2);
}

}  // namespace

std::string pack_path(const git::PackDigest& digest) {
    return folder_of(digest) + "/" + digest.hex() + ".pack";
}
std::string index_path(const git::PackDigest& digest) {
    return folder_of(digest) + "/" + digest.hex() + ".index";
}
std::string graph_path(const git::PackDigest& digest) {
    return folder_of(digest) + "/" + digest.hex() + ".graph";
}
std::string staged_pack_path(const std::string& name) {
    return std::string(kStagingFolder) + "/" + name + ".pack";
}
std::string staged_index_path(const std::string& name) {
    return std::string(kStagingFolder) + "/" + name + ".index";
}
std::string staged_graph_path(const std::string& name) {
    return std::string(kStagingFolder) + "/" + name + ".graph";
}

// Reads a small pack from its row, by way of the cache.
class PackShelf::RowBody final : public RandomAccess {
  public:
    RowBody(std::shared_ptr<PackShelf> shelf, git::PackDigest digest)
        : shelf_(std::move(shelf)), digest_(digest) {
        shelf_->begin_reading(digest_);
    }
    ~RowBody() override { shelf_->end_reading(digest_); }
    RowBody(const RowBody&) = delete;
    RowBody& operator=(const RowBody&) = delete;

    void set_size(std::uint64_t size) { size_ = size; }
    std::uint64_t size() const override { return size_; }
    Expected<void> read(std::uint64_t offset, std::span<Byte> into) const override {
        if (offset > size_ || into.size() > size_ - offset) {
            return fail(ErrorCode::corrupt,
                        "a read of pack " + digest_.hex() + " ends beyond its end");
        }
        ASHLAR_TRY(const auto body, shelf_->read_body(digest_));
        if (body->size() != size_) {
            return fail(ErrorCode::corrupt, "the body of pack " + digest_.hex() + " has " +
                                                std::to_string(body->size()) + " bytes, not " +
                                                std::to_string(size_));
        }
        const auto first = body->begin() + static_cast<std::ptrdiff_t>(offset);
        std::copy(first, first + static_cast<std::ptrdiff_t>(into.size()), into.begin());
        return {};
    }

  private:
    std::shared_ptr<PackShelf> shelf_;
    const git::PackDigest digest_;
    std::uint64_t size_ = 0;
};

PackShelf::PackShelf(KeyValue& rows, std::shared_ptr<FileSystem> files,
                     FilePackStore::OnFailure on_failure, const FilePackStoreOptions& options)
    : rows_(rows),
      files_(std::move(files)),
      on_failure_(std::move(on_failure)),
      options_(options),
      cache_(options.body_cache_bytes) {}

std::string PackShelf::next_staging_name() {
    return std::to_string(++staging_count_);
}

std::mutex& PackShelf::stripe(const git::PackDigest& digest) {
    return stripes_[digest.digest.bytes[0] % stripes_.size()];
}

// A commit that failed may be on the disk or not, whatever the reason.
Expected<void> PackShelf::commit(const WriteBatch& batch, Durability durability) {
    auto committed = rows_.commit(batch, durability);
    if (!committed) on_failure_(committed.error());
    return committed;
}

Expected<void> PackShelf::make_folders() {
    ASHLAR_CHECK(files_->make_folder(std::string(kPackFolder)));
    ASHLAR_CHECK(files_->make_folder(std::string(kStagingFolder)));
    return files_->sync_folder(".");
}

Expected<void> PackShelf::sweep() {
    ASHLAR_TRY(const auto staged, files_->list(std::string(kStagingFolder)));
    for (const std::string& name : staged) {
        ASHLAR_CHECK(files_->remove(std::string(kStagingFolder) + "/" + name));
    }
    ASHLAR_CHECK(sweep_files());
    return sweep_rows();
}

Expected<void> PackShelf::sweep_files() {
    ASHLAR_TRY(const auto folders, files_->list(std::string(kPackFolder)));
    for (const std::string& folder : folders) {
        const std::string path = std::string(kPackFolder) + "/" + folder;
        ASHLAR_TRY(const auto names, files_->list(path));
        for (const std::string& name : names) {
            const auto digest = crypto::Digest::from_hex(name.substr(0, name.find('.')));
            if (!digest) continue;  // not ours
            ASHLAR_TRY(const auto shelved, find(git::PackDigest{*digest}));
            if (shelved && shelved->placement == Placement::files) continue;
            ASHLAR_CHECK(files_->remove(path + "/" + name));
        }
    }
    return {};
}

Expected<void> PackShelf::sweep_rows() {
    WriteBatch batch;
    ASHLAR_CHECK(rows_.scan_prefix(as_bytes(kDoomedPrefix), [&batch](ByteView key, ByteView) {
        const auto digest = digest_in(kDoomedPrefix, key);
        if (!digest) return true;
        batch.remove(row_key(kBodyPrefix, *digest));
        batch.remove(row_key(kIndexPrefix, *digest));
        batch.remove(key);
        return true;
    }));
    if (batch.empty()) return {};
    return commit(batch, Durability::buffered);
}

Expected<std::optional<ShelvedPack>> PackShelf::find(const git::PackDigest& digest) const {
    ASHLAR_TRY(const auto row, rows_.get(row_key(kManifestPrefix, digest)));
    if (!row) return std::optional<ShelvedPack>{};
    ASHLAR_TRY(auto pack, decode_row(digest, *row));
    return std::optional<ShelvedPack>(std::move(pack));
}

Expected<std::vector<git::PackDigest>> PackShelf::list() const {
    std::vector<git::PackDigest> digests;
    std::optional<Error> bad;
    ASHLAR_CHECK(rows_.scan_prefix(as_bytes(kManifestPrefix), [&](ByteView key, ByteView) {
        const auto digest = digest_in(kManifestPrefix, key);
        if (digest) {
            digests.push_back(*digest);
        } else {
            bad = Error{ErrorCode::corrupt, "a pack's manifest stands under a broken key"};
        }
        return digest.has_value();
    }));
    if (bad) return Unexpected(*bad);
    return digests;
}

Expected<void> PackShelf::put_in_rows(const git::PackManifest& manifest, ByteView body,
                                      ByteView index) {
    const git::PackDigest digest = manifest.digest();
    const std::lock_guard lock(stripe(digest));
    ASHLAR_TRY(const auto shelved, find(digest));
    if (shelved) return {};
    WriteBatch batch;
    batch.put(row_key(kBodyPrefix, digest), body);
    batch.put(row_key(kIndexPrefix, digest), index);
    batch.put(row_key(kManifestPrefix, digest), encode_row({Placement::rows, manifest}));
    batch.remove(row_key(kDoomedPrefix, digest));
    ASHLAR_CHECK(commit(batch, Durability::synced));
    const std::lock_guard open_lock(open_mutex_);
    const auto readers = readers_.find(digest);
    if (readers != readers_.end()) readers->second.removed = false;
    return {};
}

Expected<void> PackShelf::put_in_files(const git::PackManifest& manifest,
                                       const std::string& staged) {
    const git::PackDigest digest = manifest.digest();
    const std::lock_guard lock(stripe(digest));
    ASHLAR_TRY(const auto shelved, find(digest));
    if (shelved) {
        ASHLAR_CHECK(files_->remove(staged_pack_path(staged)));
        return files_->remove(staged_index_path(staged));
    }
    ASHLAR_CHECK(watched(files_->make_folder(folder_of(digest))));
    ASHLAR_CHECK(watched(files_->sync_folder(std::string(kPackFolder))));
    ASHLAR_CHECK(watched(files_->rename(staged_pack_path(staged), pack_path(digest))));
    ASHLAR_CHECK(watched(files_->rename(staged_index_path(staged), index_path(digest))));
    ASHLAR_CHECK(watched(files_->sync_folder(folder_of(digest))));
    WriteBatch batch;
    batch.put(row_key(kManifestPrefix, digest), encode_row({Placement::files, manifest}));
    return commit(batch, Durability::synced);
}

// A file that is torn by a crash does not match its digest, and is taken for missing.
Expected<void> PackShelf::put_graph(const git::PackDigest& digest, ByteView graph) {
    const std::string name = next_staging_name();
    ASHLAR_TRY(const auto file, files_->create(staged_graph_path(name)));
    ASHLAR_CHECK(file->append(graph));
    ASHLAR_CHECK(file->sync());
    const std::lock_guard lock(stripe(digest));
    ASHLAR_TRY(const auto shelved, find(digest));
    if (!shelved || shelved->placement != Placement::files) {
        ASHLAR_CHECK(files_->remove(staged_graph_path(name)));
        if (!shelved) return fail(ErrorCode::not_found, "pack " + digest.hex());
        return fail(ErrorCode::unsupported, "a small pack has no place for a graph");
    }
    ASHLAR_CHECK(files_->rename(staged_graph_path(name), graph_path(digest)));
    const std::lock_guard open_lock(open_mutex_);
    open_.erase(digest);
    return {};
}

Expected<std::shared_ptr<const git::StoredPack>> PackShelf::open(const git::PackDigest& digest) {
    {
        const std::lock_guard lock(open_mutex_);
        const auto found = open_.find(digest);
        if (found != open_.end()) {
            if (auto pack = found->second.lock()) return pack;
        }
    }
    ASHLAR_TRY(const auto shelved, find(digest));
    if (!shelved) return fail(ErrorCode::not_found, "pack " + digest.hex());
    ASHLAR_TRY(const std::shared_ptr<const git::StoredPack> pack,
               shelved->placement == Placement::rows ? open_rows(digest, shelved->manifest)
                                                     : open_files(digest, shelved->manifest));
    const std::lock_guard lock(open_mutex_);
    std::erase_if(open_, [](const auto& entry) { return entry.second.expired(); });
    open_[digest] = pack;
    return pack;
}

Expected<std::shared_ptr<git::StoredPack>> PackShelf::open_rows(const git::PackDigest& digest,
                                                                const git::PackManifest& manifest) {
    // From here on a removal leaves the rows; whether it came before is seen by looking again.
    auto body = std::make_shared<RowBody>(shared_from_this(), digest);
    body->set_size(manifest.size);
    ASHLAR_TRY(const auto shelved, find(digest));
    if (!shelved) return fail(ErrorCode::not_found, "pack " + digest.hex());
    ASHLAR_TRY(auto index, rows_.get(row_key(kIndexPrefix, digest)));
    if (!index || index->size() != manifest.index_size) {
        return fail(ErrorCode::corrupt,
                    "the index of pack " + digest.hex() + " is missing or of the wrong size");
    }
    auto pack = std::make_shared<git::StoredPack>();
    *pack = {digest, manifest, std::move(body), std::make_shared<MemoryBytes>(std::move(*index))};
    return pack;
}

Expected<std::shared_ptr<git::StoredPack>> PackShelf::open_files(
    const git::PackDigest& digest, const git::PackManifest& manifest) {
    auto body = files_->open(pack_path(digest), FileAccess::by_reading);
    auto index = files_->open(index_path(digest), manifest.index_size <= kMappedIndexBytesMax
                                                      ? FileAccess::by_mapping
                                                      : FileAccess::by_reading);
    for (const auto* file : {&body, &index}) {
        if (*file || file->error().code != ErrorCode::not_found) continue;
        ASHLAR_TRY(const auto shelved, find(digest));
        if (!shelved) return fail(ErrorCode::not_found, "pack " + digest.hex());
        return fail(ErrorCode::corrupt, "a stored pack has lost its file (" + file->error().detail +
                                            "); restore it from a backup");
    }
    if (!body) return Unexpected(body.error());
    if (!index) return Unexpected(index.error());
    if ((*body)->size() != manifest.size || (*index)->size() != manifest.index_size) {
        return fail(ErrorCode::corrupt, "pack " + digest.hex() + " has " +
                                            std::to_string((*body)->size()) + " bytes, not " +
                                            std::to_string(manifest.size) +
                                            ", or an index of the wrong size");
    }
    auto pack = std::make_shared<git::StoredPack>();
    *pack = {digest, manifest, std::move(*body), std::move(*index)};
    pack->graph = open_graph(digest, pack->index);
    return pack;
}

std::shared_ptr<const git::PackGraph> PackShelf::open_graph(
    const git::PackDigest& digest, const std::shared_ptr<const RandomAccess>& index) {
    auto file = files_->open(graph_path(digest), FileAccess::by_mapping);
    if (!file) return nullptr;
    const auto opened = git::PackIndex::open(index);
    if (!opened) return nullptr;
    auto graph =
        git::PackGraph::open(std::move(*file), opened->pack_checksum(), opened->object_count());
    return graph ? std::move(*graph) : nullptr;
}

Expected<std::shared_ptr<const Bytes>> PackShelf::read_body(const git::PackDigest& digest) {
    if (auto body = cache_.find(digest)) return body;
    ASHLAR_TRY(auto row, rows_.get(row_key(kBodyPrefix, digest)));
    if (!row) return fail(ErrorCode::corrupt, "the body of pack " + digest.hex() + " is missing");
    auto body = std::make_shared<const Bytes>(std::move(*row));
    cache_.put(digest, body);
    return body;
}

Expected<void> PackShelf::remove(const git::PackDigest& digest) {
    const std::lock_guard lock(stripe(digest));
    ASHLAR_TRY(const auto shelved, find(digest));
    if (!shelved) return {};
    {
        const std::lock_guard open_lock(open_mutex_);
        open_.erase(digest);
    }
    return shelved->placement == Placement::rows ? remove_rows(digest) : remove_files(digest);
}

Expected<void> PackShelf::remove_rows(const git::PackDigest& digest) {
    WriteBatch batch;
    batch.remove(row_key(kManifestPrefix, digest));
    batch.put(row_key(kDoomedPrefix, digest), {});
    ASHLAR_CHECK(commit(batch, Durability::synced));
    {
        const std::lock_guard open_lock(open_mutex_);
        const auto readers = readers_.find(digest);
        if (readers != readers_.end()) {
            readers->second.removed = true;
            return {};
        }
    }
    WriteBatch rest;
    rest.remove(row_key(kBodyPrefix, digest));
    rest.remove(row_key(kIndexPrefix, digest));
    rest.remove(row_key(kDoomedPrefix, digest));
    cache_.remove(digest);
    return commit(rest, Durability::buffered);
}

Expected<void> PackShelf::remove_files(const git::PackDigest& digest) {
    WriteBatch batch;
    batch.remove(row_key(kManifestPrefix, digest));
    ASHLAR_CHECK(commit(batch, Durability::synced));
    ASHLAR_CHECK(watched(files_->remove(pack_path(digest))));
    ASHLAR_CHECK(watched(files_->remove(graph_path(digest))));
    return watched(files_->remove(index_path(digest)));
}

void PackShelf::begin_reading(const git::PackDigest& digest) {
    const std::lock_guard lock(open_mutex_);
    ++readers_[digest].count;
}

void PackShelf::end_reading(const git::PackDigest& digest) {
    {
        const std::lock_guard lock(open_mutex_);
        const auto readers = readers_.find(digest);
        if (--readers->second.count > 0) return;
        const bool removed = readers->second.removed;
        if (!removed) {
            readers_.erase(readers);
            return;
        }
    }
    // The stripe comes before open_mutex_ wherever both are held; so look again.
    const std::lock_guard lock(stripe(digest));
    {
        const std::lock_guard open_lock(open_mutex_);
        const auto readers = readers_.find(digest);
        if (readers == readers_.end() || readers->second.count > 0) return;
        const bool removed = readers->second.removed;
        readers_.erase(readers);
        if (!removed) return;
    }
    WriteBatch batch;
    batch.remove(row_key(kBodyPrefix, digest));
    batch.remove(row_key(kIndexPrefix, digest));
    batch.remove(row_key(kDoomedPrefix, digest));
    cache_.remove(digest);
    // Where this fails the next start sweeps the rows.
    static_cast<void>(commit(batch, Durability::buffered));
}

}  // namespace ashlar::storage
