#include "git/object/object_id.h"

#include <algorithm>

namespace ashlar::git {

Expected<ObjectId> ObjectId::from_bytes(ByteView bytes) {
    if (bytes.size() != kSize) {
        return fail(ErrorCode::invalid,
                    "an object id has 20 bytes, not " + std::to_string(bytes.size()));
    }
    ObjectId id;
    std::copy(bytes.begin(), bytes.end(), id.bytes.begin());
    return id;
}

Expected<ObjectId> ObjectId::from_hex(std::string_view text) {
    if (text.size() != kSize * 2) {
        return fail(ErrorCode::invalid, "an object id has 40 hexadecimal digits");
    }
    ASHLAR_TRY(Bytes bytes, ashlar::from_hex(text));
    return from_bytes(bytes);
}

}  // namespace ashlar::git
