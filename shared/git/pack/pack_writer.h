// Packs on their way out, made while they are read: nobody ever holds one whole.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/chunk_stream.h"
#include "crypto/sha1.h"
#include "git/pack/packed_objects.h"

namespace ashlar::git {

struct PackWriterOptions {
    // Whether the reader understands deltas whose base is named by its distance (nearly all do).
    bool offset_deltas = true;
    // For a thin pack: whether the reader has the object, so that a delta against it may be sent.
    // Nothing: the pack stands alone.
    std::function<bool(const ObjectId&)> reader_has;
    // Objects that have to be made again from deltas may be this large.
    std::uint64_t object_size_max = kObjectSizeMaxDefault;
    // Told now and then of how many objects, out of how many, it is known where they lie; may be
    // empty.
    std::function<void(std::uint64_t, std::uint64_t)> progress = {};
};

struct PackWriterCounts {
    std::uint32_t objects = 0;
    std::uint32_t deltas = 0;      // that go out as deltas
    std::uint32_t made_whole = 0;  // that lie here as deltas, and go out whole
};

// A pack of the given objects. Entries are copied as they are stored where they are whole, or where
// their base is sent too or is there already; others are made whole. A delta's base goes out before
// the delta; otherwise the order is the caller's.
class PackWriter : public ChunkStream {
  public:
    // Fails with `not_found` and the id where the catalog lacks an object; with `invalid` where
    // one is named twice. The objects' source is the catalog's, owned by the writer.
    static Expected<std::unique_ptr<PackWriter>> create(std::shared_ptr<const PackCatalog> catalog,
                                                        const std::vector<ObjectId>& ids,
                                                        PackWriterOptions options = {});
    ~PackWriter() override;

    Expected<std::optional<Chunk>> next() override;
    std::uint32_t object_count() const;
    PackWriterCounts counts() const;
    // How many objects have been written, for progress.
    std::uint32_t written_count() const;

  private:
    class Implementation;
    explicit PackWriter(std::unique_ptr<Implementation> implementation);
    std::unique_ptr<Implementation> implementation_;
};

// The objects of whole packs, as one pack: their bodies one after the other as stored ranges,
// behind a new header. (The distance to a delta's base does not change with that.) The packs must
// be disjoint (packs_are_disjoint), for a strict reader refuses an object that comes twice.
class PackConcatenation : public ChunkStream {
  public:
    // With the trailer that an earlier stream of the same packs gave, no byte is read here.
    explicit PackConcatenation(std::vector<std::shared_ptr<const StoredPack>> packs,
                               std::optional<crypto::Sha1Digest> trailer = std::nullopt);
    ~PackConcatenation() override;

    Expected<std::optional<Chunk>> next() override;
    // Known once the stream has ended, or from the start where it was given.
    std::optional<crypto::Sha1Digest> trailer() const { return trailer_; }
    // Bytes of the whole answer.
    std::uint64_t size() const;

  private:
    enum class Stage { header, bodies, trailer, ended };

    Expected<void> hash_range(const RandomAccess& source, std::uint64_t offset,
                              std::uint64_t length);

    std::vector<std::shared_ptr<const StoredPack>> packs_;
    std::optional<crypto::Sha1Digest> trailer_;
    crypto::Sha1 hash_;
    Stage stage_ = Stage::header;
    std::size_t pack_ = 0;
    std::uint64_t offset_ = 0;  // in the current pack
};

}  // namespace ashlar::git
