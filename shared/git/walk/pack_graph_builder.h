// Makes the graph of a pack (git/pack/pack_graph.h): commits with their generations, and bitmaps of
// what chosen ones reach, so that any commit is few steps away from one that has a bitmap.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "git/pack/pack_catalog.h"

namespace ashlar::git {

struct PackGraphOptions {
    // Bitmaps together, compressed; an estimate decides how many are made.
    std::uint64_t bitmap_bytes_max = std::uint64_t{64} << 20;
    // One in so many generations gets a bitmap, or fewer where they would take too much space.
    std::uint32_t generations_per_bitmap = 100;
    // Of the commits that refs point to, as many.
    std::size_t tips_max = 500;
    // Called again and again; its error ends the work.
    std::function<Expected<void>()> pause = [] { return Expected<void>(); };
};

// The encoded graph of the only pack in the catalog; nothing where the pack is not closed. `tips`:
// what refs point to (peeled); what is no commit of the pack is passed over.
Expected<std::optional<Bytes>> build_pack_graph(const std::shared_ptr<const PackCatalog>& catalog,
                                                const std::vector<ObjectId>& tips,
                                                const PackGraphOptions& options = {});

}  // namespace ashlar::git
