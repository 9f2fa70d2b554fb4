#include "git/listed_refs.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace ashlar::git {

namespace {

bool name_is_below(const Ref& ref, std::string_view name) {
    return ref.name < name;
}

}  // namespace

ListedRefs::ListedRefs(std::vector<Ref> refs, std::string head_target)
    : refs_(std::move(refs)), head_target_(std::move(head_target)) {
    for (std::size_t i = 1; i < refs_.size(); ++i) {
        ASHLAR_ASSERT(refs_[i - 1].name < refs_[i].name);
    }
}

Expected<void> ListedRefs::scan(std::string_view prefix, const Visitor& visit) const {
    return scan_after(prefix, {}, visit);
}

Expected<void> ListedRefs::scan_after(std::string_view prefix, std::string_view after,
                                      const Visitor& visit) const {
    const std::string_view first = std::max(prefix, after);
    auto ref = std::lower_bound(refs_.begin(), refs_.end(), first, name_is_below);
    if (ref != refs_.end() && ref->name == after) ++ref;
    for (; ref != refs_.end() && ref->name.starts_with(prefix); ++ref) {
        if (!visit(*ref)) break;
    }
    return {};
}

Expected<std::optional<Ref>> ListedRefs::find(std::string_view name) const {
    const auto ref = std::lower_bound(refs_.begin(), refs_.end(), name, name_is_below);
    if (ref == refs_.end() || ref->name != name) return std::nullopt;
    return *ref;
}

}  // namespace ashlar::git
