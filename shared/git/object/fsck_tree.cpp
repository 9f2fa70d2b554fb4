#include <algorithm>
#include <cstring>

#include "git/object/dotgit_name.h"
#include "git/object/fsck.h"
#include "git/object/tree.h"

namespace ashlar::git {
namespace {

constexpr std::size_t kNameSizeMax = 4096;

bool below_slash(unsigned char letter) {
    return letter != 0 && letter < '/';
}

unsigned char letter_at(std::string_view name, std::size_t i) {
    return i < name.size() ? static_cast<unsigned char>(name[i]) : 0;
}

// Watches order and duplicates from entry to entry. A file and a folder of one name need not be
// neighbours ("foo", "foo.bar", "foo/"), so files that a folder could still collide with are kept.
class OrderCheck {
  public:
    void visit(const TreeEntryView& entry, FsckReport& report) {
        if (has_previous_) compare(entry, report);
        previous_name_ = entry.name;
        previous_is_tree_ = entry.is_tree();
        has_previous_ = true;
    }

  private:
    void compare(const TreeEntryView& right, FsckReport& report) {
        std::size_t common = std::min(previous_name_.size(), right.name.size());
        int order = common == 0 ? 0 : std::memcmp(previous_name_.data(), right.name.data(), common);
        if (order < 0) return;
        if (order > 0) return unsorted(report);
        unsigned char first = letter_at(previous_name_, common);
        unsigned char second = letter_at(right.name, common);
        if (first == 0 && second == 0) return duplicate(right.name, report);
        if (first == 0 && previous_is_tree_) first = '/';
        if (second == 0 && right.is_tree()) second = '/';
        if (first == 0 && below_slash(second)) {
            candidates_.push_back(previous_name_);
        } else if (second == '/' && below_slash(first)) {
            find_candidate(right.name, report);
        }
        if (first >= second) unsorted(report);
    }

    void find_candidate(std::string_view tree_name, FsckReport& report) {
        while (!candidates_.empty()) {
            std::string_view file_name = candidates_.back();
            candidates_.pop_back();
            if (tree_name.substr(0, file_name.size()) != file_name) continue;
            if (tree_name.size() == file_name.size()) return duplicate(tree_name, report);
            if (below_slash(letter_at(tree_name, file_name.size()))) {
                candidates_.push_back(file_name);
                return;
            }
        }
    }

    static void unsorted(FsckReport& report) {
        report.add(FsckKind::tree_not_sorted, "the entries of a tree are not in order");
    }
    static void duplicate(std::string_view name, FsckReport& report) {
        report.add(FsckKind::duplicate_entries,
                   "a tree holds two entries named '" + std::string(name) + "'");
    }

    bool has_previous_ = false;
    bool previous_is_tree_ = false;
    std::string_view previous_name_;
    std::vector<std::string_view> candidates_;
};

void check_dotgit_file(const TreeEntryView& entry, FsckReport& report) {
    if (is_dotgit_file_name(entry.name, DotgitFile::gitmodules)) {
        if (entry.is_symlink()) {
            report.add(FsckKind::gitmodules_symlink, ".gitmodules is a symbolic link");
        } else {
            report.gitmodules.push_back(entry.id);
        }
    }
    if (is_dotgit_file_name(entry.name, DotgitFile::gitattributes)) {
        if (entry.is_symlink()) {
            report.add(FsckKind::gitattributes_symlink, ".gitattributes is a symbolic link");
        } else {
            report.gitattributes.push_back(entry.id);
        }
    }
    if (!entry.is_symlink()) return;
    if (is_dotgit_file_name(entry.name, DotgitFile::gitignore)) {
        report.add(FsckKind::gitignore_symlink, ".gitignore is a symbolic link");
    }
    if (is_dotgit_file_name(entry.name, DotgitFile::mailmap)) {
        report.add(FsckKind::mailmap_symlink, ".mailmap is a symbolic link");
    }
}

// On Windows a backslash separates, so each part behind one is a name of its own.
void check_behind_backslashes(const TreeEntryView& entry, FsckReport& report) {
    std::size_t found = entry.name.find('\\');
    while (found != std::string_view::npos) {
        std::string_view part = entry.name.substr(found + 1);
        if (is_ntfs_dotgit_name(part)) {
            report.add(FsckKind::has_dotgit, "a tree holds an entry that Windows takes for .git");
        }
        if (is_ntfs_dotgit_file_name(part, DotgitFile::gitmodules)) {
            if (entry.is_symlink()) {
                report.add(FsckKind::gitmodules_symlink, ".gitmodules is a symbolic link");
            } else {
                report.gitmodules.push_back(entry.id);
            }
        }
        found = entry.name.find('\\', found + 1);
    }
}

void check_name(const TreeEntryView& entry, FsckReport& report) {
    std::string_view name = entry.name;
    if (name.empty()) report.add(FsckKind::empty_name, "a tree holds an entry without a name");
    if (std::memchr(name.data(), '/', name.size()) != nullptr) {
        report.add(FsckKind::full_pathname, "a tree holds an entry whose name has a slash");
    }
    if (name.size() > kNameSizeMax) {
        report.add(FsckKind::large_pathname, "a tree holds an entry of a very long name");
    }
    if (!may_be_dotgit_name(name)) return;
    if (name == ".") report.add(FsckKind::has_dot, "a tree holds an entry named '.'");
    if (name == "..") report.add(FsckKind::has_dotdot, "a tree holds an entry named '..'");
    if (is_dotgit_name(name)) {
        report.add(FsckKind::has_dotgit,
                   "a tree holds an entry that some file system takes for .git");
    }
    check_dotgit_file(entry, report);
    check_behind_backslashes(entry, report);
}

void check_mode(const TreeEntryView& entry, FsckReport& report) {
    switch (entry.mode) {
        case kModeTree:
        case kModeBlob:
        case kModeExecutable:
        case kModeSymlink:
        case kModeGitlink:
            return;
        default:
            report.add(FsckKind::bad_filemode, "a tree holds an entry of an unusual mode");
    }
    std::uint32_t type = entry.mode & kModeTypeMask;
    if (type != kModeTree && type != (kModeBlob & kModeTypeMask) && type != kModeSymlink &&
        type != kModeGitlink) {
        report.add(FsckKind::bad_tree,
                   "a tree holds an entry that is no file, folder or submodule");
    }
}

}  // namespace

void fsck_tree(ByteView content, FsckReport& report) {
    TreeReader reader(content);
    OrderCheck order;
    TreeEntryView entry;
    const Byte* start = content.data();
    while (true) {
        TreeReader::Step step = reader.next_into(entry);
        if (step == TreeReader::Step::end) return;
        if (step == TreeReader::Step::broken) {
            report.add(FsckKind::bad_tree,
                       std::string("cannot be parsed as a tree: ") + reader.fault());
            return;
        }
        if (*start == '0') {
            report.add(FsckKind::zero_padded_filemode, "a tree holds zero-padded modes");
        }
        if (entry.id.is_null()) {
            report.add(FsckKind::null_sha1, "a tree holds an entry that points to the null id");
        }
        check_name(entry, report);
        check_mode(entry, report);
        order.visit(entry, report);
        if (!entry.is_gitlink()) {
            report.references.push_back(
                {entry.id, entry.is_tree() ? ObjectType::tree : ObjectType::blob});
        }
        start = reinterpret_cast<const Byte*>(entry.name.data()) + entry.name.size() + 1 +
                ObjectId::kSize;
    }
}

}  // namespace ashlar::git
