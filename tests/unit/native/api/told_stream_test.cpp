#include "native/api/told_stream.h"

#include <gtest/gtest.h>

namespace ashlar::native {
namespace {

using Clock = MadeProgress::Clock;

// Does something, as a thread that makes an answer would, before it gives its one chunk.
class Working final : public ChunkStream {
  public:
    explicit Working(std::function<void()> work) : work_(std::move(work)) {}
    Expected<std::optional<Chunk>> next() override {
        if (!work_) return std::optional<Chunk>();
        work_();
        work_ = nullptr;
        return std::optional<Chunk>(to_bytes("pack"));
    }

  private:
    std::function<void()> work_;
};

std::string text_of(const Bytes& bytes) {
    return std::string(as_text(bytes));
}

std::string next_of(ChunkStream& stream) {
    auto chunk = stream.next().value();
    return chunk ? text_of(std::get<Bytes>(*chunk)) : "<end>";
}

TEST(MadeProgress, is_told_as_lines_that_stand_in_each_others_place) {
    MadeProgress progress;
    MadeProgress::Told told;
    EXPECT_EQ(text_of(progress.packets(told, Clock::now())), "");
    progress.begin(git::SideBand::large, false);
    progress.report(git::FetchPhase::enumerating, 12, 0);
    EXPECT_EQ(text_of(progress.packets(told, Clock::now())), "001d\2Enumerating objects: 12\r");
    EXPECT_EQ(text_of(progress.packets(told, Clock::now())), "");
    progress.report(git::FetchPhase::counting, 1, 4);
    EXPECT_EQ(text_of(progress.packets(told, Clock::now())), "0021\2Counting objects: 25% (1/4)\r");
    progress.made();
    EXPECT_EQ(text_of(progress.packets(told, Clock::now() + std::chrono::hours(1))), "");
}

TEST(MadeProgress, keeps_who_wants_to_read_nothing_from_giving_up) {
    MadeProgress progress;
    MadeProgress::Told told;
    progress.begin(git::SideBand::small, true);
    progress.report(git::FetchPhase::counting, 1, 4);
    EXPECT_EQ(text_of(progress.packets(told, told.at)), "");
    const Clock::time_point later = told.at + MadeProgress::kSilenceMax;
    EXPECT_EQ(text_of(progress.packets(told, later)), "0005\1");
    EXPECT_EQ(text_of(progress.packets(told, later)), "");
    // Where there is no band to say it on, nothing can be said.
    progress.begin(git::SideBand::none, false);
    EXPECT_EQ(text_of(progress.packets(told, later + std::chrono::hours(1))), "");
}

TEST(ToldStream, gives_the_head_before_what_is_told_of_the_rest) {
    auto progress = std::make_shared<MadeProgress>();
    std::function<Bytes()> packets;
    std::string told;
    auto work = [&] {
        progress->begin(git::SideBand::large, false);
        progress->report(git::FetchPhase::enumerating, 7, 0);
        told += text_of(packets());
        progress->report(git::FetchPhase::enumerating, 8, 0);
        told += text_of(packets());
        progress->made();
        told += text_of(packets());
    };
    ToldStream stream(Chunk(to_bytes("head")), std::make_unique<Working>(work), progress);
    packets = stream.packets();
    EXPECT_EQ(next_of(stream), "pack");
    EXPECT_EQ(told, "head001c\2Enumerating objects: 7\r001c\2Enumerating objects: 8\r");
    EXPECT_EQ(text_of(packets()), "");
    EXPECT_EQ(next_of(stream), "<end>");
}

TEST(ToldStream, tells_nothing_behind_its_second_chunk) {
    auto progress = std::make_shared<MadeProgress>();
    ToldStream stream(Chunk(to_bytes("head")), std::make_unique<Working>([] {}), progress);
    const std::function<Bytes()> packets = stream.packets();
    EXPECT_EQ(next_of(stream), "head");
    // Another who makes the same answer again.
    progress->begin(git::SideBand::large, false);
    progress->report(git::FetchPhase::enumerating, 9, 0);
    EXPECT_EQ(text_of(packets()), "");
    EXPECT_EQ(next_of(stream), "pack");
    EXPECT_EQ(next_of(stream), "<end>");
    EXPECT_EQ(text_of(packets()), "");
}

}  // namespace
}  // namespace ashlar::native
