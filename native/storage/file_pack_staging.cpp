#include "native/storage/file_pack_staging.h"

#include <algorithm>
#include <mutex>
#include <utility>

namespace ashlar::storage {

FilePackStaging::FilePackStaging(std::shared_ptr<PackShelf> shelf)
    : shelf_(std::move(shelf)), hasher_(git::kPackExtentDomain) {}

FilePackStaging::~FilePackStaging() {
    if (published_ || name_.empty()) return;
    file_.reset();
    // What cannot be removed now is swept at the next start.
    static_cast<void>(shelf_->files().remove(staged_pack_path(name_)));
    static_cast<void>(shelf_->files().remove(staged_index_path(name_)));
}

std::uint64_t FilePackStaging::size() const {
    const std::shared_lock lock(mutex_);
    return size_now();
}

Expected<void> FilePackStaging::read(std::uint64_t offset, std::span<Byte> into) const {
    const std::shared_lock lock(mutex_);
    return read_now(offset, into);
}

Expected<void> FilePackStaging::read_now(std::uint64_t offset, std::span<Byte> into) const {
    if (offset > size_now() || into.size() > size_now() - offset) {
        return fail(ErrorCode::corrupt, "a read ends beyond the bytes that have arrived");
    }
    if (offset < file_size_) {
        const auto from_file =
            static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), file_size_ - offset));
        ASHLAR_CHECK(file_->read(offset, into.first(from_file)));
        into = into.subspan(from_file);
        offset += from_file;
    }
    if (into.empty()) return {};
    const auto first = tail_.begin() + static_cast<std::ptrdiff_t>(offset - file_size_);
    std::copy(first, first + static_cast<std::ptrdiff_t>(into.size()), into.begin());
    return {};
}

Expected<void> FilePackStaging::append(ByteView bytes) {
    const std::lock_guard lock(mutex_);
    while (!bytes.empty()) {
        const auto room = static_cast<std::size_t>(kLargePackBytes) - tail_.size();
        const ByteView piece = bytes.first(std::min(room, bytes.size()));
        hash_appended(piece);
        ashlar::append(tail_, piece);
        bytes = bytes.subspan(piece.size());
        if (tail_.size() == kLargePackBytes) ASHLAR_CHECK(flush_tail());
    }
    return {};
}

void FilePackStaging::hash_appended(ByteView bytes) {
    std::uint64_t offset = size_now();
    while (!bytes.empty()) {
        const std::uint64_t room = git::kPackExtentSize - offset % git::kPackExtentSize;
        const ByteView piece =
            bytes.first(static_cast<std::size_t>(std::min<std::uint64_t>(room, bytes.size())));
        hasher_.update(piece);
        offset += piece.size();
        bytes = bytes.subspan(piece.size());
        if (offset % git::kPackExtentSize != 0) continue;
        extents_.push_back(hasher_.finish());
        hasher_ = crypto::Hasher(git::kPackExtentDomain);
    }
}

Expected<void> FilePackStaging::flush_tail() {
    if (tail_.empty()) return {};
    ASHLAR_TRY(const auto free, shelf_->files().free_bytes());
    if (free < shelf_->options().free_bytes_min + tail_.size()) {
        return fail(ErrorCode::unavailable, "the disk is nearly full: " + std::to_string(free) +
                                                " bytes are free, and " +
                                                std::to_string(shelf_->options().free_bytes_min) +
                                                " are kept back; free some space");
    }
    if (!file_) {
        const std::string name = shelf_->next_staging_name();
        ASHLAR_TRY(file_, shelf_->watched(shelf_->files().create(staged_pack_path(name))));
        name_ = name;
    }
    ASHLAR_CHECK(shelf_->watched(file_->append(tail_)));
    file_size_ += tail_.size();
    tail_.clear();
    return {};
}

Expected<void> FilePackStaging::overwrite(std::uint64_t offset, ByteView bytes) {
    const std::lock_guard lock(mutex_);
    if (offset > size_now() || bytes.size() > size_now() - offset) {
        return fail(ErrorCode::invalid, "an overwrite ends beyond the bytes that have arrived");
    }
    if (bytes.empty()) return {};
    const std::uint64_t last = (offset + bytes.size() - 1) / git::kPackExtentSize;
    for (std::uint64_t extent = offset / git::kPackExtentSize; extent <= last; ++extent) {
        overwritten_.insert(extent);
    }
    if (offset < file_size_) {
        const auto to_file =
            static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), file_size_ - offset));
        ASHLAR_CHECK(shelf_->watched(file_->write_at(offset, bytes.first(to_file))));
        bytes = bytes.subspan(to_file);
        offset += to_file;
    }
    std::copy(bytes.begin(), bytes.end(),
              tail_.begin() + static_cast<std::ptrdiff_t>(offset - file_size_));
    return {};
}

Expected<std::vector<crypto::Digest>> FilePackStaging::finish_extents() {
    std::vector<crypto::Digest> extents = extents_;
    const std::uint64_t size = size_now();
    if (size % git::kPackExtentSize != 0) {
        extents.push_back(hasher_.finish());
        hasher_ = crypto::Hasher(git::kPackExtentDomain);
    }
    Bytes buffer;
    for (const std::uint64_t extent : overwritten_) {
        const std::uint64_t offset = extent * git::kPackExtentSize;
        buffer.resize(
            static_cast<std::size_t>(std::min<std::uint64_t>(git::kPackExtentSize, size - offset)));
        ASHLAR_CHECK(read_now(offset, buffer));
        extents[static_cast<std::size_t>(extent)] = crypto::hash(git::kPackExtentDomain, buffer);
    }
    return extents;
}

Expected<git::PackManifest> FilePackStaging::publish(std::uint64_t object_count, ByteView index) {
    const std::lock_guard lock(mutex_);
    if (published_) return fail(ErrorCode::conflict, "the pack was published already");
    git::PackManifest manifest;
    manifest.size = size_now();
    manifest.object_count = object_count;
    ASHLAR_TRY(manifest.extents, finish_extents());
    manifest.index_size = index.size();
    manifest.index_digest = crypto::hash(git::kPackIndexDomain, index);
    if (!file_ && index.size() <= kSmallIndexBytesMax) {
        ASHLAR_CHECK(shelf_->put_in_rows(manifest, tail_, index));
    } else {
        ASHLAR_CHECK(publish_files(manifest, index));
    }
    published_ = true;
    return manifest;
}

Expected<void> FilePackStaging::publish_files(const git::PackManifest& manifest, ByteView index) {
    ASHLAR_CHECK(flush_tail());
    ASHLAR_CHECK(shelf_->watched(file_->sync()));
    ASHLAR_TRY(const auto index_file,
               shelf_->watched(shelf_->files().create(staged_index_path(name_))));
    ASHLAR_CHECK(shelf_->watched(index_file->append(index)));
    ASHLAR_CHECK(shelf_->watched(index_file->sync()));
    return shelf_->put_in_files(manifest, name_);
}

}  // namespace ashlar::storage
