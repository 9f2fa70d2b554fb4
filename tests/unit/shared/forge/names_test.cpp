#include "forge/names.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace ashlar::forge {
namespace {

TEST(Names, accept_logins_as_github_does) {
    for (const char* login : {"a", "alice", "Alice-1", "0x0", "a-b-c", "admin"}) {
        EXPECT_TRUE(check_login(login)) << login;
    }
    EXPECT_TRUE(check_login(std::string(kLoginLengthMax, 'a')));
}

TEST(Names, refuse_logins_that_are_malformed_or_reserved) {
    for (const char* login : {"", "-a", "a-", "a--b", "a_b", "a.b", "a b", "a/b", "\xc3\xa9", "api",
                              "API", "git", "sync", "ws", "health", "assets", ".."}) {
        EXPECT_FALSE(check_login(login)) << login;
    }
    EXPECT_FALSE(check_login(std::string(kLoginLengthMax + 1, 'a')));
}

TEST(Names, accept_repository_names_as_github_does) {
    for (const char* name :
         {"a", "hello", "Hello.World", "a_b-c.d", "-", ".github", "git", "api"}) {
        EXPECT_TRUE(check_repository_name(name)) << name;
    }
    EXPECT_TRUE(check_repository_name(std::string(kRepositoryNameLengthMax, 'a')));
}

TEST(Names, refuse_repository_names_that_a_path_or_git_would_take_for_something_else) {
    for (const char* name : {"", ".", "..", "a.git", "a.GIT", "a.wiki", ".git", "a.lock", "a b",
                             "a/b", "a\\b", "a%2f", "\xc3\xa9", "a\n"}) {
        EXPECT_FALSE(check_repository_name(name)) << name;
    }
    EXPECT_FALSE(check_repository_name(std::string(kRepositoryNameLengthMax + 1, 'a')));
    EXPECT_FALSE(check_repository_name(std::string_view("a\0b", 3)));
}

TEST(Names, accept_text_that_is_utf8_without_control_characters) {
    EXPECT_TRUE(check_text("text", "", 10));
    EXPECT_TRUE(check_text("text", "gr\xc3\xbc\xc3\x9f dich \xf0\x9f\x90\x8b", 100));
    EXPECT_TRUE(check_text("text", "12345", 5));
    EXPECT_FALSE(check_text("text", "123456", 5));
    for (const char* text : {"\n", "\x1b[31m", "\x7f", "\xc2\x80", "\xff", "\xc0\x80",
                             "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80"}) {
        EXPECT_FALSE(check_text("text", text, 100)) << to_hex(as_bytes(text));
    }
}

TEST(Names, are_compared_without_regard_to_case) {
    EXPECT_EQ(fold_name("Hello-World.1"), "hello-world.1");
    EXPECT_EQ(full_name("alice", "hello"), "alice/hello");
}

}  // namespace
}  // namespace ashlar::forge
