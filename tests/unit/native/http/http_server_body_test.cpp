#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "echo_handler.h"
#include "native/http/http_server.h"
#include "raw_client.h"

namespace ashlar::http {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string gzip(std::string_view plain) {
    z_stream stream{};
    deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    std::string packed(deflateBound(&stream, plain.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
    stream.avail_in = static_cast<uInt>(plain.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

class HttpServerBodyTest : public ::testing::Test {
  protected:
    void SetUp() override {
        server_ = std::make_unique<HttpServer>(HttpSettings(), handler_);
        ASSERT_TRUE(server_->start());
    }
    // A POST with the given extra headers and body, closing afterwards.
    std::string post(std::string_view path, std::string_view headers, std::string_view body) {
        RawClient client(server_->port());
        client.send("POST " + std::string(path) + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n" +
                    std::string(headers) + "\r\n" + std::string(body));
        return client.rest();
    }
    static std::string length(std::size_t size) {
        return "Content-Length: " + std::to_string(size) + "\r\n";
    }

    EchoHandler handler_;
    std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerBodyTest, takes_bodies_of_known_length_and_in_chunks) {
    EXPECT_THAT(post("/count", length(3), "abc"), EndsWith("3 bytes, sum 294\n"));
    EXPECT_THAT(post("/count", "Transfer-Encoding: chunked\r\n", "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"),
                EndsWith("3 bytes, sum 294\n"));
    EXPECT_THAT(post("/count", "Transfer-Encoding: chunked\r\n", "0\r\nX-After: 1\r\n\r\n"),
                EndsWith("0 bytes, sum 0\n"));
    std::string large(kEchoBytesMax, '\1');
    EXPECT_THAT(post("/count", length(large.size()), large),
                EndsWith("1048576 bytes, sum 1048576\n"));
}

TEST_F(HttpServerBodyTest, unpacks_gzipped_bodies) {
    std::string packed = gzip("abcabcabcabc");
    EXPECT_THAT(post("/count", "Content-Encoding: gzip\r\n" + length(packed.size()), packed),
                EndsWith("12 bytes, sum 1176\n"));
}

TEST_F(HttpServerBodyTest, refuses_damaged_and_exploding_gzip) {
    std::string packed = gzip("abcabcabcabc");
    std::string cut = packed.substr(0, packed.size() - 3);
    EXPECT_EQ(status_of(post("/count", "Content-Encoding: gzip\r\n" + length(cut.size()), cut)),
              400);
    std::string bomb = gzip(std::string(64 << 20, '\0'));
    EXPECT_EQ(status_of(post("/count", "Content-Encoding: gzip\r\n" + length(bomb.size()), bomb)),
              413);
    EXPECT_EQ(status_of(post("/count", "Content-Encoding: br\r\n" + length(3), "abc")), 415);
    EXPECT_EQ(handler_.abandoned, 2);
}

TEST_F(HttpServerBodyTest, refuses_bodies_over_the_limit_however_they_are_framed) {
    EXPECT_EQ(status_of(post("/count", length(kEchoBytesMax + 1), "")), 413);
    std::string chunk = "fffff\r\n" + std::string(0xfffff, 'x') + "\r\n";
    EXPECT_EQ(status_of(post("/count", "Transfer-Encoding: chunked\r\n", chunk + chunk)), 413);
}

TEST_F(HttpServerBodyTest, says_continue_only_when_the_body_is_wanted) {
    RawClient client(server_->port());
    client.send(
        "POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n"
        "Expect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.answer(), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("abc");
    EXPECT_THAT(client.answer(), EndsWith("3 bytes, sum 294\n"));
    client.send(
        "POST /refused HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n"
        "Expect: 100-continue\r\n\r\n");
    std::string answer = client.rest();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
    EXPECT_THAT(answer, HasSubstr("Connection: close"));
}

TEST_F(HttpServerBodyTest, reads_on_when_the_answer_is_known_so_that_the_client_gets_to_it) {
    RawClient client(server_->port());
    std::string body(900 << 10, 'x');
    for (const char* path : {"/discard", "/early"}) {
        client.send("POST " + std::string(path) + " HTTP/1.1\r\nHost: h\r\nContent-Length: " +
                    std::to_string(body.size()) + "\r\n\r\n");
        EXPECT_TRUE(client.send(body));
        EXPECT_EQ(status_of(client.answer()), 200);
    }
}

TEST_F(HttpServerBodyTest, a_client_that_goes_away_leaves_an_abandoned_exchange) {
    {
        RawClient client(server_->port());
        client.send("POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 30\r\n\r\nabc");
        client.half_close();
        EXPECT_EQ(client.rest(), "");
    }
    EXPECT_EQ(handler_.abandoned, 1);
}

TEST_F(HttpServerBodyTest, refuses_chunks_that_could_be_read_in_two_ways) {
    for (const char* body : {"3\nabc\n0\n\n", "0x3\r\nabc\r\n0\r\n\r\n", "-3\r\nabc\r\n0\r\n\r\n",
                             "3 \r\nabcd\r\n0\r\n\r\n", "3;a=b\r\nabc\r\n0\r\n\r\n",
                             "3\r\nabcd\r\n0\r\n\r\n", "10000000000000000000000\r\nabc"}) {
        EXPECT_EQ(status_of(post("/count", "Transfer-Encoding: chunked\r\n", body)), 400) << body;
    }
    std::string endless(200 << 10, '0');
    EXPECT_EQ(status_of(post("/count", "Transfer-Encoding: chunked\r\n", endless)), 400);
}

}  // namespace
}  // namespace ashlar::http
