// A git object: its type and its content (without the header that is hashed with it).
#pragma once

#include <optional>
#include <string_view>

#include "crypto/sha1.h"
#include "git/object/object_id.h"

namespace ashlar::git {

// The values are those of a pack entry's header (gitformat-pack, "object types").
enum class ObjectType : std::uint8_t { commit = 1, tree = 2, blob = 3, tag = 4 };

// "commit", "tree", "blob" or "tag".
std::string_view to_string(ObjectType type);
std::optional<ObjectType> object_type_from(std::string_view name);

struct Object {
    ObjectType type = ObjectType::blob;
    Bytes content;
};

// A hasher that has taken in "<type> <size>\0".
crypto::Sha1 begin_object_hash(ObjectType type, std::uint64_t size,
                               crypto::CollisionDetection detection);

// The id of a whole object. Fails with `invalid` where a SHA-1 collision is detected.
Expected<ObjectId> object_id_of(ObjectType type, ByteView content);

}  // namespace ashlar::git
