// A set of object ids, each with the types that whoever names it expects.
//
// It is filled with what strangers write, so two things are bounded: the count, and how far a
// search may go (ids that are made to collide end the push, not the server).
#pragma once

#include <functional>
#include <vector>

#include "git/object/reference.h"

namespace ashlar::git {

class ReferenceSet {
  public:
    using TypeMask = Byte;  // bit (1 << ObjectType) for each expected type

    explicit ReferenceSet(std::size_t count_max) : count_max_(count_max) {}

    static TypeMask mask_of(ObjectType type) {
        return static_cast<TypeMask>(1U << static_cast<unsigned>(type));
    }

    // Fails with `limit_exceeded`, or with `invalid` where ids collide too often.
    Expected<void> add(const ObjectId& id, TypeMask types);
    Expected<void> merge(const ReferenceSet& other);
    std::size_t size() const { return size_; }

    // Calls `visit` for each id, in an order that depends on nothing but the content's history.
    using Visitor = std::function<void(const ObjectId& id, TypeMask types)>;
    void visit(const Visitor& visitor) const;

  private:
    struct Slot {
        ObjectId id;
        TypeMask types = 0;  // 0: free
    };

    // Adds without growing; false where the search went too far.
    bool insert(std::uint64_t hash, const ObjectId& id, TypeMask types);
    void grow();

    std::size_t count_max_;
    std::size_t size_ = 0;
    std::vector<Slot> slots_;   // a power of two, or none
    std::vector<Slot> recent_;  // what was added last: trees name the same again and again
};

}  // namespace ashlar::git
