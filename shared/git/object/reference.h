// What one object names: a commit its tree and parents, a tree its entries, a tag its target.
#pragma once

#include <vector>

#include "git/object/object.h"

namespace ashlar::git {

struct ObjectReference {
    ObjectId id;
    ObjectType type = ObjectType::blob;  // what it has to be

    friend bool operator==(const ObjectReference&, const ObjectReference&) = default;
};

}  // namespace ashlar::git
