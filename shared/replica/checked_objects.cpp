#include "replica/checked_objects.h"

namespace ashlar::replica {

namespace {
constexpr std::uint64_t kCheckedInfoSizeMax = std::uint64_t{1} << 20;
}

Expected<std::shared_ptr<const git::Object>> CheckedObjects::read(const git::ObjectId& id,
                                                                  std::uint64_t size_max) {
    ASHLAR_TRY(auto object, objects_->read(id, size_max));
    ASHLAR_TRY(const git::ObjectId hashed, git::object_id_of(object->type, object->content));
    if (hashed == id) return object;
    return fail(ErrorCode::invalid, "object: " + id.hex() + " is shown as " + hashed.hex());
}

Expected<git::ObjectInfo> CheckedObjects::info(const git::ObjectId& id) {
    ASHLAR_TRY(const git::ObjectInfo claimed, objects_->info(id));
    if (claimed.size > kCheckedInfoSizeMax) return claimed;
    ASHLAR_TRY(const auto object, read(id, kCheckedInfoSizeMax));
    return git::ObjectInfo{object->type, object->content.size()};
}

}  // namespace ashlar::replica
