#include "native/validator/block_writer.h"

#include <atomic>
#include <future>
#include <thread>

#include "blocks_on_chain.h"

namespace ashlar::validator {
namespace {

template <typename Condition>
bool comes_true(const Condition& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

class BlockWriterTest : public BlocksOnChain {
  protected:
    BlockWriterTest() {
        const auto genesis = chain::make_genesis_state(chain::test_genesis());
        EXPECT_TRUE(machine_.rows().commit(genesis->rows, Durability::synced));
        writer_ = std::make_unique<BlockWriter>(
            BlockWriter::Parts{machine_.rows(), [](const chain::FinalizedBlock&) {}, observers_,
                               [this](FinalRun run) {
                                   const std::lock_guard lock(mutex_);
                                   committed_.push_back(std::move(run));
                               },
                               [this](const Error&) { ++failures_; }});
    }

    FinalRun run_of(const chain::ExecutedBlock& block) const {
        FinalRun run;
        run.blocks = {std::make_shared<const chain::ExecutedBlock>(block)};
        run.finalization = certificate_of(block);
        return run;
    }
    // With a client that waits for the answer.
    FinalRun run_of(const chain::ExecutedBlock& block,
                    std::promise<Expected<chain::Receipt>>& promise) const {
        FinalRun run = run_of(block);
        run.answers.emplace_back(
            [&promise](Expected<chain::Receipt> receipt) { promise.set_value(std::move(receipt)); },
            chain::Receipt{});
        return run;
    }
    std::size_t committed_count() {
        const std::lock_guard lock(mutex_);
        return committed_.size();
    }
    std::uint64_t height_after_a_power_cut() {
        writer_->stop();
        machine_.restart();
        return chain::StateReader(machine_.rows().snapshot()).head()->height.value;
    }

    support::FaultyMachine machine_{3};
    node::BlockObservers observers_;
    std::mutex mutex_;
    std::vector<FinalRun> committed_;
    std::atomic<int> failures_ = 0;
    std::unique_ptr<BlockWriter> writer_;
};

TEST_F(BlockWriterTest, what_is_answered_is_synced_with_all_before_it) {
    const auto blocks = row(3);
    writer_->write(run_of(blocks[0]));
    writer_->write(run_of(blocks[1]));
    std::promise<Expected<chain::Receipt>> promise;
    auto answer = promise.get_future();
    writer_->write(run_of(blocks[2], promise));
    ASSERT_TRUE(answer.get());
    EXPECT_EQ(machine_.rows().unsynced_count(), 0u);
    machine_.plan().crash_at(1);
    EXPECT_EQ(height_after_a_power_cut(), 3u);
}

TEST_F(BlockWriterTest, what_nobody_waits_for_is_synced_a_moment_later) {
    const auto blocks = row(1);
    writer_->write(run_of(blocks[0]));
    ASSERT_TRUE(comes_true([&] { return committed_count() == 1; }));
    EXPECT_FALSE(committed_[0].durable);
    EXPECT_TRUE(comes_true([&] { return machine_.rows().unsynced_count() == 0; }));
}

TEST_F(BlockWriterTest, says_up_to_where_the_store_is_synced) {
    const auto blocks = row(3);
    std::promise<Expected<chain::Receipt>> promise;
    writer_->write(run_of(blocks[0], promise));
    ASSERT_TRUE(comes_true([&] { return committed_count() == 1; }));
    const auto first = committed_[0].finalization.subject.round();
    EXPECT_EQ(committed_[0].durable, first);
    writer_->write(run_of(blocks[1]));
    ASSERT_TRUE(comes_true([&] { return committed_count() == 2; }));
    EXPECT_EQ(committed_[1].durable, first);
    EXPECT_TRUE(comes_true([&] { return machine_.rows().unsynced_count() == 0; }));
    writer_->write(run_of(blocks[2]));
    ASSERT_TRUE(comes_true([&] { return committed_count() == 3; }));
    EXPECT_EQ(committed_[2].durable, committed_[1].finalization.subject.round());
}

TEST_F(BlockWriterTest, leaves_no_more_than_so_many_unsynced) {
    const auto blocks = row(4 * kUnsyncedRunsMax);
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        writer_->write(run_of(blocks[i]));
        EXPECT_LE(machine_.rows().unsynced_count(), kUnsyncedRunsMax);
    }
    ASSERT_TRUE(comes_true([&] { return committed_count() == blocks.size(); }));
    EXPECT_TRUE(committed_.back().durable);
}

TEST_F(BlockWriterTest, syncs_what_it_has_when_it_stops) {
    writer_->write(run_of(row(1)[0]));
    writer_->stop();
    EXPECT_EQ(committed_count(), 1u);
    EXPECT_EQ(machine_.rows().unsynced_count(), 0u);
}

TEST_F(BlockWriterTest, tells_who_waits_that_the_store_could_not_be_written) {
    const auto blocks = row(1);
    machine_.plan().fail_at(1);
    std::promise<Expected<chain::Receipt>> promise;
    auto answer = promise.get_future();
    writer_->write(run_of(blocks[0], promise));
    const auto refused = answer.get();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_EQ(failures_, 1);
    EXPECT_EQ(committed_count(), 0u);
}

}  // namespace
}  // namespace ashlar::validator
