#include "git/object/tree.h"

#include <algorithm>
#include <cstring>

namespace ashlar::git {
namespace {

constexpr std::uint32_t kModeMax = 0177777;

}  // namespace

Expected<std::optional<TreeEntryView>> TreeReader::next() {
    if (rest_.empty()) return std::optional<TreeEntryView>();
    TreeEntryView entry;
    std::size_t i = 0;
    while (i < rest_.size() && rest_[i] >= '0' && rest_[i] <= '7') {
        entry.mode = (entry.mode << 3) | (rest_[i] - std::uint32_t{'0'});
        if (entry.mode > kModeMax) return fail(ErrorCode::invalid, "a tree entry's mode overflows");
        ++i;
    }
    if (i == 0 || i == rest_.size() || rest_[i] != ' ') {
        return fail(ErrorCode::invalid, "a tree entry without a mode");
    }
    ++i;
    const void* end = std::memchr(rest_.data() + i, 0, rest_.size() - i);
    if (end == nullptr) return fail(ErrorCode::invalid, "a tree entry's name has no end");
    auto name_end = static_cast<std::size_t>(static_cast<const Byte*>(end) - rest_.data());
    entry.name = as_text(rest_.subspan(i, name_end - i));
    if (rest_.size() - name_end - 1 < ObjectId::kSize) {
        return fail(ErrorCode::invalid, "a tree ends within an object id");
    }
    std::memcpy(entry.id.bytes.data(), rest_.data() + name_end + 1, ObjectId::kSize);
    rest_ = rest_.subspan(name_end + 1 + ObjectId::kSize);
    return std::optional<TreeEntryView>(entry);
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
