// A tree, read entry by entry without copying: views into its content, which must outlive them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "git/object/object.h"

namespace ashlar::git {

inline constexpr std::uint32_t kModeTypeMask = 0170000;
inline constexpr std::uint32_t kModeTree = 0040000;
inline constexpr std::uint32_t kModeBlob = 0100644;
inline constexpr std::uint32_t kModeExecutable = 0100755;
inline constexpr std::uint32_t kModeSymlink = 0120000;
inline constexpr std::uint32_t kModeGitlink = 0160000;  // the commit of a submodule

struct TreeEntryView {
    std::uint32_t mode = 0;
    std::string_view name;
    ObjectId id;

    bool is_tree() const { return (mode & kModeTypeMask) == kModeTree; }
    bool is_gitlink() const { return (mode & kModeTypeMask) == kModeGitlink; }
    bool is_symlink() const { return (mode & kModeTypeMask) == kModeSymlink; }
};

// while (true) { ASHLAR_TRY(auto entry, reader.next()); if (!entry) break; ... }
class TreeReader {
  public:
    explicit TreeReader(ByteView content) : rest_(content) {}
    // The next entry; nothing at the end; `invalid` where the bytes are no entry.
    Expected<std::optional<TreeEntryView>> next();

    // The same without an allocation or a copy that could be spared, for whoever reads millions.
    enum class Step { entry, end, broken };
    Step next_into(TreeEntryView& entry);
    // What broke, after Step::broken.
    const char* fault() const { return fault_; }

  private:
    Step broken(const char* fault);

    ByteView rest_;
    const char* fault_ = "";
};

// The entry of that name, nothing where there is none.
Expected<std::optional<TreeEntryView>> find_tree_entry(ByteView content, std::string_view name);

// The order of entries in a tree: bytewise, a tree's name as if it ended with '/'.
bool tree_entry_before(std::string_view left, bool left_is_tree, std::string_view right,
                       bool right_is_tree);

}  // namespace ashlar::git
