#include "git/listed_refs.h"

#include <gtest/gtest.h>

namespace ashlar::git {
namespace {

ListedRefs some_refs() {
    std::vector<Ref> refs;
    for (const char* name : {"refs/heads/a", "refs/heads/ab", "refs/heads/b", "refs/tags/v1"}) {
        refs.push_back({name, {}, std::nullopt});
    }
    return {refs, "refs/heads/a"};
}

std::vector<std::string> scanned(const RefSource& refs, std::string_view prefix,
                                 std::string_view after, std::size_t count_max = 10) {
    std::vector<std::string> names;
    EXPECT_TRUE(refs.scan_after(prefix, after, [&](const Ref& ref) {
        names.push_back(ref.name);
        return names.size() < count_max;
    }));
    return names;
}

using Names = std::vector<std::string>;

TEST(ListedRefs, lists_what_begins_with_a_prefix) {
    const ListedRefs refs = some_refs();
    EXPECT_EQ(scanned(refs, "", "").size(), 4u);
    EXPECT_EQ(scanned(refs, "refs/heads/a", ""), (Names{"refs/heads/a", "refs/heads/ab"}));
    EXPECT_EQ(scanned(refs, "refs/tags/", ""), Names{"refs/tags/v1"});
    EXPECT_EQ(scanned(refs, "refs/notes/", ""), Names{});
    EXPECT_EQ(scanned(refs, "refs/", "", 2), (Names{"refs/heads/a", "refs/heads/ab"}));
}

TEST(ListedRefs, goes_on_behind_a_name_whether_it_is_listed_or_not) {
    const ListedRefs refs = some_refs();
    EXPECT_EQ(scanned(refs, "refs/heads/", "refs/heads/a"),
              (Names{"refs/heads/ab", "refs/heads/b"}));
    EXPECT_EQ(scanned(refs, "refs/heads/", "refs/heads/aa"),
              (Names{"refs/heads/ab", "refs/heads/b"}));
    EXPECT_EQ(scanned(refs, "refs/heads/", "refs/heads/b"), Names{});
    EXPECT_EQ(scanned(refs, "refs/tags/", "refs/heads/b"), Names{"refs/tags/v1"});
}

TEST(ListedRefs, finds_by_the_whole_name) {
    const ListedRefs refs = some_refs();
    EXPECT_TRUE((*refs.find("refs/heads/ab")).has_value());
    EXPECT_FALSE((*refs.find("refs/heads/")).has_value());
    EXPECT_FALSE((*refs.find("refs/zzz")).has_value());
    EXPECT_EQ(*refs.head_target(), "refs/heads/a");
}

}  // namespace
}  // namespace ashlar::git
