#include "native/http/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "echo_handler.h"
#include "raw_client.h"

namespace ashlar::http {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

class HttpServerTest : public ::testing::Test {
  protected:
    void SetUp() override {
        HttpSettings settings;
        settings.limits.keepalive_interval = std::chrono::milliseconds(50);
        server_ = std::make_unique<HttpServer>(settings, handler_);
        ASSERT_TRUE(server_->start());
    }
    // Sends the bytes, gives all that comes back.
    std::string exchange(std::string_view bytes) {
        RawClient client(server_->port());
        EXPECT_TRUE(client.send(bytes));
        return client.rest();
    }

    EchoHandler handler_;
    std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, answers_requests_one_after_the_other_on_one_connection) {
    RawClient client(server_->port());
    for (int i = 0; i < 3; ++i) {
        client.send("GET /a%20b?x=1 HTTP/1.1\r\nHost: here\r\n\r\n");
        std::string answer = client.answer();
        EXPECT_EQ(status_of(answer), 200);
        EXPECT_THAT(answer, HasSubstr("Server: ashlar\r\nDate: "));
        EXPECT_THAT(answer, HasSubstr(" GMT\r\n"));
        EXPECT_THAT(answer, EndsWith("\r\n\r\nGET /a%20b?x=1\n"));
    }
}

TEST_F(HttpServerTest, answers_pipelined_requests_in_order) {
    std::string answers = exchange(
        "GET /slow HTTP/1.1\r\nHost: h\r\n\r\n"
        "POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"
        "GET /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    std::size_t first = answers.find("GET /slow?");
    std::size_t second = answers.find("3 bytes, sum 294");
    std::size_t third = answers.find("GET /last?");
    EXPECT_LT(first, second);
    EXPECT_LT(second, third);
    EXPECT_NE(third, std::string::npos);
    EXPECT_THAT(answers, HasSubstr("Connection: close"));
}

TEST_F(HttpServerTest, http_1_0_closes_unless_asked_to_stay) {
    EXPECT_THAT(exchange("GET / HTTP/1.0\r\n\r\n"), HasSubstr("Connection: close"));
    RawClient client(server_->port());
    client.send("GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_THAT(client.answer(), HasSubstr("Connection: keep-alive"));
    client.send("GET /2 HTTP/1.0\r\n\r\n");
    EXPECT_THAT(client.answer(), HasSubstr("GET /2"));
}

TEST_F(HttpServerTest, head_gets_the_head_of_get_and_no_body) {
    RawClient client(server_->port());
    client.send("HEAD /page HTTP/1.1\r\nHost: h\r\n\r\nGET /page HTTP/1.1\r\nHost: h\r\n\r\n");
    std::string head = client.answer(true);
    EXPECT_EQ(status_of(head), 200);
    EXPECT_THAT(head, HasSubstr("Content-Length: 12\r\n"));
    EXPECT_THAT(client.answer(), EndsWith("GET /page?\n"));
}

TEST_F(HttpServerTest, streams_go_out_in_chunks) {
    EXPECT_THAT(exchange("GET /stream HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"),
                EndsWith("\r\n\r\n4\r\none \r\n4\r\ntwo \r\n5\r\nthree\r\n0\r\n\r\n"));
}

TEST_F(HttpServerTest, streams_to_http_1_0_end_with_the_connection) {
    std::string answer = exchange("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_THAT(answer, EndsWith("\r\n\r\none two three"));
    EXPECT_THAT(answer, Not(HasSubstr("chunked")));
}

TEST_F(HttpServerTest, a_stream_that_fails_is_cut_off_visibly) {
    std::string answer = exchange("GET /broken HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(answer, EndsWith("half of it\r\n"));  // and no last chunk
}

TEST_F(HttpServerTest, long_work_is_bridged_with_keepalives) {
    std::string answer = exchange("GET /long HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(answer, HasSubstr("\r\n\r\n1\r\n~\r\n"));
    EXPECT_THAT(answer, HasSubstr("5\r\n<end>\r\n"));
    EXPECT_THAT(answer, EndsWith("0\r\n\r\n"));
}

TEST_F(HttpServerTest, stored_ranges_of_a_file_arrive_whole) {
    std::string content;
    for (int i = 0; content.size() < (3 << 20); ++i) content += std::to_string(i) + ",";
    handler_.file = std::make_shared<LetterFile>(content);
    std::string answer = exchange("GET /file HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    std::string body = answer.substr(answer.find("\r\n\r\n") + 4);
    EXPECT_TRUE(body == content.substr(5, content.size() - 15) + content.substr(0, 5));
}

TEST_F(HttpServerTest, parts_of_every_length_arrive_in_order) {
    handler_.file = std::make_shared<LetterFile>(std::string(50'000, 'f'));
    std::string whole;
    char letter = 'a';
    for (const std::size_t size :
         {1, 40'000, 3, 30'000, 30'000, 30'000, 100'000, 200'000, 0, 70'000, 7}) {
        if (size == 0) {
            handler_.parts.emplace_back(StoredRange{handler_.file, 0, 50'000});
            whole += std::string(50'000, 'f');
            continue;
        }
        handler_.parts.emplace_back(Bytes(size, static_cast<Byte>(letter)));
        whole += std::string(size, letter++);
    }
    // HTTP/1.0 has no framing of its own.
    std::string answer = exchange("GET /parts HTTP/1.0\r\n\r\n");
    EXPECT_TRUE(answer.substr(answer.find("\r\n\r\n") + 4) == whole);
    answer = exchange("GET /parts HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    std::string body;
    for (std::size_t at = answer.find("\r\n\r\n") + 4;;) {
        const std::size_t size = std::stoul(answer.substr(at), nullptr, 16);
        at = answer.find("\r\n", at) + 2;
        body += answer.substr(at, size);
        at += size + 2;
        if (size == 0) break;
    }
    EXPECT_TRUE(body == whole);
}

TEST_F(HttpServerTest, a_handler_that_throws_costs_one_request) {
    EXPECT_EQ(status_of(exchange("GET /throw HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")),
              500);
    EXPECT_EQ(status_of(exchange("GET /ok HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")), 200);
}

TEST_F(HttpServerTest, no_header_value_can_end_its_line) {
    std::string answer = exchange("GET /inject HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(answer, HasSubstr("x-name: one??x-evil: two\r\n"));
}

TEST_F(HttpServerTest, stopping_lets_running_requests_end_and_closes_idle_connections) {
    RawClient idle(server_->port());
    idle.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(status_of(idle.answer()), 200);
    RawClient running(server_->port());
    running.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
    while (handler_.slow_running == 0) std::this_thread::yield();
    EXPECT_TRUE(server_->stop(std::chrono::seconds(20)));
    EXPECT_EQ(status_of(running.answer()), 200);
    EXPECT_EQ(idle.rest(), "");
    RawClient late(server_->port());
    late.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(late.rest(), "");
}

TEST_F(HttpServerTest, an_address_in_use_is_a_clear_error) {
    HttpSettings settings;
    settings.port = server_->port();
    HttpServer second(settings, handler_);
    auto started = second.start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, ErrorCode::unavailable);
    EXPECT_THAT(started.error().detail, HasSubstr("cannot listen on 127.0.0.1:"));
}

TEST(ListenAddress, takes_names_and_both_families_of_addresses) {
    EXPECT_EQ(parse_listen_address("127.0.0.1:8080")->port, 8080);
    EXPECT_EQ(parse_listen_address("[::1]:0")->host, "::1");
    EXPECT_EQ(parse_listen_address("localhost:80")->host, "localhost");
    for (const char* text : {"", "8080", ":80", "a:", "a:b", "a:65536", "a:1x"}) {
        EXPECT_FALSE(parse_listen_address(text)) << text;
    }
}

}  // namespace
}  // namespace ashlar::http
