#include "git/object/tree.h"

#include <algorithm>
#include <cstring>

namespace ashlar::git {
namespace {

constexpr std::uint32_t kModeMax = 0177777;

}  // namespace

TreeReader::Step TreeReader::broken(const char* fault) {
    fault_ = fault;
    return Step::broken;
}

TreeReader::Step TreeReader::next_into(TreeEntryView& entry) {
    const Byte* at = rest_.data();
    const Byte* end = at + rest_.size();
    if (at == end) return Step::end;
    std::uint32_t mode = 0;
    const Byte* start = at;
    for (; at != end && *at >= '0' && *at <= '7'; ++at) {
        mode = (mode << 3) | (*at - std::uint32_t{'0'});
        if (mode > kModeMax) return broken("a tree entry's mode overflows");
    }
    if (at == start || at == end || *at != ' ') return broken("a tree entry without a mode");
    ++at;
    const auto* name_end =
        static_cast<const Byte*>(std::memchr(at, 0, static_cast<std::size_t>(end - at)));
    if (name_end == nullptr) return broken("a tree entry's name has no end");
    if (static_cast<std::size_t>(end - name_end - 1) < ObjectId::kSize) {
        return broken("a tree ends within an object id");
    }
    entry.mode = mode;
    entry.name = {reinterpret_cast<const char*>(at), static_cast<std::size_t>(name_end - at)};
    std::memcpy(entry.id.bytes.data(), name_end + 1, ObjectId::kSize);
    const Byte* next = name_end + 1 + ObjectId::kSize;
    rest_ = {next, static_cast<std::size_t>(end - next)};
    return Step::entry;
}

Expected<std::optional<TreeEntryView>> TreeReader::next() {
    TreeEntryView entry;
    switch (next_into(entry)) {
        case Step::entry:
            return std::optional<TreeEntryView>(entry);
        case Step::end:
            return std::optional<TreeEntryView>();
        case Step::broken:
            break;
    }
    return fail(ErrorCode::invalid, fault_);
}

Expected<std::optional<TreeEntryView>> find_tree_entry(ByteView content, std::string_view name) {
    TreeReader reader(content);
    while (true) {
        ASHLAR_TRY(std::optional<TreeEntryView> entry, reader.next());
        if (!entry || entry->name == name) return entry;
    }
}

bool tree_entry_before(std::string_view left, bool left_is_tree, std::string_view right,
                       bool right_is_tree) {
    std::size_t common = std::min(left.size(), right.size());
    int order = common == 0 ? 0 : std::memcmp(left.data(), right.data(), common);
    if (order != 0) return order < 0;
    auto next = [common](std::string_view name, bool is_tree) -> unsigned {
        if (common < name.size()) return static_cast<unsigned char>(name[common]);
        return is_tree ? '/' : 0U;
    };
    return next(left, left_is_tree) < next(right, right_is_tree);
}

}  // namespace ashlar::git
