// The PackStore seam: the bodies of packs, immutable, named by what they contain.
//
// A pack is kept as it arrived (completed, if it was thin). Its name is the BLAKE2b-256 hash of its
// manifest, which lists its size and the hash of each extent of 1 MiB: so whoever fetches a part
// can check that part alone. Its index goes with it as a second immutable blob. A pack counts as
// stored when its bytes and its index are durable and its manifest is written, in that order: what
// has no manifest after a crash is swept away on open.
//
// Large packs are files beside the KeyValue store, small ones values in it (git.md, "Packs at
// rest"); callers do not see which. Every method may be called from any thread; one PackStaging
// has one writer, and any number of readers of what was appended before they started.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "base/random_access.h"
#include "crypto/digest.h"

namespace ashlar::git {

inline constexpr std::uint64_t kPackExtentSize = std::uint64_t{1} << 20;
// Domains of the hashes in a manifest, and of the manifest itself.
inline constexpr std::string_view kPackDomain = "ashlar pack";
inline constexpr std::string_view kPackExtentDomain = "ashlar pack extent";
inline constexpr std::string_view kPackIndexDomain = "ashlar pack index";

struct PackDigest {
    crypto::Digest digest;
    std::string hex() const { return digest.hex(); }
    friend bool operator==(const PackDigest&, const PackDigest&) = default;
    friend std::strong_ordering operator<=>(const PackDigest&, const PackDigest&) = default;
};

struct PackManifest {
    std::uint64_t size = 0;               // bytes of the pack: header, entries and trailer
    std::uint64_t object_count = 0;       // as in the pack's header
    std::vector<crypto::Digest> extents;  // of each kPackExtentSize bytes; the last may be short
    std::uint64_t index_size = 0;
    crypto::Digest index_digest;  // of the index blob (kPackIndexDomain)

    // The pack's name: a hash of size, object count and extents. The index is left out, for it
    // follows from the pack.
    PackDigest digest() const;
};

// The encoding that is stored and sent (little-endian, fixed width; docs/formats.md).
Bytes encode(const PackManifest& manifest);
Expected<PackManifest> decode_pack_manifest(ByteView bytes);

class PackGraph;

// A stored pack, open for reading. Stays readable while somebody holds it, even if it is removed
// from the store meanwhile.
struct StoredPack {
    PackDigest digest;
    PackManifest manifest;
    std::shared_ptr<const RandomAccess> body;
    std::shared_ptr<const RandomAccess> index;
    // Absent where none was put beside the pack, or only a damaged one (git/pack/pack_graph.h).
    std::shared_ptr<const PackGraph> graph = nullptr;
};

// A pack that is arriving: nobody but its owner sees it. Destroying it discards it.
class PackStaging : public RandomAccess {
  public:
    virtual Expected<void> append(ByteView bytes) = 0;
    // Rewrites bytes that were appended before (a completed thin pack gets a new header).
    virtual Expected<void> overwrite(std::uint64_t offset, ByteView bytes) = 0;
    // Makes body, index and manifest durable, in that order. The pack is in the store, yet in no
    // repository: that is the ledger's to say. Fails with `unavailable` where the disk is full.
    virtual Expected<PackManifest> publish(std::uint64_t object_count, ByteView index) = 0;
};

class PackStore {
  public:
    virtual ~PackStore() = default;
    virtual Expected<std::unique_ptr<PackStaging>> stage() = 0;
    // Fails with `not_found`.
    virtual Expected<std::shared_ptr<const StoredPack>> open(const PackDigest& digest) = 0;
    virtual Expected<bool> contains(const PackDigest& digest) = 0;
    // Every stored pack, in the order of their digests.
    virtual Expected<std::vector<PackDigest>> list() = 0;
    // Forgets the pack; its space is freed when the last reader lets it go.
    virtual Expected<void> remove(const PackDigest& digest) = 0;
    // Puts a graph beside the pack, for whoever opens it from then on. It need not be durable, for
    // it can be made again. Fails with `not_found` where the pack is not stored, and with
    // `unsupported` where packs of its size have no place for one.
    virtual Expected<void> put_graph(const PackDigest& digest, ByteView graph) = 0;
};

}  // namespace ashlar::git

template <>
struct std::hash<ashlar::git::PackDigest> {
    std::size_t operator()(const ashlar::git::PackDigest& digest) const noexcept {
        return std::hash<ashlar::crypto::Digest>{}(digest.digest);
    }
};
