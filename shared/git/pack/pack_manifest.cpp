#include "git/pack/little_endian.h"
#include "git/pack/pack_store.h"

namespace ashlar::git {
namespace {

constexpr std::string_view kMagic = "ashpman1";
constexpr std::size_t kFixedSize = 8 + 8 + 8 + 8 + crypto::Digest::kSize + 8;

void append_named_part(Bytes& to, const PackManifest& manifest) {
    append_little_endian(to, manifest.size);
    append_little_endian(to, manifest.object_count);
    append_little_endian(to, std::uint64_t{manifest.extents.size()});
    for (const crypto::Digest& extent : manifest.extents) append(to, extent.view());
}

std::uint64_t extent_count_of(std::uint64_t size) {
    return size / kPackExtentSize + (size % kPackExtentSize == 0 ? 0 : 1);
}

}  // namespace

PackDigest PackManifest::digest() const {
    Bytes named;
    append_named_part(named, *this);
    return {crypto::hash(kPackDomain, named)};
}

Bytes encode(const PackManifest& manifest) {
    Bytes bytes = to_bytes(kMagic);
    append_little_endian(bytes, manifest.index_size);
    append(bytes, manifest.index_digest.view());
    append_named_part(bytes, manifest);
    return bytes;
}

Expected<PackManifest> decode_pack_manifest(ByteView bytes) {
    if (bytes.size() < kFixedSize || as_text(bytes.first(kMagic.size())) != kMagic) {
        return fail(ErrorCode::corrupt, "not a pack manifest of this version");
    }
    PackManifest manifest;
    manifest.index_size = read_little_endian<std::uint64_t>(bytes.subspan(8));
    ASHLAR_TRY(manifest.index_digest,
               crypto::Digest::from_bytes(bytes.subspan(16, crypto::Digest::kSize)));
    ByteView named = bytes.subspan(16 + crypto::Digest::kSize);
    manifest.size = read_little_endian<std::uint64_t>(named);
    manifest.object_count = read_little_endian<std::uint64_t>(named.subspan(8));
    auto extent_count = read_little_endian<std::uint64_t>(named.subspan(16));
    ByteView rest = named.subspan(24);
    if (extent_count != extent_count_of(manifest.size) ||
        rest.size() / crypto::Digest::kSize != extent_count ||
        rest.size() % crypto::Digest::kSize != 0) {
        return fail(ErrorCode::corrupt, "a pack manifest whose extents do not fit its size");
    }
    for (; !rest.empty(); rest = rest.subspan(crypto::Digest::kSize)) {
        ASHLAR_TRY(crypto::Digest extent,
                   crypto::Digest::from_bytes(rest.first(crypto::Digest::kSize)));
        manifest.extents.push_back(extent);
    }
    return manifest;
}

}  // namespace ashlar::git
