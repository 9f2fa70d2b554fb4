#include "git/walk/object_filter.h"

#include <gtest/gtest.h>

namespace ashlar::git {
namespace {

TEST(ObjectFilter, reads_what_git_writes) {
    EXPECT_EQ(ObjectFilter::parse("blob:limit=1k")->blob_size_limit(), 1024U);
    EXPECT_EQ(ObjectFilter::parse("blob:limit=2M")->blob_size_limit(), 2U << 20);
    EXPECT_EQ(ObjectFilter::parse("blob:limit=3g")->blob_size_limit(), 3ULL << 30);
    EXPECT_EQ(ObjectFilter::parse("tree:17")->depth_limit(), 17U);
    EXPECT_FALSE(ObjectFilter::parse("blob:none")->keeps_blobs_at(0));
    EXPECT_TRUE(ObjectFilter::parse("blob:none")->keeps_tree_at(99));
    EXPECT_FALSE(ObjectFilter::parse("object:type=tag")->keeps_entries_at(0));
    EXPECT_EQ(ObjectFilter::parse("sparse:oid=main:a/b")->rules()[0].sparse_name, "main:a/b");
}

TEST(ObjectFilter, combines) {
    ObjectFilter filter = *ObjectFilter::parse("combine:blob:limit=10+tree:3+blob%3alimit=5");
    EXPECT_EQ(filter.rules().size(), 3U);
    EXPECT_EQ(filter.blob_size_limit(), 5U);
    EXPECT_EQ(ObjectFilter::parse("combine:combine%3Atree%3A4%2Btree:9")->depth_limit(), 4U);
}

TEST(ObjectFilter, refuses_what_it_does_not_know) {
    for (std::string_view bad :
         {"", "blob", "blob:some", "blob:limit=", "blob:limit=x", "blob:limit=1kk", "blob:limit=-1",
          "blob:limit=99999999999999999999", "blob:limit=18446744073709551615g", "tree:", "tree:-1",
          "object:type=", "object:type=blobs", "sparse:oid=", "sparse:path=x",
          "combine:", "combine:tree:1+", "combine:%zz", "combine:tree:1%2"}) {
        EXPECT_EQ(ObjectFilter::parse(bad).error().code, ErrorCode::invalid) << bad;
    }
}

TEST(ObjectFilter, has_limits) {
    std::string many = "combine:tree:1";
    for (std::size_t i = 0; i < kFilterPartsMax; ++i) many += "+tree:1";
    EXPECT_FALSE(ObjectFilter::parse(many));
    EXPECT_EQ(ObjectFilter::parse(std::string(kFilterSpecSizeMax + 1, 'x')).error().code,
              ErrorCode::limit_exceeded);
    std::string nested = "tree:1";
    for (int i = 0; i < 12; ++i) nested = "combine:" + nested;
    EXPECT_FALSE(ObjectFilter::parse(nested));
}

// git-ignore's own examples, and those of wildmatch.
TEST(SparsePatterns, match_as_gitignore_does) {
    struct Case {
        std::string_view pattern;
        std::string_view text;
        bool matches;
    };
    for (const Case& at : std::vector<Case>{{"foo", "foo", true},
                                            {"foo", "food", false},
                                            {"*", "foo", true},
                                            {"*", "a/b", false},
                                            {"f*o", "fo", true},
                                            {"f?o", "fxo", true},
                                            {"f?o", "f/o", false},
                                            {"[a-c]x", "bx", true},
                                            {"[!a-c]x", "bx", false},
                                            {"[]]", "]", true},
                                            {"[a", "[a", true},
                                            {"\\*", "*", true},
                                            {"\\*", "x", false},
                                            {"**/foo", "foo", true},
                                            {"**/foo", "a/b/foo", true},
                                            {"**/foo", "a/bfoo", false},
                                            {"foo/**", "foo/a/b", true},
                                            {"foo/**", "foo", false},
                                            {"a/**/b", "a/b", true},
                                            {"a/**/b", "a/x/y/b", true},
                                            {"a/**/b", "a/xb", false},
                                            {"a/**/b", "ab", false},
                                            {"a**b", "axxb", true},
                                            {"a**b", "a/b", false},
                                            {"**", "a/b", true},
                                            {"", "", true},
                                            {"", "a", false}}) {
        EXPECT_EQ(wildcard_match(at.pattern, at.text), at.matches)
            << at.pattern << " on " << at.text;
    }
}

TEST(SparsePatterns, of_many_stars_take_no_exponential_time) {
    std::string pattern;
    for (int i = 0; i < 200; ++i) pattern += "*a";
    EXPECT_FALSE(wildcard_match(pattern + "b", std::string(2000, 'a')));
}

TEST(SparsePatterns, last_match_decides) {
    SparsePatterns patterns =
        *SparsePatterns::parse(as_bytes("# comment\n\n/*\n!/*/\n/docs/\nbuild/out  \n"));
    EXPECT_EQ(patterns.match("README", PathKind::file), true);
    EXPECT_EQ(patterns.match("src", PathKind::folder), false);
    EXPECT_EQ(patterns.match("docs", PathKind::folder), true);
    EXPECT_EQ(patterns.match("src/a.c", PathKind::file), std::nullopt);
    EXPECT_EQ(patterns.match("build/out", PathKind::file), true);
    EXPECT_EQ(patterns.match("x/build/out", PathKind::file), std::nullopt);
}

TEST(SparsePatterns, have_a_limit) {
    std::string many;
    for (std::size_t i = 0; i <= kSparsePatternsMax; ++i) many += "a\n";
    EXPECT_EQ(SparsePatterns::parse(as_bytes(many)).error().code, ErrorCode::limit_exceeded);
}

}  // namespace
}  // namespace ashlar::git
