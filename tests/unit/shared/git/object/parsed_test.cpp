#include <gtest/gtest.h>

#include "git/object/commit.h"
#include "git/object/ref_name.h"
#include "git/object/tag.h"
#include "git/object/tree.h"

namespace ashlar::git {
namespace {

const std::string kId = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

TEST(Commit, is_parsed_with_its_signature) {
    std::string text =
        "tree " + kId + "\nparent " + kId + "\nparent " + kId +
        "\nauthor A U Thor <a@b> 1700000000 +0130\ncommitter C <c@d> -5 -0500\n"
        "encoding ISO-8859-1\ngpgsig -----BEGIN\n \n abc\n -----END\n\nSubject\n\nBody\n";
    auto commit = parse_commit(as_bytes(text));
    ASSERT_TRUE(commit) << commit.error().message();
    EXPECT_EQ(commit->tree.hex(), kId);
    EXPECT_EQ(commit->parents.size(), 2U);
    EXPECT_EQ(commit->author.name, "A U Thor");
    EXPECT_EQ(commit->author.email, "a@b");
    EXPECT_EQ(commit->author.seconds, 1700000000);
    EXPECT_EQ(commit->author.zone_minutes, 90);
    EXPECT_EQ(commit->committer.seconds, -5);
    EXPECT_EQ(commit->committer.zone_minutes, -300);
    EXPECT_EQ(commit->encoding, "ISO-8859-1");
    EXPECT_EQ(commit->signature, "-----BEGIN\n \n abc\n -----END");
    EXPECT_EQ(commit->subject(), "Subject");
    EXPECT_EQ(commit->message, "Subject\n\nBody\n");
    auto links = parse_commit_links(as_bytes(text));
    ASSERT_TRUE(links);
    EXPECT_EQ(links->parents, commit->parents);
    EXPECT_EQ(links->committed_seconds, -5);
}

TEST(Commit, without_links_is_refused) {
    EXPECT_FALSE(parse_commit(as_bytes("")));
    EXPECT_FALSE(parse_commit(as_bytes("tree 123\n")));
    EXPECT_FALSE(parse_commit(as_bytes("tree " + kId + "\nparent x\n\n")));
    EXPECT_TRUE(parse_commit(as_bytes("tree " + kId + "\n")));
    EXPECT_TRUE(parse_commit(as_bytes("tree " + kId + "\nx")));
}

TEST(Identity, of_any_damage_is_read_as_far_as_it_goes) {
    for (std::string_view line : {"", "<", ">", "<>", "><", "A", "A <", "A <b", "A <b> x", "A <b>5",
                                  "A <b> 99999999999999999999999 +9999999"}) {
        IdentityView identity = parse_identity(line);
        EXPECT_LE(identity.name.size(), line.size());
    }
    EXPECT_EQ(parse_identity("A <b>5 +0100").seconds, 5);
    EXPECT_EQ(parse_identity("A <b <c>> 5 +0100").email, "b <c>");
}

TEST(Tag, is_parsed) {
    std::string text = "object " + kId + "\ntype commit\ntag v1\ntagger A <b> 5 +0000\n\nMessage\n";
    auto tag = parse_tag(as_bytes(text));
    ASSERT_TRUE(tag);
    EXPECT_EQ(tag->target.type, ObjectType::commit);
    EXPECT_EQ(tag->target.id.hex(), kId);
    EXPECT_EQ(tag->name, "v1");
    EXPECT_EQ(tag->tagger->seconds, 5);
    EXPECT_EQ(tag->message, "Message\n");
    EXPECT_FALSE(parse_tag(as_bytes("object " + kId + "\ntype x\ntag v1\n\n")));
    EXPECT_FALSE(parse_tag(as_bytes("")));
}

TEST(Tree, is_ordered_as_git_does) {
    EXPECT_TRUE(tree_entry_before("a.c", false, "a", true));
    EXPECT_TRUE(tree_entry_before("a", false, "a.c", false));
    EXPECT_TRUE(tree_entry_before("a", true, "a0", false));
    EXPECT_FALSE(tree_entry_before("a", true, "a", true));
}

TEST(RefName, follows_git_check_ref_format) {
    for (std::string_view name : {"refs/heads/main", "refs/heads/a/b", "heads/x", "refs/heads/@",
                                  "refs/heads/-x", "refs/heads/\xc3\xa9", "refs/heads/a.b",
                                  "refs/heads/lock", "refs/heads/a.lock.b", "refs/x@y/{"}) {
        EXPECT_TRUE(check_ref_name(name)) << name;
    }
    for (std::string_view name : {"",
                                  "main",
                                  "refs/heads/",
                                  "/refs/heads/x",
                                  "refs//x",
                                  "refs/heads/.x",
                                  "refs/heads/x.",
                                  "refs/heads/x..y",
                                  "refs/heads/../x",
                                  "refs/heads/x.lock",
                                  "refs/x.lock/y",
                                  "refs/heads/a b",
                                  "refs/heads/a~",
                                  "refs/heads/a^",
                                  "refs/heads/a:",
                                  "refs/heads/a?",
                                  "refs/heads/a*",
                                  "refs/heads/a[",
                                  "refs/heads/a\\b",
                                  "refs/heads/a@{b",
                                  "refs/heads/a\x7f",
                                  "refs/heads/a\n",
                                  "refs/heads/a\x01"}) {
        EXPECT_FALSE(check_ref_name(name)) << name;
    }
    EXPECT_FALSE(check_ref_name(std::string_view("refs/heads/a\0b", 14)));
    EXPECT_FALSE(check_ref_name("refs/heads/" + std::string(kRefNameSizeMax, 'x')));
    EXPECT_FALSE(check_pushed_ref_name("heads/main"));
    EXPECT_TRUE(check_pushed_ref_name("refs/heads/main"));
}

}  // namespace
}  // namespace ashlar::git
