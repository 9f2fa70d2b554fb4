#include "native/api/fetch_exchange.h"

#include <gtest/gtest.h>

#include "git/listed_refs.h"
#include "git/wire/pkt_line.h"
#include "support/memory_repository.h"
#include "support/packed_memory.h"
#include "support/temporary_folder.h"

namespace ashlar::native {
namespace {

constexpr std::uint64_t kBudgetBytes = std::uint64_t{64} << 10;

class FetchExchangeTest : public testing::Test {
  protected:
    FetchExchangeTest() : answers_({folder_.path().string()}) {
        git::MemoryRepository repository;
        head_ = repository.commit_on("main", {{"file", {"content"}}}, "commit");
        const Bytes pack = git::pack_of(repository.objects, git::all_ids(repository.objects));
        source_.view.packs = *git::catalog_of_pack(pack);
        source_.view.refs = std::make_shared<git::ListedRefs>(
            std::vector<git::Ref>{{"refs/heads/main", head_, std::nullopt}}, "refs/heads/main");
        source_.view.repository.default_branch = "main";
    }
    Bytes request() const {
        Bytes request;
        git::append_line(request, "command=fetch");
        git::append_delimiter(request);
        git::append_line(request, "want " + head_.hex());
        git::append_line(request, "done");
        git::append_flush(request);
        return request;
    }
    bool is_all_left() {
        if (!budget_.take(kBudgetBytes)) return false;
        budget_.give_back(kBudgetBytes);
        return true;
    }

    support::TemporaryFolder folder_;
    BodyBudget budget_{kBudgetBytes};
    FetchAnswers answers_;
    FetchSource source_;
    git::ObjectId head_;
};

// A client that reads slowly keeps the server from forgetting what it asked.
TEST_F(FetchExchangeTest, counts_the_request_for_as_long_as_its_answer_is_made_from_it) {
    auto exchange =
        std::make_unique<FetchExchange>(answers_, budget_, source_, git::ProtocolVersion::v2);
    EXPECT_EQ(exchange->on_body(request()), http::BodyDemand::more);
    auto reply = std::make_unique<http::HttpReply>(exchange->respond());
    ASSERT_EQ(reply->response.status, 200);
    exchange.reset();
    EXPECT_FALSE(is_all_left());
    auto& stream = std::get<std::unique_ptr<ChunkStream>>(reply->response.body);
    for (bool more = true; more;) {
        const auto chunk = stream->next();
        ASSERT_TRUE(chunk) << chunk.error().message();
        more = chunk->has_value();
    }
    // Finished, it is kept without its request.
    EXPECT_EQ(answers_.cache().answer_count(), 1u);
    EXPECT_TRUE(is_all_left());
}

TEST_F(FetchExchangeTest, gives_back_what_a_client_that_went_away_held) {
    auto exchange =
        std::make_unique<FetchExchange>(answers_, budget_, source_, git::ProtocolVersion::v2);
    EXPECT_EQ(exchange->on_body(request()), http::BodyDemand::more);
    {
        const http::HttpReply reply = exchange->respond();
    }
    exchange.reset();
    EXPECT_TRUE(is_all_left());
    exchange =
        std::make_unique<FetchExchange>(answers_, budget_, source_, git::ProtocolVersion::v2);
    EXPECT_EQ(exchange->on_body(Bytes(kBudgetBytes + 1)), http::BodyDemand::discard);
    EXPECT_EQ(exchange->respond().response.status, 503);
}

}  // namespace
}  // namespace ashlar::native
