#include "git/browse/similarity.h"

#include <gtest/gtest.h>

#include <string>

namespace ashlar::git::browse {
namespace {

std::optional<LineHashes> hashes_of(const std::string& text) {
    return LineHashes::of(as_bytes(text));
}

int similarity(const std::string& left, const std::string& right) {
    const auto a = hashes_of(left);
    const auto b = hashes_of(right);
    EXPECT_TRUE(a && b);
    if (!a || !b) return -1;
    EXPECT_EQ(a->similarity_to(*b), b->similarity_to(*a));
    return a->similarity_to(*b);
}

TEST(Similarity, is_the_share_of_the_larger_files_bytes) {
    EXPECT_EQ(similarity("one\ntwo\n", "one\ntwo\n"), 100);
    EXPECT_EQ(similarity("aaaa\nbbbb\n", "aaaa\ncccc\n"), 50);
    EXPECT_EQ(similarity("aaaa\n", "aaaa\nbbbb\ncccc\ndddd\n"), 25);
    EXPECT_EQ(similarity("aaaa\n", "bbbb\n"), 0);
}

TEST(Similarity, does_not_mind_the_order_of_lines_but_their_number) {
    EXPECT_EQ(similarity("aaaa\nbbbb\n", "bbbb\naaaa\n"), 100);
    EXPECT_EQ(similarity("aaaa\naaaa\naaaa\naaaa\n", "aaaa\nbbbb\ncccc\ndddd\n"), 25);
}

TEST(Similarity, sees_a_change_within_one_long_line_as_a_small_one) {
    const std::string line(640, 'x');
    std::string changed = line;
    changed[5] = 'y';
    EXPECT_EQ(similarity(line, changed), 90);
}

TEST(Similarity, tells_a_last_line_without_its_end_from_one_with) {
    EXPECT_EQ(similarity("aaaa\nbbbb\n", "aaaa\nbbbb"), 50);
}

TEST(Similarity, is_of_no_file_that_is_empty_or_has_too_many_lines) {
    EXPECT_FALSE(hashes_of(""));
    std::string text;
    for (std::size_t i = 0; i < kSimilarityLinesMax; ++i) text.append(std::to_string(i)) += "\n";
    EXPECT_TRUE(hashes_of(text));
    EXPECT_FALSE(hashes_of(text + "one more\n"));
    // The same line any number of times is one.
    EXPECT_TRUE(hashes_of(std::string(2 * kSimilarityLinesMax, '\n')));
}

}  // namespace
}  // namespace ashlar::git::browse
