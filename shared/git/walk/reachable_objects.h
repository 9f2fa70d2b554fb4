// The set of all objects that some ids reach, by bitmaps where the packs have them: what is not
// covered by one (commits since it was made) is walked.
#pragma once

#include <memory>
#include <vector>

#include "git/pack/pack_graph.h"
#include "git/pack/pack_selection.h"
#include "git/pack/packed_objects.h"

namespace ashlar::git {

class ReachableObjects {
  public:
    explicit ReachableObjects(std::shared_ptr<const PackCatalog> catalog);

    // Adds the objects and all that they reach. Fails with `corrupt` where one of these is missing;
    // after an error the set is of no use.
    Expected<void> add(const std::vector<ObjectId>& ids);
    // Adds the object and, of a tag, the tags that it names, but not what the last one names.
    Expected<void> add_tag_alone(const ObjectId& id);
    Expected<bool> contains(const ObjectId& id) const;

    // Each object once. To be called once, last.
    Expected<PackSelection> take();

  private:
    // By pack and rank.
    struct Place {
        std::uint32_t pack = 0;
        std::uint32_t rank = 0;
    };
    struct Found {
        Place place;
        PackLocation location;
        ObjectType type = ObjectType::blob;
    };

    Expected<const PackRanks*> ranks_of(std::uint32_t pack) const;
    // In this pack, which most likely has it, or the first that has; `not_found`.
    Expected<PackLocation> locate(const ObjectId& id, std::uint32_t near_pack) const;
    Expected<Found> find(const ObjectId& id, std::uint32_t near_pack) const;
    bool insert(Place place);
    Expected<void> visit(const ObjectId& id, std::uint32_t near_pack);
    Expected<void> run();
    Expected<void> walk_commit(const Found& commit);
    Expected<void> walk_known_commits();
    Expected<void> walk_tag(const Found& tag);
    Expected<void> walk_tree(Place tree);
    Expected<std::shared_ptr<const Object>> read(Place place);

    std::shared_ptr<const PackCatalog> catalog_;
    PackedObjects objects_;
    PackSelection selection_;
    mutable std::vector<std::optional<PackRanks>> ranks_;
    std::vector<std::pair<ObjectId, std::uint32_t>> pending_;  // and the pack that named it
    std::vector<Place> trees_;
    // Commits by their numbers in the graph of a pack.
    struct KnownCommit {
        std::uint32_t pack = 0;
        std::uint32_t number = 0;
        std::uint32_t generation = 0;  // of those that were not reached from another
    };
    std::vector<KnownCommit> known_commits_;
};

// How many objects are looked at before bitmaps are asked.
inline constexpr std::size_t kQuickSearchObjectsMax = 2000;

// As unreachable_from() (walk/reachability.h), by bitmaps where the catalog has them.
Expected<std::vector<ObjectId>> unreachable_in(const std::shared_ptr<const PackCatalog>& catalog,
                                               const std::vector<ObjectId>& ids,
                                               const std::vector<ObjectId>& tips);

}  // namespace ashlar::git
