#include "native/http/request_head.h"

#include <gtest/gtest.h>

namespace ashlar::http {
namespace {

std::variant<RequestHead, HeadRefusal> interpret(
    std::string_view method, std::string_view target,
    std::vector<std::pair<std::string_view, std::string_view>> fields) {
    fields.insert(fields.begin(), {"Host", "here"});
    return interpret_head(ParsedHead{method, target, 1, std::move(fields)}, 10);
}

int status(const std::variant<RequestHead, HeadRefusal>& result) {
    const auto* refusal = std::get_if<HeadRefusal>(&result);
    return refusal == nullptr ? 200 : refusal->status;
}

TEST(RequestHead, splits_the_target_and_lowers_header_names) {
    auto result = interpret("GET", "/a%2Fb?x=/../y", {{"X-Thing", "Value"}});
    const auto& head = std::get<RequestHead>(result);
    EXPECT_EQ(head.request.path, "/a%2Fb");
    EXPECT_EQ(head.request.query, "x=/../y");
    EXPECT_EQ(head.request.header("x-thing"), "Value");
    EXPECT_TRUE(head.keep_alive);
    EXPECT_FALSE(head.has_body());
}

TEST(RequestHead, refuses_targets_that_climb_or_hide) {
    for (const char* target :
         {"/..", "/a/../etc", "/./a", "/a/%2E%2e/b", "/a%2f..%2fb", "/a\\..\\b", "/%00", "/a%",
          "/a#b", "*", "", "a", "http://h/a", "/\xc3\xa9"}) {
        EXPECT_EQ(status(interpret("GET", target, {})), 400) << target;
    }
    EXPECT_EQ(status(interpret("GET", "/a/...", {})), 200);
    EXPECT_EQ(status(interpret("GET", "/" + std::string(kTargetBytesMax, 'a'), {})), 414);
}

TEST(RequestHead, refuses_methods_it_does_not_serve) {
    EXPECT_EQ(status(interpret("TRACE", "/", {})), 405);
    EXPECT_EQ(status(interpret("CONNECT", "/", {})), 405);
    EXPECT_EQ(status(interpret("get", "/", {})), 501);
    EXPECT_EQ(status(interpret("PROPFIND", "/", {})), 501);
}

TEST(RequestHead, refuses_bodies_framed_twice) {
    EXPECT_EQ(status(interpret("POST", "/", {{"Content-Length", "1"}, {"content-length", "1"}})),
              400);
    EXPECT_EQ(status(interpret("POST", "/", {{"Content-Length", "1, 1"}})), 400);
    EXPECT_EQ(status(interpret("POST", "/", {{"Content-Length", "99999999999999999999999"}})), 400);
    EXPECT_EQ(
        status(interpret("POST", "/", {{"Content-Length", "1"}, {"Transfer-Encoding", "chunked"}})),
        400);
    EXPECT_EQ(status(interpret("POST", "/", {{"Transfer-Encoding", "gzip, chunked"}})), 501);
    EXPECT_EQ(status(interpret("POST", "/", {{"Transfer-Encoding", "xchunked"}})), 501);
    EXPECT_EQ(status(interpret("POST", "/", {{"Transfer-Encoding", "CHUNKED"}})), 200);
    EXPECT_EQ(status(interpret("POST", "/", {{"Host", "there"}})), 400);
}

TEST(RequestHead, understands_expect_connection_and_encoding) {
    auto result = interpret(
        "POST", "/",
        {{"Expect", "100-Continue"}, {"Connection", "x, Close"}, {"Content-Encoding", "GZIP"}});
    const auto& head = std::get<RequestHead>(result);
    EXPECT_TRUE(head.expects_continue);
    EXPECT_FALSE(head.keep_alive);
    EXPECT_TRUE(head.gzipped);
    EXPECT_EQ(status(interpret("POST", "/", {{"Expect", "tea"}})), 417);
    EXPECT_EQ(status(interpret("POST", "/", {{"Content-Encoding", "gzip, gzip"}})), 415);
}

TEST(RawHead, refuses_lines_that_parsers_read_differently) {
    EXPECT_FALSE(check_raw_head("GET / HTTP/1.1\r\nA: b\r\n\r\n"));
    for (std::string_view head :
         {"GET / HTTP/1.1\nA: b\n\n", "GET / HTTP/1.1\r\nA: b\n\r\n",
          "GET / HTTP/1.1\r\n\tA: b\r\n\r\n", "GET / HTTP/1.1\r\nA b\r\n\r\n",
          "GET / HTTP/1.1\r\n: b\r\n\r\n", "GET / HTTP/1.1\r\nA : b\r\n\r\n",
          " GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nA: \x01\r\n\r\n",
          "GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", "\r\n"}) {
        EXPECT_TRUE(check_raw_head(head)) << head;
    }
}

}  // namespace
}  // namespace ashlar::http
