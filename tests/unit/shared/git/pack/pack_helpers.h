// Packs received into memory, for the tests of this folder.
#pragma once

#include <gtest/gtest.h>

#include "base/chunk_stream.h"
#include "git/pack/pack_receiver.h"
#include "git/pack/packed_objects.h"
#include "support/golden.h"
#include "support/memory_pack_store.h"
#include "support/pack_builder.h"

namespace ashlar::git {

inline ObjectId id_of(std::string_view hex) {
    return *ObjectId::from_hex(hex);
}

struct Received {
    std::shared_ptr<const StoredPack> pack;
    ReceivedPack summary;
};

struct ReceiveOptions {
    ObjectSource* thin_bases = nullptr;
    PackLimits limits;
    std::size_t chunk_size = 1 << 20;
    TaskRunner* runner = nullptr;
};

inline Expected<Received> receive(MemoryPackStore& store, ByteView pack,
                                  const ReceiveOptions& options = {}) {
    ASHLAR_TRY(std::unique_ptr<PackStaging> staging, store.stage());
    PackReceiver receiver(*staging, options.thin_bases, {options.limits, nullptr, options.runner});
    for (ByteView rest = pack; !rest.empty();) {
        std::size_t size = std::min(rest.size(), options.chunk_size);
        ASHLAR_CHECK(receiver.write(rest.first(size)));
        rest = rest.subspan(size);
    }
    Received received;
    ASHLAR_TRY(received.summary, receiver.finish());
    ASHLAR_TRY(PackManifest manifest,
               staging->publish(received.summary.object_count, received.summary.index));
    ASHLAR_TRY(received.pack, store.open(manifest.digest()));
    return received;
}

inline Expected<Received> receive(ByteView pack, const ReceiveOptions& options = {}) {
    MemoryPackStore store;
    return receive(store, pack, options);
}

// The refusal's text; empty where the pack was taken.
inline std::string refusal(ByteView pack, const ReceiveOptions& options = {}) {
    auto received = receive(pack, options);
    return received ? std::string() : received.error().message();
}

inline std::shared_ptr<const PackCatalog> catalog_of(
    std::vector<std::shared_ptr<const StoredPack>> packs) {
    return *PackCatalog::open(std::move(packs));
}

inline std::vector<ObjectId> ids_of(const PackCatalog& catalog) {
    std::vector<ObjectId> ids;
    for (std::size_t pack = 0; pack < catalog.pack_count(); ++pack) {
        EXPECT_TRUE(catalog.scan_by_offset(pack, [&](const ObjectId& id, const PackIndexEntry&) {
            ids.push_back(id);
            return true;
        }));
    }
    return ids;
}

// Everything that a stream gives, as a host would send it.
inline Expected<Bytes> drain(ChunkStream& stream) {
    Bytes all;
    while (true) {
        ASHLAR_TRY(std::optional<Chunk> chunk, stream.next());
        if (!chunk) return all;
        if (const Bytes* bytes = std::get_if<Bytes>(&*chunk)) {
            append(all, *bytes);
        } else {
            const StoredRange& range = std::get<StoredRange>(*chunk);
            Bytes part(static_cast<std::size_t>(range.length));
            ASHLAR_CHECK(range.source->read(range.offset, part));
            append(all, part);
        }
    }
}

inline constexpr std::string_view kThirdCommit = "b75815571f233f9966372a0135e2814506ca2f97";
inline constexpr std::string_view kTag = "29522f8123c244e2aaefdb1fc8102a0c7ba0fe9d";
inline constexpr std::string_view kNumbers130 = "c4435850964dac9ff618595d043f2d3297bca3f1";
inline constexpr std::string_view kNumbers125 = "3e28b0645c8545ba3cb0b2dcd7fe127a8d42c4bf";
inline constexpr std::string_view kNumbers120 = "a268de96c6464bb4515003da90364cde7e5e75c1";

inline std::string numbers_to(int last) {
    std::string text;
    for (int i = 1; i <= last; ++i) text += std::to_string(i) + "\n";
    return text;
}

}  // namespace ashlar::git
