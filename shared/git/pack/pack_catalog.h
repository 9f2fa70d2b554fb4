// The packs of one repository, in their order, open. Where two packs hold one object the earlier
// pack answers, so a delta's base is always found in the same pack or an earlier one.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "git/pack/pack_index.h"
#include "git/pack/pack_store.h"

namespace ashlar::git {

struct PackLocation {
    std::uint32_t pack = 0;      // position of the pack in the catalog
    std::uint32_t position = 0;  // position of the object in the pack's index

    friend bool operator==(const PackLocation&, const PackLocation&) = default;
};

class PackCatalog {
  public:
    // Fails with `corrupt` where an index cannot be read or does not belong to its pack.
    static Expected<std::shared_ptr<const PackCatalog>> open(
        std::vector<std::shared_ptr<const StoredPack>> packs);

    std::size_t pack_count() const { return packs_.size(); }
    const StoredPack& pack(std::size_t number) const { return *packs_[number].stored; }
    std::shared_ptr<const StoredPack> shared_pack(std::size_t number) const {
        return packs_[number].stored;
    }
    const PackIndex& index(std::size_t number) const { return packs_[number].index; }
    // What reaches what in the pack; nothing where that is not known (yet).
    const std::shared_ptr<const PackGraph>& graph(std::size_t number) const {
        return packs_[number].stored->graph;
    }
    bool has_graph() const;
    // Objects in all packs, those that several packs hold counted in each.
    std::uint64_t object_count() const;

    // Nothing where no pack has the object. Errors are the sources' (`needs_data`, `corrupt`).
    Expected<std::optional<PackLocation>> find(const ObjectId& id) const;
    Expected<bool> contains(const ObjectId& id) const;
    Expected<ObjectId> id_at(PackLocation location) const;
    Expected<PackIndexEntry> entry_at(PackLocation location) const;

    // Ids that begin with the hexadecimal digits (4 to 40, `invalid` otherwise), ascending, each
    // once, at most `count_max`.
    Expected<std::vector<ObjectId>> find_prefix(std::string_view hex_prefix,
                                                std::size_t count_max) const;

    // Calls `visit` for each object of a pack by ascending offset, until it returns false.
    using Visitor = std::function<bool(const ObjectId& id, const PackIndexEntry& entry)>;
    Expected<void> scan_by_offset(std::size_t pack, const Visitor& visit) const;

  private:
    struct OpenPack {
        std::shared_ptr<const StoredPack> stored;
        PackIndex index;
    };
    std::vector<OpenPack> packs_;
};

// Whether no object lies in two of the packs (as a clone that copies their bodies needs it).
Expected<bool> packs_are_disjoint(const PackCatalog& catalog,
                                  const std::vector<std::uint32_t>& packs);

}  // namespace ashlar::git
