#include "git/object/fsck.h"

#include <gtest/gtest.h>

#include "git/object/tree.h"

namespace ashlar::git {
namespace {

const std::string kTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
const std::string kAuthor = "author A U Thor <a@example.com> 1700000000 +0100\n";
const std::string kCommitter = "committer C O Mitter <c@example.com> 1700000000 -0330\n";

ObjectId some_id() {
    ObjectId id;
    id.bytes.fill(0x11);
    return id;
}

Bytes entry(std::string_view mode, std::string_view name, const ObjectId& id = some_id()) {
    Bytes bytes = to_bytes(mode);
    bytes.push_back(' ');
    append(bytes, name);
    bytes.push_back(0);
    append(bytes, id.view());
    return bytes;
}

Bytes tree(std::initializer_list<std::pair<std::string_view, std::string_view>> entries) {
    Bytes bytes;
    for (const auto& [mode, name] : entries) append(bytes, entry(mode, name));
    return bytes;
}

// The kinds that are found, separated by spaces.
std::string kinds_of(const FsckReport& report) {
    std::string kinds;
    for (const FsckMessage& message : report.messages) {
        if (!kinds.empty()) kinds += " ";
        kinds += to_string(message.kind);
    }
    return kinds;
}

std::string of_tree(const Bytes& content) {
    FsckReport report;
    fsck_tree(content, report);
    return kinds_of(report);
}

std::string of_name(std::string_view name, std::string_view mode = "100644") {
    return of_tree(tree({{mode, name}}));
}

std::string of_commit(const std::string& content) {
    FsckReport report;
    fsck_commit(as_bytes(content), report);
    return kinds_of(report);
}

std::string of_tag(const std::string& content) {
    FsckReport report;
    fsck_tag(as_bytes(content), report);
    return kinds_of(report);
}

std::string of_author(const std::string& identity) {
    return of_commit("tree " + kTree + "\nauthor " + identity + "\n" + kCommitter + "\nm\n");
}

std::string of_modules(std::string_view text) {
    FsckReport report;
    fsck_gitmodules(as_bytes(text), report);
    return kinds_of(report);
}

TEST(FsckTree, takes_what_git_writes) {
    FsckReport report;
    fsck_tree(tree({{"100644", "a.c"},
                    {"40000", "a"},
                    {"100755", "a0"},
                    {"120000", "link"},
                    {"160000", "module"}}),
              report);
    EXPECT_EQ(kinds_of(report), "");
    ASSERT_EQ(report.references.size(), 4U);  // the submodule's commit is elsewhere
    EXPECT_EQ(report.references[0].type, ObjectType::blob);
    EXPECT_EQ(report.references[1].type, ObjectType::tree);
    EXPECT_EQ(of_tree({}), "");
}

TEST(FsckTree, finds_git_in_all_its_disguises) {
    for (std::string_view name :
         {".git", ".GIT", ".gIt", ".git ", ".git.", ".git . .", "git~1", "GIT~1", "git~1.",
          ".git::$INDEX_ALLOCATION", ".git:stream", ".git\\config", "folder\\.git", "a\\git~1",
          ".g\u200cit", "\u200d.git", ".git\u200f", ".\ufeffG\u202eit\u206f"}) {
        EXPECT_EQ(of_name(name), "hasDotgit") << name;
        EXPECT_EQ(of_name(name, "40000"), "hasDotgit") << name;
    }
    for (std::string_view name : {".gi", ".gitx", "git", "git~2", ".git x", ".github", "git~10",
                                  ".g\u0131t", "x.git", ".gi\x80t"}) {
        EXPECT_EQ(of_name(name), "") << name;
    }
}

TEST(FsckTree, refuses_names_that_are_paths) {
    EXPECT_EQ(of_name("."), "hasDot");
    EXPECT_EQ(of_name(".."), "hasDotdot");
    EXPECT_EQ(of_name("..."), "");
    EXPECT_EQ(of_name(""), "emptyName");
    EXPECT_EQ(of_name("a/b"), "fullPathname");
    EXPECT_EQ(of_name("/etc"), "fullPathname");
    EXPECT_EQ(of_name(std::string(4096, 'x')), "");
    EXPECT_EQ(of_name(std::string(4097, 'x')), "largePathname");
}

TEST(FsckTree, knows_special_files_in_all_their_disguises) {
    for (std::string_view name :
         {".gitmodules", ".GitModules", "GITMOD~1", "gi7eba~1", "gi7eb~12", "gi7e~999",
          ".gitmodules ", ".gitmodules.:x", ".git\u200cmodules", "a\\.gitmodules"}) {
        EXPECT_EQ(of_name(name, "120000"), "gitmodulesSymlink") << name;
        FsckReport report;
        fsck_tree(tree({{"100644", name}}), report);
        EXPECT_EQ(report.gitmodules.size(), 1U) << name;
    }
    EXPECT_EQ(of_name("gitmod~5", "120000"), "");
    EXPECT_EQ(of_name("gi7eba~0", "120000"), "");
    EXPECT_EQ(of_name(".gitattributes", "120000"), "gitattributesSymlink");
    EXPECT_EQ(of_name(".gitignore", "120000"), "gitignoreSymlink");
    EXPECT_EQ(of_name("maba30~1", "120000"), "mailmapSymlink");
    EXPECT_EQ(of_name("~1000000", "120000"),
              "gitmodulesSymlink gitattributesSymlink "
              "gitignoreSymlink mailmapSymlink");
}

TEST(FsckTree, watches_modes) {
    EXPECT_EQ(of_name("a", "0100644"), "zeroPaddedFilemode");
    EXPECT_EQ(of_name("a", "040000"), "zeroPaddedFilemode");
    EXPECT_EQ(of_name("a", "100664"), "badFilemode");
    EXPECT_EQ(of_name("a", "100777"), "badFilemode");
    EXPECT_EQ(of_name("a", "10000"), "badFilemode badTree");
    EXPECT_EQ(of_name("a", "1777777"), "badTree");
    EXPECT_EQ(of_name("a", "100944"), "badTree");
    EXPECT_EQ(of_name("a", ""), "badTree");
    EXPECT_EQ(severity_of(FsckKind::zero_padded_filemode), FsckSeverity::warning);
}

TEST(FsckTree, watches_order_and_duplicates) {
    EXPECT_EQ(of_tree(tree({{"100644", "b"}, {"100644", "a"}})), "treeNotSorted");
    EXPECT_EQ(of_tree(tree({{"40000", "a"}, {"100644", "a.c"}})), "treeNotSorted");
    EXPECT_EQ(of_tree(tree({{"100644", "a"}, {"100644", "a"}})), "duplicateEntries");
    EXPECT_EQ(of_tree(tree({{"100644", "a"}, {"40000", "a"}})), "duplicateEntries");
    // Not neighbours, for "a.c" sorts between "a" and "a/".
    EXPECT_EQ(of_tree(tree({{"100644", "a"}, {"100644", "a.c"}, {"40000", "a"}})),
              "duplicateEntries");
    EXPECT_EQ(of_tree(tree({{"100644", "foo"},
                            {"100644", "foo.bar"},
                            {"100644", "foo.bar.baz"},
                            {"40000", "foo.bar"},
                            {"40000", "foo"}})),
              "duplicateEntries");
}

TEST(FsckTree, refuses_null_ids_and_broken_bytes) {
    EXPECT_EQ(of_tree(entry("100644", "a", ObjectId{})), "nullSha1");
    Bytes cut = tree({{"100644", "a"}});
    for (std::size_t size = 1; size < cut.size(); ++size) {
        Bytes part(cut.begin(), cut.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_EQ(of_tree(part), "badTree") << size;
    }
}

TEST(FsckCommit, takes_what_git_writes) {
    std::string parent = "parent " + kTree + "\n";
    FsckReport report;
    std::string commit =
        "tree " + kTree + "\n" + parent + parent + kAuthor + kCommitter + "encoding x\n\nmessage";
    fsck_commit(as_bytes(commit), report);
    EXPECT_EQ(kinds_of(report), "");
    ASSERT_EQ(report.references.size(), 3U);
    EXPECT_EQ(report.references[0].type, ObjectType::tree);
    EXPECT_EQ(report.references[2].type, ObjectType::commit);
    EXPECT_EQ(of_commit("tree " + kTree + "\n" + kAuthor + kCommitter), "");
}

TEST(FsckCommit, finds_each_header_that_is_missing_or_broken) {
    std::string tree_line = "tree " + kTree + "\n";
    EXPECT_EQ(of_commit(kAuthor + kCommitter + "\n"), "missingTree");
    EXPECT_EQ(of_commit("tree 123\n" + kAuthor + kCommitter + "\n"), "badTreeSha1");
    EXPECT_EQ(of_commit("tree " + kTree + "0\n" + kAuthor + kCommitter + "\n"), "badTreeSha1");
    EXPECT_EQ(of_commit(tree_line + "parent 123\n" + kAuthor + kCommitter + "\n"), "badParentSha1");
    EXPECT_EQ(of_commit(tree_line + kCommitter + "\n"), "missingAuthor");
    EXPECT_EQ(of_commit(tree_line + kAuthor + kAuthor + kCommitter + "\n"), "multipleAuthors");
    EXPECT_EQ(of_commit(tree_line + kAuthor + "\n"), "missingCommitter");
    EXPECT_EQ(of_commit(tree_line + kAuthor + "committer x"), "unterminatedHeader");
    EXPECT_EQ(of_commit(""), "unterminatedHeader");
    EXPECT_EQ(of_commit(tree_line + std::string("a\0b\n", 4) + "\n"), "nulInHeader");
    EXPECT_EQ(of_commit(tree_line + kAuthor + kCommitter + "\n" + std::string("a\0b", 3)),
              "nulInCommit");
}

TEST(FsckCommit, finds_each_fault_of_an_identity) {
    EXPECT_EQ(of_author("A <a@b> 1 +0000"), "");
    EXPECT_EQ(of_author(" <> 1 +0000"), "");
    EXPECT_EQ(of_author("A <a@b>   1 +0000"), "");
    EXPECT_EQ(of_author("<a@b> 1 +0000"), "missingNameBeforeEmail");
    EXPECT_EQ(of_author("A a@b 1 +0000"), "missingEmail");
    EXPECT_EQ(of_author("A> <a@b> 1 +0000"), "badName");
    EXPECT_EQ(of_author("A<a@b> 1 +0000"), "missingSpaceBeforeEmail");
    EXPECT_EQ(of_author("A <a@b 1 +0000"), "badEmail");
    EXPECT_EQ(of_author("A <a<b> 1 +0000"), "badEmail");
    EXPECT_EQ(of_author("A <a@b>1 +0000"), "missingSpaceBeforeDate");
    EXPECT_EQ(of_author("A <a@b>"), "missingSpaceBeforeDate");
    EXPECT_EQ(of_author("A <a@b> x +0000"), "badDate");
    EXPECT_EQ(of_author("A <a@b> 1+0000"), "badDate");
    EXPECT_EQ(of_author("A <a@b> "), "badDate");
    EXPECT_EQ(of_author("A <a@b> 01 +0000"), "zeroPaddedDate");
    EXPECT_EQ(of_author("A <a@b> 0 +0000"), "");
    EXPECT_EQ(of_author("A <a@b> 99999999999999999999 +0000"), "badDateOverflow");
    EXPECT_EQ(of_author("A <a@b> 1 0000"), "badTimezone");
    EXPECT_EQ(of_author("A <a@b> 1 +00"), "badTimezone");
    EXPECT_EQ(of_author("A <a@b> 1 +00000"), "badTimezone");
}

TEST(FsckCommit, only_warns_of_the_sins_of_old_history) {
    for (FsckKind kind : {FsckKind::missing_space_before_date, FsckKind::bad_timezone,
                          FsckKind::zero_padded_filemode}) {
        EXPECT_EQ(severity_of(kind), FsckSeverity::warning);
    }
    EXPECT_EQ(severity_of(FsckKind::has_dotgit), FsckSeverity::error);
}

TEST(FsckTag, finds_each_header_that_is_missing_or_broken) {
    std::string object = "object " + kTree + "\n";
    std::string tagger = "tagger A <a@b> 1 +0000\n";
    EXPECT_EQ(of_tag(object + "type tree\ntag v1\n" + tagger + "\nm\n"), "");
    EXPECT_EQ(of_tag("type tree\ntag v1\n" + tagger + "\n"), "missingObject");
    EXPECT_EQ(of_tag("object 12\ntype tree\ntag v1\n" + tagger + "\n"), "badObjectSha1");
    EXPECT_EQ(of_tag(object + "tag v1\n" + tagger + "\n"), "missingTypeEntry");
    EXPECT_EQ(of_tag(object + "type tre\ntag v1\n" + tagger + "\n"), "badType");
    EXPECT_EQ(of_tag(object + "type tree\n" + tagger + "\n"), "missingTagEntry");
    EXPECT_EQ(of_tag(object + "type tree\ntag v..1\n" + tagger + "\n"), "badTagName");
    EXPECT_EQ(of_tag(object + "type tree\ntag v1\n\nm\n"), "missingTaggerEntry");
    EXPECT_EQ(of_tag(object + "type tree\ntag v1\ntagger A\n\nm\n"), "missingEmail");
    EXPECT_EQ(of_tag(object + "type tree\ntag v1\n" + tagger + "gpgsig a\n b\n\nm\n"), "");
}

TEST(FsckGitmodules, refuses_what_would_run_or_escape) {
    EXPECT_EQ(of_modules("[submodule \"a/b\"]\n\tpath = x\n\turl = ../b.git\n"), "");
    EXPECT_EQ(of_modules("[submodule \"../x\"]\n\tpath = x\n"), "gitmodulesName");
    EXPECT_EQ(of_modules("[submodule \"a\\\\..\\\\x\"]\n\tpath = x\n"), "gitmodulesName");
    EXPECT_EQ(of_modules("[submodule \"\"]\n\tpath = x\n"), "gitmodulesName");
    EXPECT_EQ(of_modules("[submodule \"..a\"]\n\tpath = x\n"), "");
    EXPECT_EQ(of_modules("[submodule \"x\"]\n\tpath = -x\n"), "gitmodulesPath");
    EXPECT_EQ(of_modules("[submodule \"x\"]\n\tupdate = !sh -c x\n"), "gitmodulesUpdate");
    EXPECT_EQ(of_modules("[submodule \"x\"]\n\tUPDATE = rebase\n"), "");
    for (std::string_view url :
         {"-u", "\\\"-u\\\"", "https://a/%0ab", "./%0a", "../../:host", "..//host", "https:///path",
          "http::://x", "git://h/%0a", "\"a\\nb\""}) {
        std::string text = "[submodule \"x\"]\n\turl = " + std::string(url) + "\n";
        bool harmless = url == "\\\"-u\\\"" || url == "\"a\\nb\"";
        EXPECT_EQ(of_modules(text), harmless ? "" : "gitmodulesUrl") << url;
    }
    for (std::string_view url : {"https://user@example.com:8080/x", "http::https://e.com/x",
                                 "git@example.com:x.git", "../x", "./x", "git://e.com/x"}) {
        std::string text = "[submodule \"x\"]\n\turl = " + std::string(url) + "  # here\n";
        EXPECT_EQ(of_modules(text), "") << url;
    }
    EXPECT_EQ(of_modules("[submodule \"x\"\n"), "gitmodulesParse");
    EXPECT_EQ(of_modules("[submodule \"x\"]\n\turl = \"open\n"), "gitmodulesParse");
}

TEST(FsckGitattributes, refuses_lines_that_are_too_long) {
    FsckReport report;
    fsck_gitattributes(as_bytes(std::string(2047, 'x') + "\n*.c text\n"), report);
    EXPECT_EQ(kinds_of(report), "");
    fsck_gitattributes(as_bytes("*.c text\n" + std::string(2048, 'x')), report);
    EXPECT_EQ(kinds_of(report), "gitattributesLineLength");
}

}  // namespace
}  // namespace ashlar::git
