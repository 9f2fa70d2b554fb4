// Where objects are read from. A validator reads its packs; a replica notes down what it lacks, so
// that its host can fetch that and run the read again (reads have no effects).
#pragma once

#include <memory>
#include <vector>

#include "git/object/object.h"

namespace ashlar::git {

struct ObjectInfo {
    ObjectType type = ObjectType::blob;
    std::uint64_t size = 0;  // bytes of content
};

class ObjectSource {
  public:
    virtual ~ObjectSource() = default;

    // The object, whole. Fails with `not_found`; with `needs_data` where the source noted the id
    // down for its host; with `limit_exceeded` where the content is larger than size_max; with
    // `corrupt` where the stored bytes do not give it.
    virtual Expected<std::shared_ptr<const Object>> read(const ObjectId& id,
                                                         std::uint64_t size_max) = 0;
    // Type and size, without inflating the content where that can be helped.
    virtual Expected<ObjectInfo> info(const ObjectId& id) = 0;
    // Whether the object is there. Fails with `needs_data` where that is not known yet.
    virtual Expected<bool> contains(const ObjectId& id) = 0;
    // Ids that start with the hexadecimal prefix (at least 4 digits), at most `count_max`.
    virtual Expected<std::vector<ObjectId>> find_prefix(std::string_view hex_prefix,
                                                        std::size_t count_max) = 0;
};

// What a read may inflate at once unless a caller says otherwise.
inline constexpr std::uint64_t kObjectSizeMaxDefault = std::uint64_t{128} << 20;

}  // namespace ashlar::git
