#include "git/wire/side_band.h"

#include <gtest/gtest.h>

#include "base/memory_bytes.h"
#include "git/wire/pkt_line.h"

namespace ashlar::git {
namespace {

class ListedChunks : public ChunkStream {
  public:
    explicit ListedChunks(std::vector<Expected<Chunk>> chunks) : chunks_(std::move(chunks)) {}
    Expected<std::optional<Chunk>> next() override {
        if (next_ == chunks_.size()) return std::optional<Chunk>();
        Expected<Chunk>& chunk = chunks_[next_++];
        if (!chunk) return Unexpected(chunk.error());
        return std::optional<Chunk>(*chunk);
    }

  private:
    std::vector<Expected<Chunk>> chunks_;
    std::size_t next_ = 0;
};

Bytes bytes_of(const Chunk& chunk) {
    if (const Bytes* bytes = std::get_if<Bytes>(&chunk)) return *bytes;
    const StoredRange& range = std::get<StoredRange>(chunk);
    Bytes bytes(static_cast<std::size_t>(range.length));
    EXPECT_TRUE(range.source->read(range.offset, bytes));
    return bytes;
}

std::string drain(ChunkStream& stream) {
    std::string all;
    while (true) {
        Expected<std::optional<Chunk>> chunk = stream.next();
        if (!chunk) return all + "<" + chunk.error().message() + ">";
        if (!chunk->has_value()) return all;
        all += as_text(bytes_of(**chunk));
    }
}

TEST(SideBand, frames_bytes_between_head_and_tail) {
    SideBandParts parts;
    parts.head = to_bytes("HEAD");
    parts.body.before = "hello\n";
    parts.body.stream = stream_of(to_bytes("PACK"));
    parts.tail = to_bytes("0000");
    auto stream = frame_in_side_band(SideBand::large, std::move(parts));
    EXPECT_EQ(drain(*stream), std::string("HEAD") + "000b\2hello\n" + "0009\1PACK" + "0000");
}

TEST(SideBand, keeps_stored_ranges_as_ranges) {
    const std::size_t size = 65515 * 2 + 7;
    auto source = std::make_shared<MemoryBytes>(Bytes(size + 3, 'x'));
    SideBandParts parts;
    parts.body.stream = std::make_unique<ListedChunks>(
        std::vector<Expected<Chunk>>{Chunk(StoredRange{source, 3, size})});
    auto stream = frame_in_side_band(SideBand::large, std::move(parts));
    std::vector<std::uint64_t> offsets;
    std::vector<std::uint64_t> lengths;
    std::string headers;
    while (std::optional<Chunk> chunk = stream->next().value()) {
        if (const StoredRange* range = std::get_if<StoredRange>(&*chunk)) {
            offsets.push_back(range->offset);
            lengths.push_back(range->length);
        } else {
            headers += as_text(std::get<Bytes>(*chunk));
        }
    }
    EXPECT_EQ(headers,
              "fff0\1"
              "fff0\1"
              "000c\1");
    EXPECT_EQ(offsets, (std::vector<std::uint64_t>{3, 3 + 65515, 3 + 2 * 65515}));
    EXPECT_EQ(lengths, (std::vector<std::uint64_t>{65515, 65515, 7}));
}

TEST(SideBand, cuts_small_packets_at_1000_bytes) {
    Bytes framed;
    append_side_band(framed, SideBand::small, SideBandChannel::data, Bytes(996, 'x'));
    EXPECT_EQ(framed.size(), 1000U + 6U);
    EXPECT_EQ(as_text(framed).substr(0, 4), "03e8");
}

TEST(SideBand, passes_a_body_through_where_there_is_none) {
    SideBandParts parts;
    parts.head = to_bytes("0008NAK\n");
    parts.body.before = "not shown";
    parts.body.stream = stream_of(to_bytes("PACK"));
    auto stream = frame_in_side_band(SideBand::none, std::move(parts));
    EXPECT_EQ(drain(*stream), "0008NAK\nPACK");
}

// Also `invalid`: by then the request was good.
TEST(SideBand, tells_the_client_of_an_error_and_then_returns_it) {
    for (const ErrorCode code : {ErrorCode::corrupt, ErrorCode::invalid}) {
        SideBandParts parts;
        parts.body.stream = std::make_unique<ListedChunks>(
            std::vector<Expected<Chunk>>{Chunk(to_bytes("PA")), fail(code, "secret detail")});
        parts.tail = to_bytes("0000");
        auto stream = frame_in_side_band(SideBand::large, std::move(parts));
        const std::string name(to_string(code));
        EXPECT_EQ(drain(*stream), "0007\1PA0035\3the server cannot read this repository: " + name +
                                      "\n<" + name + ": secret detail>");
    }
}

// A body that is made late, in two tries.
SideBandParts made_late(std::vector<Expected<SideBandBody>>& tries) {
    SideBandParts parts;
    parts.head = to_bytes("HEAD");
    parts.tail = to_bytes("0000");
    parts.make_body = [&tries]() -> Expected<SideBandBody> {
        Expected<SideBandBody> made = std::move(tries.front());
        tries.erase(tries.begin());
        return made;
    };
    return parts;
}

TEST(SideBand, gives_the_head_before_a_body_is_made) {
    std::vector<Expected<SideBandBody>> tries;
    tries.push_back(fail(ErrorCode::needs_data, "x"));
    tries.push_back(SideBandBody{stream_of(to_bytes("PACK")), "found\n", [] { return "sent\n"; }});
    auto stream = frame_in_side_band(SideBand::large, made_late(tries));
    EXPECT_EQ(as_text(std::get<Bytes>(**stream->next())), "HEAD");
    EXPECT_EQ(tries.size(), 2U);
    EXPECT_EQ(stream->next().error().code, ErrorCode::needs_data);
    EXPECT_EQ(drain(*stream),
              std::string("000b\2found\n") + "0009\1PACK" + "000a\2sent\n" + "0000");
}

TEST(SideBand, tells_the_client_why_a_body_could_not_be_made) {
    for (const auto& [code, said, ends] :
         {std::tuple(ErrorCode::corrupt, "the server cannot read this repository: corrupt",
                     "<corrupt: detail>"),
          std::tuple(ErrorCode::limit_exceeded, "detail", "0000")}) {
        std::vector<Expected<SideBandBody>> tries;
        tries.push_back(fail(code, "detail"));
        auto stream = frame_in_side_band(SideBand::large, made_late(tries));
        const std::string answer = drain(*stream);
        EXPECT_NE(answer.find(std::string("\3") + said + "\n"), std::string::npos) << answer;
        EXPECT_TRUE(answer.ends_with(ends)) << answer;
    }
}

TEST(SideBand, goes_on_after_data_was_fetched) {
    SideBandParts parts;
    parts.body.stream = std::make_unique<ListedChunks>(
        std::vector<Expected<Chunk>>{fail(ErrorCode::needs_data, "x"), Chunk(to_bytes("PACK"))});
    auto stream = frame_in_side_band(SideBand::large, std::move(parts));
    EXPECT_EQ(stream->next().error().code, ErrorCode::needs_data);
    EXPECT_EQ(drain(*stream), "0009\1PACK");
}

}  // namespace
}  // namespace ashlar::git
