#include "api/git_address.h"

#include <gtest/gtest.h>

namespace ashlar::api {
namespace {

TEST(GitAddress, three_forms_name_the_same_repository) {
    for (const char* path :
         {"/alice/hello.git/info/refs", "/alice/hello/info/refs", "/git/alice/hello/info/refs",
          "/git/alice/hello.git/info/refs", "/%61lice/hello%2Egit/info/refs"}) {
        auto address = parse_git_address(path);
        ASSERT_TRUE(address) << path;
        EXPECT_EQ(address->owner, "alice");
        EXPECT_EQ(address->repository, "hello");
        EXPECT_EQ(address->resource, GitResource::info_refs);
    }
}

TEST(GitAddress, names_each_service) {
    EXPECT_EQ(parse_git_address("/a/b.git/git-upload-pack")->resource, GitResource::upload_pack);
    EXPECT_EQ(parse_git_address("/a/b/git-receive-pack")->resource, GitResource::receive_pack);
    EXPECT_EQ(parse_git_address("/a/b.git/HEAD")->resource, GitResource::dumb_file);
    const std::string digest(64, 'a');
    const auto bundle = parse_git_address("/a/b.git/bundles/" + digest + ".bundle");
    ASSERT_TRUE(bundle);
    EXPECT_EQ(bundle->resource, GitResource::bundle);
    EXPECT_EQ(bundle->digest.hex(), digest);
    EXPECT_EQ(parse_git_address("/a/b/packs/" + digest + ".pack")->resource, GitResource::pack);
    EXPECT_FALSE(parse_git_address("/a/b.git/packs/" + digest + ".bundle"));
    EXPECT_FALSE(parse_git_address("/a/b.git/packs/" + std::string(64, 'A') + ".pack"));
    EXPECT_FALSE(parse_git_address("/a/b.git/packs/" + digest.substr(1) + ".pack"));
    EXPECT_EQ(parse_git_address("/a/b.git/objects/info/packs")->resource, GitResource::dumb_file);
}

TEST(GitAddress, leaves_everything_else_to_others) {
    for (const char* path : {"/", "/a", "/a/b", "/a/b.git", "/a/b/tree/main", "/a/b/objects",
                             "/a/b/info", "/a/b/info/refs/x", "/a/b/c/d/info/refs", "//b/info/refs",
                             "/a/.git/info/refs", "/a/%zz/info/refs", "/a/b/git-upload-archive"}) {
        EXPECT_FALSE(parse_git_address(path)) << path;
    }
}

}  // namespace
}  // namespace ashlar::api
