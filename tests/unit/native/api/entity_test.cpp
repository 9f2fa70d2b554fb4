#include "native/api/entity.h"

#include <gtest/gtest.h>

namespace ashlar::native {
namespace {

constexpr std::uint64_t kBudgetBytes = std::uint64_t{1} << 20;

Entity entity_of(std::uint64_t size) {
    Entity entity;
    entity.body = Bytes(static_cast<std::size_t>(size), Byte{'x'});
    entity.content_type = "text/plain";
    return entity;
}

api::Request request_of(std::string method = "GET") {
    api::Request request;
    request.method = std::move(method);
    return request;
}

// How much is left, which it leaves as it is.
bool has_left(BodyBudget& budget, std::uint64_t bytes) {
    if (!budget.take(bytes)) return false;
    budget.give_back(bytes);
    return true;
}

TEST(EntityReply, counts_a_long_body_until_the_last_of_it_is_gone) {
    BodyBudget budget(kBudgetBytes);
    auto reply = std::make_unique<http::HttpReply>(
        entity_reply(request_of(), entity_of(kBudgetBytes), budget));
    EXPECT_EQ(reply->response.status, 200);
    auto& stream = std::get<std::unique_ptr<ChunkStream>>(reply->response.body);
    auto chunk = stream->next();
    ASSERT_TRUE(chunk && *chunk);
    StoredRange range = std::get<StoredRange>(**chunk);
    chunk = std::optional<Chunk>();
    EXPECT_EQ(range.length, kBudgetBytes);
    Bytes end(2);
    EXPECT_TRUE(range.source->read(kBudgetBytes - 2, end));
    EXPECT_EQ(end, to_bytes("xx"));
    EXPECT_FALSE(range.source->read(kBudgetBytes - 1, end));
    ASSERT_TRUE(stream->next());
    reply.reset();
    // The connection sends it still.
    EXPECT_FALSE(has_left(budget, 1));
    range = {};
    EXPECT_TRUE(has_left(budget, kBudgetBytes));
}

TEST(EntityReply, sends_readers_away_where_too_much_is_held) {
    BodyBudget budget(kBudgetBytes);
    const auto held = entity_reply(request_of(), entity_of(kBudgetBytes), budget);
    const auto refused = entity_reply(request_of(), entity_of(kUncountedBodyBytesMax + 1), budget);
    EXPECT_EQ(refused.response.status, 503);
    const auto& headers = refused.response.headers;
    EXPECT_TRUE(std::any_of(headers.begin(), headers.end(),
                            [](const auto& header) { return header.first == "retry-after"; }));
    EXPECT_TRUE(std::none_of(headers.begin(), headers.end(),
                             [](const auto& header) { return header.first == "etag"; }));
    // What is short goes out all the same, and so does what has no body.
    const auto small = entity_reply(request_of(), entity_of(kUncountedBodyBytesMax), budget);
    EXPECT_EQ(small.response.status, 200);
    EXPECT_EQ(std::get<Bytes>(small.response.body).size(), kUncountedBodyBytesMax);
    const auto head = entity_reply(request_of("HEAD"), entity_of(kBudgetBytes), budget);
    EXPECT_EQ(head.response.status, 200);
}

TEST(LongPlan, answers_among_what_takes_long) {
    http::HttpPlan plan = long_plan([] { return http::text_reply(200, "done"); });
    EXPECT_EQ(plan.lane, http::Lane::long_running);
    EXPECT_EQ(plan.body_bytes_max, 0u);
    EXPECT_EQ(plan.exchange->respond().response.status, 200);
}

}  // namespace
}  // namespace ashlar::native
