#include "native/node/evidence_rows.h"

#include <gtest/gtest.h>

#include "support/memory_key_value.h"

namespace ashlar::node {
namespace {

codec::EvidenceRecord record_of(std::uint64_t epoch, std::uint64_t view,
                                consensus::SignerIndex signer) {
    codec::EvidenceRecord record;
    record.validator.bytes.fill(static_cast<Byte>(signer));
    record.seen_ms = 1000 * epoch + view;
    for (consensus::Vote* vote : {&record.evidence.first, &record.evidence.second}) {
        vote->subject = consensus::Subject::nullify({ledger::Epoch(epoch), ledger::View(view)});
        vote->signer = signer;
    }
    return record;
}

class EvidenceRows : public testing::Test {
  protected:
    bool keep(const codec::EvidenceRecord& record) {
        const auto batch = keep_evidence(rows, record);
        EXPECT_TRUE(batch);
        if (batch->empty()) return false;
        EXPECT_TRUE(rows.commit(*batch, Durability::synced));
        return true;
    }
    std::vector<codec::EvidenceRecord> kept(std::size_t count_max = kEvidenceRowsMax) {
        return *kept_evidence(rows, count_max);
    }

    support::MemoryKeyValue rows;
};

TEST_F(EvidenceRows, show_the_newest_first) {
    EXPECT_TRUE(kept().empty());
    for (const auto& record : {record_of(0, 300, 1), record_of(1, 2, 0), record_of(0, 4, 2)}) {
        EXPECT_TRUE(keep(record));
    }
    const auto all = kept();
    ASSERT_EQ(all.size(), 3u);
    EXPECT_EQ(all[0], record_of(1, 2, 0));
    EXPECT_EQ(all[1], record_of(0, 300, 1));
    EXPECT_EQ(all[2], record_of(0, 4, 2));
    EXPECT_EQ(kept(1).size(), 1u);
}

TEST_F(EvidenceRows, keep_one_a_validator_and_view) {
    EXPECT_TRUE(keep(record_of(0, 3, 1)));
    codec::EvidenceRecord again = record_of(0, 3, 1);
    again.seen_ms = 77;
    EXPECT_FALSE(keep(again));
    EXPECT_TRUE(keep(record_of(0, 3, 2)));
    EXPECT_EQ(kept().size(), 2u);
}

TEST_F(EvidenceRows, keep_a_bounded_number_and_forget_the_oldest) {
    for (std::uint64_t view = 1; view <= kEvidenceRowsMax + 5; ++view) keep(record_of(0, view, 1));
    const auto all = kept();
    ASSERT_EQ(all.size(), kEvidenceRowsMax);
    EXPECT_EQ(all.front(), record_of(0, kEvidenceRowsMax + 5, 1));
    EXPECT_EQ(all.back(), record_of(0, 6, 1));
}

TEST_F(EvidenceRows, say_where_a_row_is_damaged) {
    keep(record_of(0, 3, 1));
    WriteBatch batch;
    batch.put(to_bytes("nevidence!"), to_bytes("nonsense"));
    EXPECT_TRUE(rows.commit(batch, Durability::synced));
    EXPECT_EQ(kept_evidence(rows, 10).error().code, ErrorCode::corrupt);
}

}  // namespace
}  // namespace ashlar::node
