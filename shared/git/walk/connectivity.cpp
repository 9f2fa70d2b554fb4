#include "git/walk/connectivity.h"

#include "git/walk/object_id_map.h"
#include "git/walk/reachability.h"
#include "git/walk/reachable_objects.h"

namespace ashlar::git {
namespace {

Expected<void> check_present(ObjectSource& objects, const ObjectReference& reference) {
    Expected<ObjectInfo> info = objects.info(reference.id);
    if (!info && info.error().code == ErrorCode::not_found) {
        return fail(ErrorCode::invalid,
                    "missing " + std::string(to_string(reference.type)) + " " + reference.id.hex());
    }
    if (!info) return Unexpected(std::move(info).error());
    if (info->type == reference.type) return {};
    return fail(ErrorCode::invalid, "object " + reference.id.hex() + " is a " +
                                        std::string(to_string(info->type)) + ", not a " +
                                        std::string(to_string(reference.type)));
}

// What a ref points to now needs no search.
Expected<std::vector<ObjectId>> without_tips(const RefSource& refs,
                                             const std::vector<ObjectId>& ids,
                                             std::vector<ObjectId>& tips) {
    ObjectIdSet known;
    ASHLAR_CHECK(refs.scan("refs/", [&](const Ref& ref) {
        if (known.insert(ref.id)) tips.push_back(ref.id);
        if (ref.peeled) known.insert(*ref.peeled);
        return true;
    }));
    std::vector<ObjectId> rest;
    for (const ObjectId& id : ids) {
        if (!known.contains(id)) rest.push_back(id);
    }
    return rest;
}

}  // namespace

Expected<void> check_connected(ObjectSource& objects, const RefSource& refs,
                               const ConnectivityRequest& request) {
    std::vector<ObjectId> needed;
    for (const ObjectId& tip : request.tips) {
        if (request.is_in_pack(tip)) continue;
        ASHLAR_TRY(bool is_present, objects.contains(tip));
        if (!is_present) return fail(ErrorCode::invalid, "missing object " + tip.hex());
        needed.push_back(tip);
    }
    for (const ObjectReference& reference : request.boundary) {
        ASHLAR_CHECK(check_present(objects, reference));
        needed.push_back(reference.id);
    }
    if (request.unreachable == Unreachable::none) return {};
    std::vector<ObjectId> tips;
    ASHLAR_TRY(std::vector<ObjectId> rest, without_tips(refs, needed, tips));
    if (rest.empty()) return {};
    ASHLAR_TRY(std::vector<ObjectId> unreachable,
               request.stored_packs ? unreachable_in(request.stored_packs, rest, tips)
                                    : unreachable_from(objects, rest, tips));
    if (unreachable.empty()) return {};
    // The same words as for an object that is not there: that it is must not be told.
    return fail(ErrorCode::invalid, "missing object " + unreachable.front().hex());
}

}  // namespace ashlar::git
