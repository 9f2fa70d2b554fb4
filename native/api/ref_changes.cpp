#include "native/api/ref_changes.h"

#include "chain/state_reader.h"

namespace ashlar::native {

namespace {

constexpr std::uint64_t kLookedThroughMax = 10'000;

Expected<std::vector<git::Ref>> list(const git::RefSource& refs) {
    std::vector<git::Ref> all;
    ASHLAR_CHECK(refs.scan("", [&](const git::Ref& ref) {
        all.push_back(ref);
        return true;
    }));
    return all;
}

}  // namespace

void add_ref_changes(const std::shared_ptr<const chain::StateReader>& earlier,
                     const forge::Repository& before, const node::RepositoryView& view,
                     codec::RepositoryNews& news) {
    const forge::Repository& now = view.repository;
    if (before.refs_root == now.refs_root) return;
    if (before.ref_count > kLookedThroughMax || now.ref_count > kLookedThroughMax) return;
    const std::shared_ptr<const KeyValueReader> rows(earlier, &earlier->rows());
    const auto old_refs = list(chain::StateRefSource(rows, before));
    const auto new_refs = list(*view.refs);
    if (!old_refs || !new_refs) return;
    codec::RepositoryNews found;
    auto old = old_refs->begin();
    for (const git::Ref& ref : *new_refs) {
        while (old != old_refs->end() && old->name < ref.name) {
            found.removed.push_back((old++)->name);
        }
        const bool is_old = old != old_refs->end() && old->name == ref.name;
        if (!is_old || *old != ref) found.changed.push_back(ref);
        if (is_old) ++old;
    }
    for (; old != old_refs->end(); ++old) found.removed.push_back(old->name);
    if (found.changed.size() + found.removed.size() > codec::kToldRefChangesMax) return;
    news.changes_from = before.refs_root;
    news.changed = std::move(found.changed);
    news.removed = std::move(found.removed);
}

}  // namespace ashlar::native
