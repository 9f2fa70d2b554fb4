#include "git/object/object.h"

#include "base/assert.h"

namespace ashlar::git {

std::string_view to_string(ObjectType type) {
    switch (type) {
        case ObjectType::commit:
            return "commit";
        case ObjectType::tree:
            return "tree";
        case ObjectType::blob:
            return "blob";
        case ObjectType::tag:
            return "tag";
    }
    ASHLAR_ASSERT(false);
    return {};
}

std::optional<ObjectType> object_type_from(std::string_view name) {
    if (name == "commit") return ObjectType::commit;
    if (name == "tree") return ObjectType::tree;
    if (name == "blob") return ObjectType::blob;
    if (name == "tag") return ObjectType::tag;
    return std::nullopt;
}

crypto::Sha1 begin_object_hash(ObjectType type, std::uint64_t size,
                               crypto::CollisionDetection detection) {
    std::string header(to_string(type));
    header.append(" ").append(std::to_string(size)).push_back('\0');
    crypto::Sha1 hash(detection);
    hash.update(as_bytes(header));
    return hash;
}

Expected<ObjectId> object_id_of(ObjectType type, ByteView content) {
    crypto::Sha1 hash = begin_object_hash(type, content.size(), crypto::CollisionDetection::on);
    hash.update(content);
    ASHLAR_TRY(crypto::Sha1Digest digest, hash.finish());
    return ObjectId{digest};
}

}  // namespace ashlar::git
