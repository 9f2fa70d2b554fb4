// What the objects of a push must be. The validator that takes a push asks, and each that votes for
// the block asks again: a lying one gets no vote.
//
// Errors: `invalid`, in words for whoever pushed, where the objects are not what the push says; and
// what the sources of objects give.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "forge/transaction.h"
#include "git/object/object_source.h"
#include "git/pack/pack_receiver.h"

namespace ashlar::chain {

// What receiving a pack found out about it, as far as judging a push needs it (git::ReceivedPack).
struct PackFindings {
    std::vector<git::ObjectReference> boundary;
    std::vector<git::ObjectId> unreferenced;
    std::uint64_t unreferenced_count = 0;
};
PackFindings findings_of(const git::ReceivedPack& pack);

// What the ref's new object finally points to, where it is an annotated tag; else nothing.
Expected<std::optional<git::ObjectId>> peel_new_tip(git::ObjectSource& objects,
                                                    std::string_view ref_name,
                                                    const git::ObjectId& id);

// Whether the pack holds nothing that the refs do not reach after the push: whoever follows names
// upwards from any of its objects ends at one that nothing in it names. Those that were stored
// before (bases that completed a thin pack) are none of the push's.
using IsStored = std::function<Expected<bool>(const git::ObjectId&)>;
Expected<bool> tips_reach_all(const PackFindings& pack, const forge::UpdateRefs& action,
                              const IsStored& was_stored);

// Whether an update lets go of what its ref reached.
Expected<bool> rewinds(git::ObjectSource& objects, const forge::RefUpdate& update);

// A push that a block names, and where its objects are.
struct PushedObjects {
    git::ObjectSource& before;           // of the repository, and of earlier pushes
    git::ObjectSource& all;              // the push's pack over these
    const PackFindings* pack = nullptr;  // of the push's pack, if it has one
    std::function<bool(const git::ObjectId&)> is_in_pack;
    // Whether the action has every ref that was pushed: none was left out for the rules refused it.
    bool has_all_refs = true;
};

// That the pack is closed over what was stored before, that each new tip is there and of the right
// kind, that peeled ids are true, and that what lets go of objects says so. (That a tip was not
// unreachable before is for the one who takes the push to see: meanwhile others may have deleted
// what reached it, and that is no lie.)
Expected<void> check_pushed_objects(const forge::UpdateRefs& action, const PushedObjects& objects);

}  // namespace ashlar::chain
