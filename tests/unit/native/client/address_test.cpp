#include "native/client/address.h"

#include <gtest/gtest.h>

namespace ashlar::client {
namespace {

TEST(Address, names_server_owner_and_repository) {
    for (const char* url :
         {"http://git.example.org:81/alice/hello", "http://git.example.org:81/alice/hello.git",
          "http://git.example.org:81/git/alice/hello.git/",
          "ashlar::http://git.example.org:81/alice/hello.git"}) {
        const auto address = parse_repository_address(url);
        ASSERT_TRUE(address) << url;
        EXPECT_EQ(address->server.host, "git.example.org");
        EXPECT_EQ(address->server.port, "81");
        EXPECT_EQ(address->server.origin, "http://git.example.org:81");
        EXPECT_EQ(address->owner, "alice") << url;
        EXPECT_EQ(address->repository, "hello") << url;
        EXPECT_EQ(address->server.authorization, "");
    }
    EXPECT_EQ(parse_repository_address("http://h/a/b")->server.port, "80");
    EXPECT_EQ(parse_repository_address("http://[::1]:8080/a/b")->server.host, "::1");
    EXPECT_EQ(parse_repository_address("http://[::1]/a/b")->server.port, "80");
    EXPECT_EQ(parse_repository_address("http://h/a/b.c.git")->repository, "b.c");
}

TEST(Address, tells_https_from_http) {
    const auto secure = parse_repository_address("https://alice:ash_1@git.example.org/alice/hello");
    ASSERT_TRUE(secure);
    EXPECT_TRUE(secure->server.is_secure);
    EXPECT_EQ(secure->server.port, "443");
    EXPECT_EQ(secure->server.origin, "https://git.example.org");
    EXPECT_FALSE(parse_repository_address("http://h/a/b")->server.is_secure);
    EXPECT_EQ(parse_server_address("https://[::1]:8443")->port, "8443");
    EXPECT_FALSE(parse_server_address("httpss://h"));
}

TEST(Address, keeps_a_token_out_of_the_origin) {
    const auto address = parse_repository_address("http://alice:ash%5f1@h:81/alice/hello");
    ASSERT_TRUE(address);
    EXPECT_EQ(address->server.origin, "http://h:81");
    EXPECT_EQ(address->server.authorization, "Basic YWxpY2U6YXNoXzE=");
}

TEST(Address, of_nothing_that_is_served_is_refused) {
    for (const char* url : {"",
                            "alice/hello",
                            "http://",
                            "http:///a/b",
                            "http://h",
                            "http://h/a",
                            "http://h/a/b/c",
                            "http://h/a/b?c",
                            "http://h/a/b#c",
                            "http://h h/a/b",
                            "http://h\r\n/a/b",
                            "ftp://h/a/b",
                            "http://h/a//b",
                            "http://h/a/.git",
                            "http://h:/a/b",
                            "http://:80/a/b",
                            "http://h/%/b",
                            "http://h/a/%00",
                            "http://%zz@h/a/b",
                            "http://../a/b/../../x"}) {
        EXPECT_FALSE(parse_repository_address(url)) << url;
    }
}

}  // namespace
}  // namespace ashlar::client
