// Objects of a repository in memory, as packs.
#pragma once

#include <memory>
#include <set>
#include <vector>

#include "git/pack/pack_catalog.h"
#include "git/pack/pack_receiver.h"
#include "support/memory_objects.h"
#include "support/memory_pack_store.h"
#include "support/pack_builder.h"

namespace ashlar::git {

// A pack of some of the objects.
inline Bytes pack_of(const MemoryObjects& objects, const std::set<ObjectId>& ids) {
    PackBuilder builder;
    for (const auto& [id, object] : objects.all()) {
        if (ids.contains(id)) builder.add(object->type, object->content);
    }
    return builder.build();
}

inline std::set<ObjectId> all_ids(const MemoryObjects& objects) {
    std::set<ObjectId> ids;
    for (const auto& [id, object] : objects.all()) ids.insert(id);
    return ids;
}

// A catalog of one pack.
inline Expected<std::shared_ptr<const PackCatalog>> catalog_of_pack(ByteView pack) {
    MemoryPackStore store;
    ASHLAR_TRY(std::unique_ptr<PackStaging> staging, store.stage());
    PackReceiver receiver(*staging, nullptr, {});
    ASHLAR_CHECK(receiver.write(pack));
    ASHLAR_TRY(ReceivedPack received, receiver.finish());
    ASHLAR_TRY(PackManifest manifest, staging->publish(received.object_count, received.index));
    ASHLAR_TRY(std::shared_ptr<const StoredPack> stored, store.open(manifest.digest()));
    return PackCatalog::open({stored});
}

inline std::set<ObjectId> ids_of(const PackCatalog& catalog) {
    std::set<ObjectId> ids;
    for (std::size_t pack = 0; pack < catalog.pack_count(); ++pack) {
        auto scanned = catalog.scan_by_offset(pack, [&](const ObjectId& id, const PackIndexEntry&) {
            ids.insert(id);
            return true;
        });
        if (!scanned) return {};
    }
    return ids;
}

}  // namespace ashlar::git
