#include "git/pack/delta.h"

#include <gtest/gtest.h>

#include "support/pack_builder.h"

namespace ashlar::git {
namespace {

TEST(Delta, copies_and_inserts) {
    Bytes delta = DeltaBuilder(11, 13).copy(6, 5).insert(", ").copy(0, 5).insert("!").bytes();
    EXPECT_EQ(as_text(*apply_delta(as_bytes("hello world"), delta, 100)), "world, hello!");
}

TEST(Delta, copies_64_kibibytes_where_the_size_is_left_out) {
    Bytes base(0x10000, 'x');
    Bytes delta = DeltaBuilder(0x10000, 0x10000).copy(0, 0).bytes();
    EXPECT_EQ(*apply_delta(base, delta, 0x10000), base);
}

TEST(Delta, over_the_limit_is_refused) {
    Bytes delta = DeltaBuilder(5, 5).copy(0, 5).bytes();
    EXPECT_TRUE(apply_delta(as_bytes("hello"), delta, 5));
    EXPECT_EQ(apply_delta(as_bytes("hello"), delta, 4).error().code, ErrorCode::limit_exceeded);
    Bytes huge = DeltaBuilder(5, ~std::uint64_t{0}).bytes();
    EXPECT_EQ(apply_delta(as_bytes("hello"), huge, 1 << 30).error().code,
              ErrorCode::limit_exceeded);
}

TEST(PackEntry, header_goes_round) {
    ObjectId id;
    id.bytes.fill(7);
    for (std::uint64_t size : {0ULL, 1ULL, 15ULL, 16ULL, 2047ULL, 2048ULL, 1ULL << 40, ~0ULL}) {
        for (std::uint64_t distance : {1ULL, 127ULL, 128ULL, 16511ULL, 16512ULL, 1ULL << 40}) {
            for (EntryKind kind :
                 {EntryKind::blob, EntryKind::offset_delta, EntryKind::reference_delta}) {
                Bytes bytes;
                append_pack_entry_header(bytes, {kind, size, distance, id, 0});
                EXPECT_LE(bytes.size(), kPackEntryHeaderSizeMax);
                auto header = parse_pack_entry_header(bytes);
                ASSERT_TRUE(header && *header) << size << " " << distance;
                EXPECT_EQ((*header)->size, size);
                EXPECT_EQ((*header)->length, bytes.size());
                if (kind == EntryKind::offset_delta) {
                    EXPECT_EQ((*header)->base_distance, distance);
                }
                if (kind == EntryKind::reference_delta) {
                    EXPECT_EQ((*header)->base_id, id);
                }
                for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
                    auto part = parse_pack_entry_header(ByteView(bytes).first(cut));
                    ASSERT_TRUE(part);
                    EXPECT_FALSE(*part);
                }
            }
        }
    }
}

TEST(PackEntry, header_that_overflows_is_refused) {
    Bytes size(30, 0xff);
    size[0] = 0xbf;
    EXPECT_FALSE(parse_pack_entry_header(size));
    Bytes distance(30, 0xff);
    distance[0] = 0x60;
    EXPECT_FALSE(parse_pack_entry_header(distance));
}

TEST(Inflate, goes_round_whole_and_in_pieces) {
    Bytes content;
    for (std::uint32_t i = 0; i < 100000; ++i) content.push_back(static_cast<Byte>(i * i >> 6));
    for (const Bytes& bytes : {content, Bytes{}, Bytes{1}}) {
        Bytes whole;
        WholeDeflater().deflate(bytes, whole);
        Bytes pieces;
        ASSERT_TRUE(deflate_in_pieces(bytes, [&](ByteView piece) -> Expected<void> {
            append(pieces, piece);
            return {};
        }));
        for (const Bytes& deflated : {whole, pieces}) {
            Bytes result(bytes.size());
            EXPECT_EQ(*WholeInflater().inflate(deflated, result), deflated.size());
            EXPECT_EQ(result, bytes);
            StreamInflater stream;
            Bytes streamed(bytes.size() + 1);
            std::size_t produced = 0;
            for (std::size_t at = 0; at < deflated.size(); ++at) {
                auto step = stream.step(ByteView(deflated).subspan(at, 1),
                                        std::span<Byte>(streamed).subspan(produced));
                ASSERT_TRUE(step);
                produced += step->produced;
                EXPECT_EQ(step->finished, at + 1 == deflated.size());
            }
            EXPECT_EQ(produced, bytes.size());
        }
    }
}

}  // namespace
}  // namespace ashlar::git
