#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "echo_handler.h"
#include "native/http/http_server.h"
#include "raw_client.h"

namespace ashlar::http {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

constexpr std::size_t kConnectionsMax = 4;

class HttpServerLimitsTest : public ::testing::Test {
  protected:
    void SetUp() override {
        HttpSettings settings;
        settings.limits.connections_max = kConnectionsMax;
        settings.limits.head_time_max = milliseconds(300);
        settings.limits.idle_time_max = milliseconds(600);
        settings.limits.body_stall_max = milliseconds(300);
        settings.limits.body_rate_grace = milliseconds(400);
        settings.limits.body_rate_bytes_per_second_min = 1000;
        settings.limits.write_stall_max = milliseconds(300);
        settings.limits.linger_time_max = milliseconds(200);
        server_ = std::make_unique<HttpServer>(settings, handler_);
        ASSERT_TRUE(server_->start());
    }
    int status(std::string_view bytes) {
        RawClient client(server_->port());
        client.send(bytes);
        return status_of(client.rest());
    }

    EchoHandler handler_;
    std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerLimitsTest, a_head_that_is_too_large_gets_431) {
    std::string head = "GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(40 << 10, 'x');
    EXPECT_EQ(status(head + "\r\n\r\n"), 431);
    std::string many = "GET / HTTP/1.1\r\nHost: h\r\n";
    for (int i = 0; i < 101; ++i) many += "A: b\r\n";
    EXPECT_EQ(status(many + "\r\n"), 431);
}

TEST_F(HttpServerLimitsTest, a_slow_head_gets_408_and_an_idle_connection_is_closed) {
    RawClient slow(server_->port());
    slow.send("GET / HTTP/1.1\r\nHost:");
    EXPECT_EQ(status_of(slow.rest()), 408);
    RawClient idle(server_->port());
    EXPECT_EQ(idle.rest(), "");
}

TEST_F(HttpServerLimitsTest, a_body_that_stalls_or_trickles_gets_408) {
    EXPECT_EQ(status("POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc"), 408);
    RawClient trickle(server_->port());
    trickle.send("POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 9000\r\n\r\n");
    while (trickle.send("x")) std::this_thread::sleep_for(milliseconds(50));
    EXPECT_EQ(status_of(trickle.rest()), 408);
}

TEST_F(HttpServerLimitsTest, a_client_that_does_not_read_is_dropped) {
    handler_.file = std::make_shared<LetterFile>(std::string(64 << 20, 'x'));
    RawClient client(server_->port());
    client.send("GET /file HTTP/1.1\r\nHost: h\r\n\r\n");
    std::this_thread::sleep_for(milliseconds(1500));
    EXPECT_LT(client.rest().size(), std::size_t{64} << 20);
}

TEST_F(HttpServerLimitsTest, slow_clients_hold_no_worker) {
    HttpSettings settings;
    settings.worker_count = 1;
    HttpServer one_worker(settings, handler_);
    ASSERT_TRUE(one_worker.start());
    RawClient slow(one_worker.port());
    slow.send("POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc");
    RawClient other(one_worker.port());
    other.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(status_of(other.answer()), 200);
    slow.send("defghi");
    EXPECT_THAT(slow.answer(), HasSubstr("9 bytes"));
}

TEST_F(HttpServerLimitsTest, long_work_holds_up_neither_quick_work_nor_probes) {
    HttpSettings settings;
    settings.worker_count = 1;
    settings.long_worker_count = 1;
    HttpServer small(settings, handler_);
    ASSERT_TRUE(small.start());
    RawClient waiting(small.port());
    waiting.send("GET /held HTTP/1.1\r\nHost: h\r\n\r\n");
    while (handler_.held_running < 1) std::this_thread::yield();
    RawClient other(small.port());
    other.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(status_of(other.answer()), 200);
    RawClient busy(small.port());
    busy.send("GET /held-quick HTTP/1.1\r\nHost: h\r\n\r\n");
    while (handler_.held_running < 2) std::this_thread::yield();
    other.send("GET /probe HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(other.answer(), HasSubstr("alive"));
    handler_.released = true;
    EXPECT_THAT(waiting.answer(), HasSubstr("released"));
    EXPECT_THAT(busy.answer(), HasSubstr("released"));
}

TEST_F(HttpServerLimitsTest, connections_over_the_limit_get_503) {
    std::vector<std::unique_ptr<RawClient>> clients;
    for (std::size_t i = 0; i < kConnectionsMax; ++i) {
        clients.push_back(std::make_unique<RawClient>(server_->port()));
        clients.back()->send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        EXPECT_EQ(status_of(clients.back()->answer()), 200);
    }
    RawClient late(server_->port());
    EXPECT_EQ(status_of(late.rest()), 503);
}

TEST_F(HttpServerLimitsTest, smuggled_and_malformed_heads_get_one_4xx_and_a_closed_connection) {
    const std::string tail = "Host: h\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";
    for (const std::string& head : {
             "POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 3\r\n" + tail,
             "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n" + tail,
             "POST / HTTP/1.1\r\nContent-Length: +3\r\n" + tail,
             "POST / HTTP/1.1\r\nTransfer-Encoding : chunked\r\n" + tail,
             "GET / HTTP/1.1\r\nX: a\r\n b\r\n" + tail,
             "GET / HTTP/1.1\nHost: h\n\n" + tail,
             "GET / HTTP/1.1\r\nX: a\nY: b\r\n" + tail,
             "GET / HTTP/1.1\r\nX: a\rb\r\n" + tail,
             "GET /a/../b HTTP/1.1\r\n" + tail,
             "GET /a/%2e%2e/b HTTP/1.1\r\n" + tail,
             "GET http://h/ HTTP/1.1\r\n" + tail,
             "GET  / HTTP/1.1\r\n" + tail,
             "TRACE / HTTP/1.1\r\n" + tail,
             std::string("\x16\x03\x01\x02\r\n\r\n"),
         }) {
        RawClient client(server_->port());
        client.send(head);
        std::string answer = client.rest();
        EXPECT_EQ(status_of(answer) / 100, 4) << head << answer;
        EXPECT_EQ(answer.find("HTTP/1.1 ", 1), std::string::npos) << answer;
    }
    EXPECT_EQ(status("BREW / HTTP/1.1\r\n" + tail), 501);
    EXPECT_EQ(status("GET / HTTP/2.0\r\n" + tail), 505);
    EXPECT_EQ(status("GET / HTTP/1.1\r\n" + tail.substr(0, 11)), 200);
}

}  // namespace
}  // namespace ashlar::http
