#include "git/browse/resolve.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "git/browse/read.h"

namespace ashlar::git::browse {

namespace {

constexpr std::string_view kHeads = "refs/heads/";
constexpr std::string_view kTags = "refs/tags/";
constexpr std::size_t kHexDigits = 2 * ObjectId::kSize;
constexpr std::size_t kPrefixDigitsMin = 4;

// Without slashes at the ends, and one where there were several.
std::string clean_path(std::string_view path) {
    std::string clean;
    while (!path.empty()) {
        std::string_view part = path.substr(0, path.find('/'));
        path.remove_prefix(std::min(path.size(), part.size() + 1));
        if (part.empty()) continue;
        if (!clean.empty()) clean.push_back('/');
        clean.append(part);
    }
    return clean;
}

Expected<ObjectId> commit_of(ObjectSource& objects, const Ref& ref) {
    ASHLAR_TRY(Peeled peeled, peel(objects, ref.peeled ? *ref.peeled : ref.id));
    if (peeled.type == ObjectType::commit) return peeled.id;
    return fail(ErrorCode::invalid,
                ref.name + " names a " + std::string(to_string(peeled.type)) + ", not a commit");
}

Expected<std::optional<Revision>> find_ref(const RefSource& refs, ObjectSource& objects,
                                           std::string_view name) {
    struct Candidate {
        std::string_view prefix;
        RevisionKind kind;
    };
    static constexpr std::array<Candidate, 3> kCandidates{{{kHeads, RevisionKind::branch},
                                                           {kTags, RevisionKind::tag},
                                                           {"", RevisionKind::other_ref}}};
    for (const Candidate& candidate : kCandidates) {
        if (candidate.prefix.empty() && name.substr(0, 5) != "refs/") continue;
        std::string full_name = std::string(candidate.prefix).append(name);
        ASHLAR_TRY(std::optional<Ref> ref, refs.find(full_name));
        if (!ref) continue;
        ASHLAR_TRY(ObjectId commit, commit_of(objects, *ref));
        return std::optional(Revision{candidate.kind, std::string(name), commit});
    }
    return std::optional<Revision>();
}

bool is_hex(std::string_view text) {
    return text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

// A commit by its full or shortened id, without asking whether it may be shown.
Expected<std::optional<Revision>> find_any_commit(ObjectSource& objects, std::string_view name) {
    if (name.size() < kPrefixDigitsMin || name.size() > kHexDigits || !is_hex(name)) {
        return std::optional<Revision>();
    }
    std::vector<ObjectId> ids;
    if (name.size() == kHexDigits) {
        ASHLAR_TRY(ObjectId id, ObjectId::from_hex(name));
        ids.push_back(id);
    } else {
        static constexpr std::size_t kCandidatesMax = 16;
        ASHLAR_TRY(ids, objects.find_prefix(name, kCandidatesMax));
    }
    std::optional<Revision> revision;
    for (const ObjectId& id : ids) {
        auto peeled = peel(objects, id);
        if (!peeled && peeled.error().code == ErrorCode::not_found) continue;
        if (!peeled) return Unexpected(std::move(peeled).error());
        if (peeled->type != ObjectType::commit) continue;
        if (revision) {
            return fail(ErrorCode::invalid, std::string(name) + " could be several commits");
        }
        revision = Revision{RevisionKind::commit, peeled->id.hex(), peeled->id};
    }
    return revision;
}

Expected<std::optional<Revision>> find_commit(const RefSource& refs, ObjectSource& objects,
                                              std::string_view name, Unreachable unreachable) {
    ASHLAR_TRY(auto revision, find_any_commit(objects, name));
    if (!revision) return revision;
    auto reachable = check_reachable(refs, objects, {revision->commit}, unreachable);
    if (reachable) return revision;
    if (reachable.error().code == ErrorCode::not_found) return std::optional<Revision>();
    return Unexpected(std::move(reachable).error());
}

}  // namespace

Expected<void> check_reachable(const RefSource& refs, ObjectSource& objects,
                               const std::vector<ObjectId>& ids, Unreachable unreachable) {
    if (unreachable == Unreachable::none || ids.empty()) return {};
    std::vector<ObjectId> tips;
    ASHLAR_CHECK(refs.scan("refs/", [&](const Ref& ref) {
        tips.push_back(ref.id);
        return true;
    }));
    ASHLAR_TRY(std::vector<ObjectId> unreached, unreachable_from(objects, ids, tips));
    if (unreached.empty()) return {};
    return fail(ErrorCode::not_found, "no ref reaches " + unreached.front().hex());
}

Expected<Location> resolve(const RefSource& refs, ObjectSource& objects,
                           std::string_view revision_and_path, Unreachable unreachable) {
    std::string text = clean_path(revision_and_path);
    std::vector<std::size_t> ends;  // where a ref's name may end
    for (std::size_t end = text.find('/'); ends.size() < kRefPartsMax;
         end = text.find('/', end + 1)) {
        ends.push_back(std::min(end, text.size()));
        if (end == std::string::npos) break;
    }
    std::string_view first(text.data(), ends.front());
    auto location = [&](Revision revision, std::size_t end) {
        return Location{std::move(revision), text.substr(std::min(end + 1, text.size()))};
    };
    if (first.size() == kHexDigits) {
        ASHLAR_TRY(auto commit, find_commit(refs, objects, first, unreachable));
        if (commit) return location(std::move(*commit), ends.front());
    }
    if (first == "HEAD") {
        ASHLAR_TRY(Revision head, resolve_head(refs, objects));
        return location(std::move(head), ends.front());
    }
    for (auto end = ends.rbegin(); end != ends.rend(); ++end) {
        ASHLAR_TRY(auto ref, find_ref(refs, objects, std::string_view(text).substr(0, *end)));
        if (ref) return location(std::move(*ref), *end);
    }
    ASHLAR_TRY(auto commit, find_commit(refs, objects, first, unreachable));
    if (commit) return location(std::move(*commit), ends.front());
    return fail(ErrorCode::not_found, "no branch, tag or commit is called " + std::string(first));
}

Expected<Revision> resolve_head(const RefSource& refs, ObjectSource& objects) {
    ASHLAR_TRY(std::string target, refs.head_target());
    ASHLAR_TRY(std::optional<Ref> ref, refs.find(target));
    if (!ref) return fail(ErrorCode::not_found, "HEAD names " + target + ", which does not exist");
    ASHLAR_TRY(ObjectId commit, commit_of(objects, *ref));
    bool is_branch = target.compare(0, kHeads.size(), kHeads) == 0;
    return Revision{is_branch ? RevisionKind::branch : RevisionKind::other_ref,
                    std::string(short_ref_name(target)), commit};
}

std::string_view short_ref_name(std::string_view full_name) {
    for (std::string_view prefix : {kHeads, kTags}) {
        if (full_name.substr(0, prefix.size()) == prefix) return full_name.substr(prefix.size());
    }
    return full_name;
}

}  // namespace ashlar::git::browse
