#include "git/pack/delta_forest.h"

#include <algorithm>

namespace ashlar::git {

DeltaForest::DeltaForest(const std::vector<ReceivedEntry>& entries,
                         std::vector<ReferenceDelta> reference_deltas,
                         const std::uint64_t& pack_end)
    : entries_(entries),
      reference_deltas_(std::move(reference_deltas)),
      pack_end_(pack_end),
      first_child_(entries.size() + 1),
      weights_(entries.size()) {
    std::sort(reference_deltas_.begin(), reference_deltas_.end(),
              [](const ReferenceDelta& left, const ReferenceDelta& right) {
                  if (left.base != right.base) return left.base < right.base;
                  return left.entry < right.entry;
              });
    // A base named by distance lies before its delta, so one pass backwards sums up all weights.
    for (std::size_t number = entries.size(); number-- > 0;) {
        std::uint32_t base = entries[number].base;
        if (base == kNoBase) continue;
        weights_[base] += weights_[number] + 1;
        ++first_child_[base + std::size_t{1}];
    }
    for (std::size_t i = 1; i < first_child_.size(); ++i) first_child_[i] += first_child_[i - 1];
    children_.resize(first_child_.back());
    std::vector<std::uint32_t> next(first_child_.begin(), first_child_.end() - 1);
    for (std::uint32_t number = 0; number < entries.size(); ++number) {
        if (entries[number].base != kNoBase) children_[next[entries[number].base]++] = number;
    }
    for (std::size_t base = 0; base < entries.size(); ++base) {
        auto first = children_.begin() + static_cast<std::ptrdiff_t>(first_child_[base]);
        auto last = children_.begin() + static_cast<std::ptrdiff_t>(first_child_[base + 1]);
        if (last - first < 2) continue;
        auto heaviest = std::max_element(first, last, [this](std::uint32_t a, std::uint32_t b) {
            return weights_[a] != weights_[b] ? weights_[a] < weights_[b] : a < b;
        });
        std::iter_swap(heaviest, last - 1);
    }
}

std::uint64_t DeltaForest::length(std::uint32_t number) const {
    std::uint64_t end =
        number + std::size_t{1} < entries_.size() ? entries_[number + 1].offset : pack_end_;
    return end - entries_[number].offset;
}

std::span<const std::uint32_t> DeltaForest::offset_children(std::uint32_t number) const {
    if (number + std::size_t{1} >= first_child_.size()) return {};
    std::uint32_t first = first_child_[number];
    return std::span(children_).subspan(first, first_child_[number + 1] - first);
}

std::span<const ReferenceDelta> DeltaForest::reference_children(const ObjectId& id) const {
    auto first = std::lower_bound(
        reference_deltas_.begin(), reference_deltas_.end(), id,
        [](const ReferenceDelta& delta, const ObjectId& base) { return delta.base < base; });
    auto last = first;
    while (last != reference_deltas_.end() && last->base == id) ++last;
    return std::span(reference_deltas_)
        .subspan(static_cast<std::size_t>(first - reference_deltas_.begin()),
                 static_cast<std::size_t>(last - first));
}

bool DeltaForest::has_children(std::uint32_t number, const ObjectId& id) const {
    return !offset_children(number).empty() || !reference_children(id).empty();
}

std::uint32_t DeltaForest::weight(std::uint32_t number) const {
    return number < weights_.size() ? weights_[number] : 0;
}

}  // namespace ashlar::git
