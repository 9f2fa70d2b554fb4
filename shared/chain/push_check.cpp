#include "chain/push_check.h"

#include <set>

#include "git/walk/commit_graph.h"
#include "git/walk/connectivity.h"
#include "git/walk/reachability.h"

namespace ashlar::chain {

namespace {

constexpr std::string_view kBranchPrefix = "refs/heads/";

bool names_a_branch(std::string_view name) {
    return name.substr(0, kBranchPrefix.size()) == kBranchPrefix;
}

// Connectivity without a look at refs asks for none.
class NoRefs final : public git::RefSource {
  public:
    Expected<void> scan(std::string_view, const Visitor&) const override { return {}; }
    Expected<std::optional<git::Ref>> find(std::string_view) const override { return std::nullopt; }
    Expected<std::string> head_target() const override { return std::string(); }
};

Expected<void> check_tips(const forge::UpdateRefs& action, const PushedObjects& objects) {
    for (const forge::RefUpdate& update : action.updates) {
        if (!update.new_id) continue;
        ASHLAR_TRY(const auto peeled, peel_new_tip(objects.all, update.name, *update.new_id));
        if (peeled == update.peeled) continue;
        return fail(ErrorCode::invalid, update.name + " does not peel to what the push says");
    }
    return {};
}

Expected<void> check_closed(const forge::UpdateRefs& action, const PushedObjects& objects) {
    git::ConnectivityRequest request;
    request.unreachable = git::Unreachable::none;
    request.is_in_pack = objects.is_in_pack;
    if (objects.pack != nullptr) request.boundary = objects.pack->boundary;
    for (const forge::RefUpdate& update : action.updates) {
        if (update.new_id) request.tips.push_back(*update.new_id);
    }
    return git::check_connected(objects.before, NoRefs(), request);
}

Expected<void> check_says_rewinds(const forge::UpdateRefs& action, const PushedObjects& objects) {
    if (action.rewinds) return {};
    for (const forge::RefUpdate& update : action.updates) {
        ASHLAR_TRY(const bool lets_go, rewinds(objects.all, update));
        if (lets_go) {
            return fail(ErrorCode::invalid, update.name + " is rewound, and the push hides it");
        }
    }
    // Beyond what is listed nobody can tell; what is extra then are the pusher's own objects.
    if (objects.pack == nullptr || !objects.has_all_refs ||
        objects.pack->unreferenced_count != objects.pack->unreferenced.size()) {
        return {};
    }
    ASHLAR_TRY(const bool reach_all,
               tips_reach_all(*objects.pack, action, [&objects](const git::ObjectId& id) {
                   return objects.before.contains(id);
               }));
    if (reach_all) return {};
    return fail(ErrorCode::invalid, "the pack holds what no ref reaches, and the push hides it");
}

}  // namespace

PackFindings findings_of(const git::ReceivedPack& pack) {
    return {pack.boundary, pack.unreferenced, pack.unreferenced_count};
}

Expected<std::optional<git::ObjectId>> peel_new_tip(git::ObjectSource& objects,
                                                    std::string_view ref_name,
                                                    const git::ObjectId& id) {
    const auto info = objects.info(id);
    if (!info && info.error().code == ErrorCode::not_found) {
        return fail(ErrorCode::invalid, "the object " + id.hex() + " is missing");
    }
    if (!info) return Unexpected(info.error());
    if (names_a_branch(ref_name) && info->type != git::ObjectType::commit) {
        return fail(ErrorCode::invalid, "a branch must point to a commit, and " + id.hex() +
                                            " is a " + std::string(to_string(info->type)));
    }
    if (info->type != git::ObjectType::tag) return std::nullopt;
    git::CommitGraph graph(objects);
    const auto peeled = graph.peel(id);
    if (!peeled && peeled.error().code == ErrorCode::not_found) {
        return fail(ErrorCode::invalid, "what the tag points to is missing");
    }
    if (!peeled) return Unexpected(peeled.error());
    return peeled->id;
}

Expected<bool> tips_reach_all(const PackFindings& pack, const forge::UpdateRefs& action,
                              const IsStored& was_stored) {
    if (pack.unreferenced_count != pack.unreferenced.size()) return false;
    std::set<git::ObjectId> tips;
    for (const forge::RefUpdate& update : action.updates) {
        if (update.new_id) tips.insert(*update.new_id);
    }
    for (const git::ObjectId& id : pack.unreferenced) {
        if (tips.count(id) > 0) continue;
        ASHLAR_TRY(const bool stored, was_stored(id));
        if (!stored) return false;
    }
    return true;
}

Expected<bool> rewinds(git::ObjectSource& objects, const forge::RefUpdate& update) {
    if (!update.old_id || !update.new_id) return false;
    ASHLAR_TRY(const auto lost, git::unreachable_from(objects, {*update.old_id}, {*update.new_id}));
    return !lost.empty();
}

Expected<void> check_pushed_objects(const forge::UpdateRefs& action, const PushedObjects& objects) {
    ASHLAR_CHECK(check_closed(action, objects));
    ASHLAR_CHECK(check_tips(action, objects));
    return check_says_rewinds(action, objects);
}

}  // namespace ashlar::chain
