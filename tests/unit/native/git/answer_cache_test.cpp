#include "native/git/answer_cache.h"

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <csignal>
#include <thread>

#include "native/git/shared_answer.h"

namespace ashlar::native {
namespace {

// Counts up in chunks of a given size, and notes how often it was asked.
class Counting : public ChunkStream {
  public:
    Counting(int chunks, std::size_t size, int& calls)
        : chunks_(chunks), size_(size), calls_(calls) {}

    Expected<std::optional<Chunk>> next() override {
        ++calls_;
        if (given_ == chunks_) return std::optional<Chunk>();
        return std::optional<Chunk>(Bytes(size_, static_cast<Byte>(given_++)));
    }

  private:
    int chunks_;
    std::size_t size_;
    int& calls_;
    int given_ = 0;
};

class Failing : public ChunkStream {
  public:
    Expected<std::optional<Chunk>> next() override {
        return fail(ErrorCode::corrupt, "the pack is damaged");
    }
};

crypto::Digest key(std::string_view name) {
    return crypto::hash("test", as_bytes(name));
}

Bytes bytes_of(const Chunk& chunk) {
    if (const auto* bytes = std::get_if<Bytes>(&chunk)) return *bytes;
    const StoredRange& range = std::get<StoredRange>(chunk);
    Bytes part(range.length);
    EXPECT_TRUE(range.source->read(range.offset, part));
    return part;
}

Bytes read_all(ChunkStream& stream) {
    Bytes all;
    while (true) {
        auto chunk = stream.next();
        EXPECT_TRUE(chunk) << chunk.error().message();
        if (!chunk || !*chunk) return all;
        append(all, ByteView(bytes_of(**chunk)));
    }
}

AnswerCache::Produce counting(int chunks, std::size_t size, int& calls) {
    return [=, &calls]() -> Expected<std::unique_ptr<ChunkStream>> {
        return std::unique_ptr<ChunkStream>(std::make_unique<Counting>(chunks, size, calls));
    };
}

TEST(AnswerCache, produces_an_answer_once_for_readers_at_different_paces) {
    AnswerCache cache("/tmp", 1 << 20, 8);
    int calls = 0;
    auto fast = cache.open(key("a"), counting(5, 100, calls));
    auto slow = cache.open(key("a"), counting(5, 100, calls));
    ASSERT_TRUE(slow && (*slow)->next());
    Bytes whole = read_all(**fast);
    EXPECT_EQ(whole.size(), 500u);
    EXPECT_EQ(read_all(**slow).size(), 400u);
    EXPECT_EQ(read_all(**cache.open(key("a"), counting(5, 100, calls))), whole);
    EXPECT_EQ(calls, 6);
}

TEST(AnswerCache, spills_what_memory_should_not_hold_and_reads_it_back_in_order) {
    AnswerCache cache("/tmp", 16 << 20, 8);
    int calls = 0;
    auto produce = counting(40, 100'000, calls);
    Bytes first = read_all(**cache.open(key("a"), produce));
    Bytes second = read_all(**cache.open(key("a"), produce));
    ASSERT_EQ(first.size(), 4'000'000u);
    EXPECT_EQ(first, second);
    for (std::size_t i = 0; i < 40; ++i) EXPECT_EQ(first[i * 100'000 + 7], i);
    EXPECT_EQ(calls, 41);
}

TEST(AnswerCache, forgets_what_was_least_recently_asked_for) {
    AnswerCache cache("/tmp", 1'000, 8);
    int calls = 0;
    for (const char* name : {"a", "b", "c"}) {
        read_all(**cache.open(key(name), counting(1, 600, calls)));
    }
    EXPECT_EQ(calls, 6);
    read_all(**cache.open(key("a"), counting(1, 600, calls)));
    EXPECT_EQ(calls, 8);
    EXPECT_LE(cache.answer_count(), 2u);
}

TEST(AnswerCache, keeps_no_failure) {
    AnswerCache cache("/tmp", 1'000, 8);
    auto failing = []() -> Expected<std::unique_ptr<ChunkStream>> {
        return std::unique_ptr<ChunkStream>(std::make_unique<Failing>());
    };
    auto stream = cache.open(key("a"), failing);
    EXPECT_EQ((*stream)->next().error().code, ErrorCode::corrupt);
    EXPECT_EQ((*stream)->next().error().code, ErrorCode::corrupt);
    int calls = 0;
    EXPECT_EQ(read_all(**cache.open(key("a"), counting(1, 10, calls))).size(), 10u);
}

TEST(AnswerCache, forgets_what_everybody_left_before_it_was_finished) {
    AnswerCache cache("/tmp", 1'000'000, 8);
    int calls = 0;
    auto first = cache.open(key("a"), counting(5, 10, calls));
    auto second = cache.open(key("a"), counting(5, 10, calls));
    ASSERT_TRUE((*first)->next());
    first->reset();
    EXPECT_EQ(cache.answer_count(), 1u);
    second->reset();
    EXPECT_EQ(cache.answer_count(), 0u);
}

TEST(AnswerCache, serves_many_threads_the_same_bytes) {
    AnswerCache cache("/tmp", 16 << 20, 8);
    int calls = 0;
    auto produce = counting(200, 20'000, calls);
    std::vector<Bytes> read(8);
    std::vector<std::thread> threads;
    for (Bytes& bytes : read) {
        threads.emplace_back([&] { bytes = read_all(**cache.open(key("a"), produce)); });
    }
    for (std::thread& thread : threads) thread.join();
    for (const Bytes& bytes : read) EXPECT_EQ(bytes, read.front());
    EXPECT_EQ(calls, 201);
}

// Files cannot grow beyond this while it lives, as on a full disk.
class FullDisk {
  public:
    explicit FullDisk(rlim_t bytes) : old_handler_(std::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &old_);
        const rlimit limit{bytes, old_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FullDisk() {
        ::setrlimit(RLIMIT_FSIZE, &old_);
        std::signal(SIGXFSZ, old_handler_);
    }

  private:
    void (*old_handler_)(int);
    rlimit old_{};
};

TEST(AnswerCache, on_a_full_disk_every_reader_gets_the_whole_answer_on_its_own) {
    int calls = 0;
    auto produce = counting(40, 100'000, calls);
    AnswerCache roomy("/tmp", 16 << 20, 8);
    const Bytes whole = read_all(**roomy.open(key("a"), produce));
    // It fills up in the middle of a chunk.
    const FullDisk disk(1'250'000);
    AnswerCache cache("/tmp", 16 << 20, 8);
    auto ahead = cache.open(key("a"), produce);
    auto behind = cache.open(key("a"), produce);
    auto level = cache.open(key("a"), produce);
    Bytes start;
    for (int i = 0; i < 30; ++i) {
        const auto chunk = (*level)->next();
        ASSERT_TRUE(chunk) << chunk.error().message();
        append(start, ByteView(bytes_of(**chunk)));
    }
    EXPECT_EQ(read_all(**ahead), whole);
    EXPECT_EQ(read_all(**behind), whole);
    append(start, ByteView(read_all(**level)));
    EXPECT_EQ(start, whole);
    // Who comes later begins anew, and is not told of the failure either.
    EXPECT_EQ(read_all(**cache.open(key("a"), produce)), whole);
}

TEST(AnswerCache, without_a_folder_every_reader_gets_the_whole_answer_on_its_own) {
    int calls = 0;
    auto produce = counting(40, 100'000, calls);
    AnswerCache cache("/nowhere", 16 << 20, 8);
    std::vector<Bytes> read(6);
    std::vector<std::thread> threads;
    for (Bytes& bytes : read) {
        threads.emplace_back([&] { bytes = read_all(**cache.open(key("a"), produce)); });
    }
    for (std::thread& thread : threads) thread.join();
    for (const Bytes& bytes : read) {
        ASSERT_EQ(bytes.size(), 4'000'000u);
        for (std::size_t i = 0; i < 40; ++i) EXPECT_EQ(bytes[i * 100'000 + 7], i);
    }
    EXPECT_EQ(cache.answer_count(), 0u);
}

TEST(SpillFile, says_where_it_cannot_be_made) {
    auto file = SpillFile::create("/nowhere");
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().code, ErrorCode::unavailable);
    EXPECT_NE(file.error().detail.find("/nowhere"), std::string::npos);
}

}  // namespace
}  // namespace ashlar::native
