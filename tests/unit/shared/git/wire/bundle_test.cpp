#include "git/wire/bundle.h"

#include <gtest/gtest.h>

namespace ashlar::git {
namespace {

const std::string kOne(40, '1');
const std::string kTwo(40, '2');

ObjectId id_from(const std::string& hex) {
    return *ObjectId::from_hex(hex);
}

std::optional<ErrorCode> code_of(const std::string& text) {
    ByteView rest = as_bytes(text);
    const auto header = parse_bundle_header(rest);
    return header ? std::nullopt : std::optional(header.error().code);
}

TEST(BundleHeader, is_what_git_writes) {
    BundleHeader header;
    header.refs = {{"HEAD", id_from(kOne), std::nullopt},
                   {"refs/heads/main", id_from(kOne), std::nullopt}};
    EXPECT_EQ(as_text(encode_bundle_header(header)),
              "# v2 git bundle\n" + kOne + " HEAD\n" + kOne + " refs/heads/main\n\n");
}

TEST(BundleHeader, comes_back_and_leaves_the_pack) {
    BundleHeader header;
    header.prerequisites = {id_from(kTwo)};
    header.refs = {{"refs/heads/a b", id_from(kOne), std::nullopt}};
    header.refs[0].name = "refs/heads/a-b";
    Bytes bundle = encode_bundle_header(header);
    append(bundle, "PACK");
    ByteView rest = bundle;
    const auto parsed = parse_bundle_header(rest);
    ASSERT_TRUE(parsed) << parsed.error().message();
    EXPECT_EQ(parsed->prerequisites, header.prerequisites);
    EXPECT_EQ(parsed->refs, header.refs);
    EXPECT_EQ(as_text(rest), "PACK");
}

TEST(BundleHeader, of_git_with_a_comment_behind_a_prerequisite_is_read) {
    EXPECT_FALSE(code_of("# v2 git bundle\n-" + kTwo + " A commit\n" + kOne + " HEAD\n\n"));
}

TEST(BundleHeader, that_is_none_is_refused) {
    EXPECT_EQ(code_of(""), ErrorCode::invalid);
    EXPECT_EQ(code_of("hello"), ErrorCode::invalid);
    EXPECT_EQ(code_of("# v3 git bundle\n\n"), ErrorCode::unsupported);
    EXPECT_EQ(code_of("# v2 git bundle\n"), ErrorCode::invalid);
    EXPECT_EQ(code_of("# v2 git bundle\n" + kOne + " HEAD\n"), ErrorCode::invalid);
    EXPECT_EQ(code_of("# v2 git bundle\n" + kOne + "\n\n"), ErrorCode::invalid);
    EXPECT_EQ(code_of("# v2 git bundle\nxyz HEAD\n\n"), ErrorCode::invalid);
    EXPECT_EQ(code_of("# v2 git bundle\n" + kOne + " ../x\n\n"), ErrorCode::invalid);
    EXPECT_EQ(code_of("# v2 git bundle\n" + kOne + " HEAD\n-" + kTwo + " x\n\n"),
              ErrorCode::invalid);
}

TEST(BundleHeader, has_a_limit) {
    std::string text = "# v2 git bundle\n";
    for (std::size_t i = 0; i <= kBundleRefsMax; ++i) text += "-" + kTwo + " \n";
    EXPECT_EQ(code_of(text + "\n"), ErrorCode::limit_exceeded);
    EXPECT_EQ(code_of("# v2 git bundle\n-" + kTwo + " " + std::string(kBundleHeaderSizeMax, 'a') +
                      "\n\n"),
              ErrorCode::invalid);
}

}  // namespace
}  // namespace ashlar::git
