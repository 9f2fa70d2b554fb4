// Resolves families of deltas: what each delta gives is made, hashed and checked. Values in, values
// out: several resolvers may work on one forest and one pack at once, each on families of its own.
#pragma once

#include <vector>

#include "base/random_access.h"
#include "git/pack/delta_forest.h"
#include "git/pack/entry_reader.h"
#include "git/pack/object_findings.h"
#include "git/pack/pack_limits.h"

namespace ashlar::git {

struct ResolvedDelta {
    ObjectId id;
    std::uint32_t entry = 0;
    std::uint32_t base = 0;  // number of its base's entry
    ObjectType type = ObjectType::blob;
};

class DeltaFamilyResolver {
  public:
    struct Limits {
        std::uint64_t object_size_max = 0;
        std::uint64_t memory_max = 0;      // bytes of bases, deltas and results held at once
        std::uint64_t work_bytes_max = 0;  // bytes inflated and made, in all families
        std::uint16_t depth_max = 0;
    };

    // All are borrowed. What the checks find goes to `findings`.
    DeltaFamilyResolver(const DeltaForest& forest, const RandomAccess& pack, const Limits& limits,
                        ObjectFindings& findings)
        : forest_(forest), pack_(pack), limits_(limits), findings_(findings) {}

    // Resolves all that builds on the whole object at `root`, and appends it to `resolved`.
    Expected<void> resolve(std::uint32_t root, std::vector<ResolvedDelta>& resolved);
    std::uint64_t work_bytes() const { return work_bytes_; }

  private:
    // On the path from the root to where the work is: an object with children still to come, or
    // whose last child is being worked on.
    struct Node {
        std::uint32_t entry = 0;
        std::span<const std::uint32_t> offset_children;
        std::span<const ReferenceDelta> reference_children;
        Bytes content;
        bool held = false;
    };

    Expected<void> push_root(std::uint32_t root);
    Expected<void> resolve_next_child(std::vector<ResolvedDelta>& resolved);
    void push(std::uint32_t entry, const ObjectId& id, Bytes content);
    static bool take_child(Node& node, std::uint32_t& child);
    static bool has_child(const Node& node);
    // Makes the content of the last node on the path again, where it was given up.
    Expected<void> restore_last();
    // What the delta makes of the base. `uncounted_bytes` are held beside those on the path.
    Expected<Bytes> make(const Bytes& base, std::uint32_t delta_entry,
                         std::uint64_t uncounted_bytes);
    void give_up(Node& node);
    // Gives up contents from the root on until `bytes` more may be held; the last node's is kept.
    Expected<void> make_room(std::uint64_t bytes);
    Expected<void> count_work(std::uint64_t bytes);
    Unexpected broken(std::uint32_t entry, const Error& error) const;

    const DeltaForest& forest_;
    const RandomAccess& pack_;
    Limits limits_;
    ObjectFindings& findings_;
    ObjectType type_ = ObjectType::blob;  // of all objects in the family
    std::vector<Node> path_;
    EntryReader entries_;
    Bytes delta_;  // scratch
    std::uint64_t held_bytes_ = 0;
    std::uint64_t work_bytes_ = 0;
};

}  // namespace ashlar::git
