// Bytes from outside are refused or decode to a value whose encoding they are; they never crash.
#include <gtest/gtest.h>

#include "samples.h"
#include "support/seeded_random.h"

namespace ashlar::codec {
namespace {

struct Sample {
    std::string name;
    Bytes encoded;
    // Whether the bytes decode, and encode to the same bytes again.
    bool (*decodes)(ByteView bytes);
};

template <typename Value, Expected<Value> (*decode)(ByteView)>
bool decodes_as(ByteView bytes) {
    const auto decoded = decode(bytes);
    if (!decoded) return false;
    EXPECT_EQ(encode(*decoded), to_bytes(bytes));
    return true;
}

bool decodes_as_transaction(ByteView bytes) {
    const auto decoded = decode_transaction(bytes);
    if (!decoded) return false;
    EXPECT_EQ(encode(decoded->signed_transaction), to_bytes(bytes));
    EXPECT_EQ(id_of(decoded->signed_transaction.transaction), decoded->id);
    return true;
}

std::vector<Sample> samples() {
    std::vector<Sample> all = {
        {"account", encode(sample_account()), decodes_as<forge::Account, decode_account>},
        {"token", encode(sample_token()), decodes_as<forge::Token, decode_token>},
        {"repository", encode(sample_repository()),
         decodes_as<forge::Repository, decode_repository>},
        {"pack", encode(sample_pack()), decodes_as<forge::PackReference, decode_pack_reference>},
        {"counters", encode(sample_counters()), decodes_as<forge::Counters, decode_counters>},
        {"settings", encode(forge::Settings{}), decodes_as<forge::Settings, decode_settings>},
        {"validators", encode(sample_validators()),
         decodes_as<forge::ValidatorSet, decode_validator_set>},
        {"closed epoch", encode(sample_closed_epoch()),
         decodes_as<forge::ClosedEpoch, decode_closed_epoch>},
        {"record", encode(sample_record()),
         decodes_as<TransactionRecord, decode_transaction_record>},
        {"genesis", encode(sample_genesis()), decodes_as<forge::Genesis, decode_genesis>},
        {"header", encode(sample_header()), decodes_as<ledger::BlockHeader, decode_block_header>},
        {"block", encode(sample_block()), decodes_as<ledger::Block, decode_block>},
        {"certificate", encode(sample_certificate()),
         decodes_as<consensus::Certificate, decode_certificate>},
        {"absence proof", encode(sample_absence_proof()),
         decodes_as<RepositoryProof, decode_repository_proof>},
        {"ref proof", encode(sample_ref_proof()), decodes_as<RefProof, decode_ref_proof>},
        {"ref list", encode(sample_ref_list_proof()),
         decodes_as<RefListProof, decode_ref_list_proof>},
        {"sealed proof", encode(sample_sealed_ref_proof()),
         decodes_as<SealedRefProof, decode_sealed_ref_proof>},
    };
    for (const NamedAction& sample : sample_actions()) {
        all.push_back(
            {sample.name, encode(sample_transaction(sample.action)), decodes_as_transaction});
    }
    return all;
}

TEST(HostileBytes, with_any_bit_flipped_are_refused_or_another_canonical_value) {
    for (const Sample& sample : samples()) {
        ASSERT_TRUE(sample.decodes(sample.encoded)) << sample.name;
        for (std::size_t i = 0; i < sample.encoded.size(); ++i) {
            for (int bit = 0; bit < 8; ++bit) {
                Bytes changed = sample.encoded;
                changed[i] = static_cast<Byte>(changed[i] ^ (1 << bit));
                sample.decodes(changed);
            }
        }
    }
}

TEST(HostileBytes, cut_short_or_with_words_added_are_refused) {
    for (const Sample& sample : samples()) {
        for (std::size_t size = 0; size < sample.encoded.size(); ++size) {
            EXPECT_FALSE(sample.decodes(ByteView(sample.encoded).first(size))) << sample.name;
        }
        Bytes longer = sample.encoded;
        longer.insert(longer.end(), 8, 0);
        EXPECT_FALSE(sample.decodes(longer)) << sample.name;
    }
}

TEST(HostileBytes, that_are_random_are_refused) {
    support::SeededRandom random(1);
    const std::vector<Sample> all = samples();
    for (int round = 0; round < 2000; ++round) {
        const Bytes bytes = random.bytes(static_cast<std::size_t>(8 * random.below(40)));
        for (const Sample& sample : all) sample.decodes(bytes);
    }
}

TEST(HostileBytes, with_several_bytes_changed_are_refused_or_canonical) {
    support::SeededRandom random(2);
    for (const Sample& sample : samples()) {
        for (int round = 0; round < 2000; ++round) {
            Bytes changed = sample.encoded;
            for (std::uint64_t i = 0; i <= random.below(6); ++i) {
                changed[static_cast<std::size_t>(random.below(changed.size()))] =
                    static_cast<Byte>(random.next() & 0xff);
            }
            sample.decodes(changed);
        }
    }
}

// Lists that claim 2^29 - 1 elements of no size take two words, and must cost no memory.
TEST(HostileBytes, that_claim_huge_lists_of_nothing_are_refused) {
    const Bytes list_of_voids = *from_hex(
        "0000000000000100"    // root: no data, one pointer
        "01000000f8ffffff");  // list: element size 0, count 2^29 - 1
    EXPECT_FALSE(decode_transactions(list_of_voids));
    const Bytes list_of_empty_structs = *from_hex(
        "0000000001000100"    // root: one word of data, one pointer
        "0000000000000000"    // epoch
        "0100000007000000"    // list: of structs, no words
        "fcffff7f00000000");  // their tag: 2^29 - 1 of no size
    EXPECT_FALSE(decode_validator_set(list_of_empty_structs));
}

TEST(HostileBytes, longer_than_the_limit_are_refused_before_they_are_read) {
    const auto decoded = decode_account(Bytes((std::size_t{1} << 20) + 8));
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, ErrorCode::limit_exceeded);
}

}  // namespace
}  // namespace ashlar::codec
