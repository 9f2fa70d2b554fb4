// Some of the objects in a catalog's packs, and the pack that is made of them: stretches of stored
// packs that are wanted whole go out as they are, an entry is written anew only where its base has
// moved closer or is left out.
#pragma once

#include <memory>
#include <vector>

#include "base/chunk_stream.h"
#include "git/pack/bits.h"
#include "git/pack/pack_catalog.h"

namespace ashlar::git {

struct PackSelection {
    std::vector<Bits> packs;  // of each pack of the catalog, by rank

    static PackSelection none_of(const PackCatalog& catalog);
    std::uint64_t count() const;
};

// An object that several packs hold: where it is found, and where else it lies.
struct SurplusCopy {
    PackLocation first;
    PackLocation copy;
};
// All of them, each once, by pack and position of the copy. Objects of smaller packs are looked up
// in larger ones, so that a large pack and many small ones cost little.
Expected<std::vector<SurplusCopy>> surplus_copies(const PackCatalog& catalog);

// Everything, each object once.
Expected<PackSelection> select_all(const PackCatalog& catalog);
// The ids in the order of packs and offsets.
Expected<std::vector<ObjectId>> ids_of(const PackCatalog& catalog, const PackSelection& selection);

// From positions in a pack's index to ranks. One that is not given by a graph takes 4 bytes for
// each object.
class PackRanks {
  public:
    static Expected<PackRanks> of(const PackCatalog& catalog, std::size_t pack);
    Expected<std::uint32_t> rank_of(std::uint32_t position) const;

  private:
    std::shared_ptr<const PackGraph> graph_;
    std::vector<std::uint32_t> ranks_;
};

// The pack of what is selected (each object once), for a reader that knows offset deltas and has
// nothing: it stands alone.
class SelectedPack : public ChunkStream {
  public:
    // Fails with `limit_exceeded` where it would have more objects than a pack can hold.
    static Expected<std::unique_ptr<SelectedPack>> create(
        std::shared_ptr<const PackCatalog> catalog, PackSelection selection);
    ~SelectedPack() override;

    Expected<std::optional<Chunk>> next() override;
    std::uint32_t object_count() const;
    // How many of them, so far, could not go out as they are stored: their base stays behind.
    std::uint32_t made_count() const;

  private:
    class Implementation;
    explicit SelectedPack(std::unique_ptr<Implementation> implementation);
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace ashlar::git
