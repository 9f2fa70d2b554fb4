#include "codec/peer_messages.h"

#include <gtest/gtest.h>

#include "support/golden.h"

namespace ashlar::codec {
namespace {

git::PackDigest pack_filled(Byte byte) {
    git::PackDigest pack;
    pack.digest.bytes.fill(byte);
    return pack;
}

crypto::PublicKey sample_key(Byte byte) {
    crypto::PublicKey key;
    key.bytes.fill(byte);
    return key;
}

struct NamedMessage {
    const char* name;
    PeerMessage message;
};

std::vector<NamedMessage> sample_messages() {
    const PeerRequestId request(7);
    const SpreadId spread(3);
    const git::PackDigest pack = pack_filled(0xa1);
    return {
        {"pack_manifest_request", PackManifestRequest{request, pack}},
        {"pack_manifest_answer",
         PackManifestAnswer{request,
                            git::kPackExtentSize + 5,
                            12,
                            {pack_filled(0xb2).digest, pack_filled(0xb3).digest}}},
        {"pack_extent_request", PackExtentRequest{request, pack, 2}},
        {"pack_extent_answer", PackExtentAnswer{request, to_bytes("bytes of a pack")}},
        {"small_pack", SmallPack{pack, to_bytes("a pack")}},
        {"spread_begin", SpreadBegin{spread, forge::RepositoryId(5)}},
        {"spread_bytes", SpreadBytes{spread, 4096, to_bytes("more of a pack")}},
        {"spread_credit", SpreadCredit{spread, 1 << 21}},
        {"spread_end", SpreadEnd{spread, pack, 70'000}},
        {"spread_end_refused", SpreadEnd{spread, std::nullopt, 0}},
        {"spread_refusal", SpreadRefusal{spread}},
        {"snapshot_request", SnapshotRequest{request}},
        {"snapshot_offer", SnapshotOffer{request, SnapshotId(2), to_bytes("a header")}},
        {"rows_request", RowsRequest{request, SnapshotId(2), to_bytes("saccount/"), 17}},
        {"rows_answer",
         RowsAnswer{request, {{to_bytes("sa"), to_bytes("1")}, {to_bytes("sb"), {}}}, true}},
        {"not_here", NotHere{request}},
        {"epoch_request", EpochRequest{request, ledger::Epoch(4)}},
        {"epoch_answer",
         EpochAnswer{request, to_bytes("a header"), {sample_key(1), sample_key(2)}}},
    };
}

TEST(PeerMessages, keep_their_bytes) {
    for (const NamedMessage& sample : sample_messages()) {
        const Bytes bytes = encode(sample.message);
        EXPECT_GOLDEN(std::string("codec/peer_") + sample.name + ".hex", bytes);
        const auto decoded = decode_peer_message(bytes);
        ASSERT_TRUE(decoded) << sample.name << ": " << decoded.error().message();
        EXPECT_TRUE(*decoded == sample.message) << sample.name;
    }
}

// Whatever else decodes is another value, and encodes to exactly the bytes that it came from.
TEST(PeerMessages, with_any_bit_flipped_are_refused_or_mean_something_else) {
    for (const NamedMessage& sample : sample_messages()) {
        const Bytes bytes = encode(sample.message);
        for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
            Bytes changed = bytes;
            changed[bit / 8] = static_cast<Byte>(changed[bit / 8] ^ (1U << (bit % 8)));
            const auto decoded = decode_peer_message(changed);
            if (!decoded) continue;
            EXPECT_FALSE(*decoded == sample.message) << sample.name << " bit " << bit;
            EXPECT_EQ(encode(*decoded), changed) << sample.name << " bit " << bit;
        }
    }
}

TEST(PeerMessages, cut_short_or_drawn_out_are_refused) {
    for (const NamedMessage& sample : sample_messages()) {
        Bytes bytes = encode(sample.message);
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            EXPECT_FALSE(decode_peer_message(ByteView(bytes).first(size)))
                << sample.name << " of " << size;
        }
        bytes.resize(bytes.size() + 8);
        EXPECT_FALSE(decode_peer_message(bytes)) << sample.name;
    }
}

TEST(PeerMessages, hold_as_much_as_their_limits_and_no_more) {
    const auto holds = [](const PeerMessage& message) {
        return decode_peer_message(encode(message)).has_value();
    };
    const auto extent = static_cast<std::size_t>(git::kPackExtentSize);
    EXPECT_TRUE(holds(PackExtentAnswer{PeerRequestId(1), Bytes(extent)}));
    EXPECT_FALSE(holds(PackExtentAnswer{PeerRequestId(1), Bytes(extent + 1)}));
    EXPECT_TRUE(holds(SmallPack{pack_filled(1), Bytes(extent)}));
    EXPECT_FALSE(holds(SmallPack{pack_filled(1), Bytes(extent + 1)}));
    EXPECT_FALSE(holds(SpreadBytes{SpreadId(1), 0, Bytes(extent + 1)}));
    PackManifestAnswer manifest{PeerRequestId(1), 1, 1, {}};
    manifest.extents.resize(kPackExtentCountMax);
    EXPECT_TRUE(holds(manifest));
    manifest.extents.resize(kPackExtentCountMax + 1);
    EXPECT_FALSE(holds(manifest));
    RowsAnswer rows{PeerRequestId(1), std::vector<Row>(kRowCountMax, Row{Bytes(1), Bytes(1)}),
                    false};
    EXPECT_TRUE(holds(rows));
    rows.rows.push_back({Bytes(1), Bytes(1)});
    EXPECT_FALSE(holds(rows));
    EXPECT_TRUE(holds(RowsRequest{PeerRequestId(1), {}, Bytes(kRowKeyBytesMax), 0}));
    EXPECT_FALSE(holds(RowsRequest{PeerRequestId(1), {}, Bytes(kRowKeyBytesMax + 1), 0}));
    EpochAnswer epoch{PeerRequestId(1), {}, {}};
    epoch.next_validators.resize(kEpochValidatorsMax);
    EXPECT_TRUE(holds(epoch));
    epoch.next_validators.resize(kEpochValidatorsMax + 1);
    EXPECT_FALSE(holds(epoch));
}

}  // namespace
}  // namespace ashlar::codec
