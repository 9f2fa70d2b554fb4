// Objects, ref names and .gitmodules from outside: the first byte says as what the rest is read.
// What fsck takes, the parsers must be able to read.
#include <cstdlib>

#include "git/object/commit.h"
#include "git/object/fsck.h"
#include "git/object/ref_name.h"
#include "git/object/tag.h"
#include "git/object/tree.h"

namespace ashlar::git {
namespace {

void check(bool holds) {
    if (!holds) std::abort();
}

void read_tree(ByteView content, bool accepted) {
    TreeReader reader(content);
    while (true) {
        auto entry = reader.next();
        if (!entry) check(!accepted);
        if (!entry || !*entry) return;
        // Reading goes on behind the entry, so the loop ends.
        check((*entry)->name.size() < content.size());
    }
}

void read(ByteView input) {
    ByteView content = input.subspan(1);
    FsckReport report;
    switch (input[0] % 6) {
        case 0:
            fsck_commit(content, report);
            check(report.first_error() != nullptr || parse_commit(content).has_value());
            check(report.first_error() != nullptr || parse_commit_links(content).has_value());
            return;
        case 1:
            fsck_tree(content, report);
            return read_tree(content, report.first_error() == nullptr);
        case 2:
            fsck_tag(content, report);
            check(report.first_error() != nullptr || parse_tag(content).has_value());
            return;
        case 3:
            return fsck_gitmodules(content, report);
        case 4:
            return fsck_gitattributes(content, report);
        default: {
            bool good = check_ref_name(as_text(content)).has_value();
            check(!good || as_text(content).find("..") == std::string_view::npos);
            return;
        }
    }
}

}  // namespace
}  // namespace ashlar::git

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 0) ashlar::git::read({data, size});
    return 0;
}
