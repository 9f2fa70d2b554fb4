#include "native/validator/vote_journal.h"

#include <gtest/gtest.h>

#include "native/storage/posix_file_system.h"
#include "support/faulty_file_system.h"
#include "support/temporary_folder.h"

namespace ashlar::validator {
namespace {

using namespace consensus;

const ledger::ChainId kChain{crypto::hash("test", as_bytes("chain"))};

Record vote_of(std::uint64_t view) {
    Vote vote;
    vote.subject = Subject::nullify({Epoch(0), View(view)});
    vote.signature.bytes.fill(static_cast<Byte>(view));
    return vote;
}

Record block_of(std::uint64_t view, std::size_t size) {
    return BlockRecord{{Epoch(0), View(view)}, Bytes(size, static_cast<Byte>(view))};
}

std::vector<std::uint64_t> views(const std::vector<Record>& records) {
    std::vector<std::uint64_t> views;
    for (const Record& record : records) views.push_back(round_of(record).view.value);
    return views;
}

class VoteJournalTest : public ::testing::Test {
  protected:
    std::unique_ptr<VoteJournal> create() {
        auto journal = VoteJournal::create(files, "journal", kChain);
        EXPECT_TRUE(journal) << journal.error().message();
        return std::move(*journal);
    }
    std::unique_ptr<VoteJournal> open() {
        auto journal = VoteJournal::open(files, "journal", kChain);
        EXPECT_TRUE(journal) << journal.error().message();
        return journal ? std::move(*journal) : nullptr;
    }

    std::shared_ptr<support::FaultPlan> plan = std::make_shared<support::FaultPlan>(1);
    support::FaultyFileSystem files{plan};
};

TEST_F(VoteJournalTest, gives_back_what_was_synced) {
    {
        auto journal = create();
        for (std::uint64_t view = 1; view <= 3; ++view) journal->append(vote_of(view));
        journal->append(block_of(4, 1001));
        ASSERT_TRUE(journal->sync());
        journal->append(vote_of(5));  // never synced
    }
    auto journal = open();
    std::vector<Record> records = journal->take_records();
    EXPECT_EQ(views(records), (std::vector<std::uint64_t>{1, 2, 3, 4}));
    EXPECT_TRUE(records[3] == block_of(4, 1001));
    journal->append(vote_of(6));
    ASSERT_TRUE(journal->sync());
    EXPECT_EQ(views(open()->take_records()), (std::vector<std::uint64_t>{1, 2, 3, 4, 6}));
}

TEST_F(VoteJournalTest, is_made_once_and_missed_when_it_is_gone) {
    EXPECT_EQ(VoteJournal::open(files, "journal", kChain).error().code, ErrorCode::not_found);
    create();
    EXPECT_EQ(VoteJournal::create(files, "journal", kChain).error().code,
              ErrorCode::already_exists);
    ledger::ChainId other{crypto::hash("test", as_bytes("other"))};
    EXPECT_EQ(VoteJournal::open(files, "journal", other).error().code, ErrorCode::corrupt);
}

TEST_F(VoteJournalTest, can_be_made_again_after_a_crash_while_it_was_made) {
    for (std::uint64_t step = 1;; ++step) {
        auto machine = std::make_shared<support::FaultPlan>(step);
        support::FaultyFileSystem disk(machine);
        machine->crash_at(step);
        const bool made = VoteJournal::create(disk, "journal", kChain).has_value();
        const bool crashed = machine->crashed();
        disk.crash();
        machine->restart();
        auto opened = VoteJournal::open(disk, "journal", kChain);
        EXPECT_TRUE(opened || !made) << step;
        if (!opened) {
            EXPECT_EQ(opened.error().code, ErrorCode::not_found) << step;
            EXPECT_TRUE(VoteJournal::create(disk, "journal", kChain)) << step;
        }
        if (!crashed) break;
    }
}

TEST_F(VoteJournalTest, holds_records_larger_than_a_segment) {
    {
        auto journal = create();
        journal->append(vote_of(1));
        journal->append(block_of(2, kSegmentBytes + 5));
        journal->append(vote_of(3));
        ASSERT_TRUE(journal->sync());
    }
    auto journal = open();
    std::vector<Record> records = journal->take_records();
    EXPECT_EQ(views(records), (std::vector<std::uint64_t>{1, 2, 3}));
    EXPECT_TRUE(records[1] == block_of(2, kSegmentBytes + 5));
}

TEST_F(VoteJournalTest, drops_segments_that_are_old_as_a_whole) {
    auto journal = create();
    for (std::uint64_t view = 1; view <= 6; ++view) {
        journal->append(block_of(view, kSegmentBytes / 2));
        ASSERT_TRUE(journal->sync());
    }
    const std::size_t before = journal->segment_count();
    ASSERT_TRUE(journal->drop_through({Epoch(0), View(3)}));
    EXPECT_LT(journal->segment_count(), before);
    ASSERT_TRUE(journal->drop_through({Epoch(1), View(0)}));
    EXPECT_EQ(journal->segment_count(), 1U);
    journal.reset();
    EXPECT_EQ(views(open()->take_records()).back(), 6U);
}

// Wherever the machine stops: what was synced is there, in order, and the journal goes on.
TEST_F(VoteJournalTest, survives_a_crash_at_every_step) {
    for (std::uint64_t step = 1;; ++step) {
        auto machine = std::make_shared<support::FaultPlan>(step);
        support::FaultyFileSystem disk(machine);
        ASSERT_TRUE(VoteJournal::create(disk, "journal", kChain));
        machine->crash_at(step);
        std::uint64_t synced = 0;
        std::uint64_t appended = 0;
        if (auto journal = VoteJournal::open(disk, "journal", kChain)) {
            while (appended < 9) {
                (*journal)->append(block_of(++appended, kSegmentBytes / 4));
                (*journal)->append(vote_of(++appended));
                if (!(*journal)->sync()) break;
                synced = appended;
                if (!(*journal)->drop_through({Epoch(0), View(2)})) break;
            }
        }
        const bool crashed = machine->crashed();
        disk.crash();
        machine->restart();
        auto journal = VoteJournal::open(disk, "journal", kChain);
        ASSERT_TRUE(journal) << "step " << step << ": " << journal.error().message();
        std::vector<std::uint64_t> found = views((*journal)->take_records());
        // Those after what may have been dropped, up to at least what was synced.
        for (std::size_t i = 1; i < found.size(); ++i) ASSERT_EQ(found[i], found[i - 1] + 1);
        if (synced > 2) {
            ASSERT_FALSE(found.empty()) << step;
            EXPECT_LE(found.front(), 3U) << step;
        }
        EXPECT_GE(found.empty() ? 0 : found.back(), synced) << step;
        (*journal)->append(vote_of(100));
        ASSERT_TRUE((*journal)->sync());
        if (!crashed) break;
    }
}

TEST_F(VoteJournalTest, does_not_pass_over_damage) {
    auto fill = [](storage::FileSystem& disk) {
        auto journal = VoteJournal::create(disk, "journal", kChain);
        for (std::uint64_t view = 1; view <= 5; ++view) {
            (*journal)->append(vote_of(view));
            ASSERT_TRUE((*journal)->sync());
        }
    };
    // Of all but the last record every byte that matters is missed, or read as it was.
    for (std::uint64_t offset = 64; offset < 64 + 4 * 128; offset += 7) {
        support::FaultyFileSystem disk(std::make_shared<support::FaultPlan>(1));
        fill(disk);
        disk.flip("journal/0000000000000001", offset);
        auto journal = VoteJournal::open(disk, "journal", kChain);
        if (journal) {
            EXPECT_EQ(views((*journal)->take_records()).size(), 5U) << offset;
        } else {
            EXPECT_EQ(journal.error().code, ErrorCode::corrupt) << offset;
        }
    }
}

TEST_F(VoteJournalTest, does_not_pass_over_a_missing_segment) {
    auto journal = create();
    for (std::uint64_t view = 1; view <= 4; ++view) {
        journal->append(block_of(view, kSegmentBytes / 2));
        ASSERT_TRUE(journal->sync());
    }
    journal.reset();
    ASSERT_TRUE(files.remove("journal/0000000000000002"));
    EXPECT_EQ(VoteJournal::open(files, "journal", kChain).error().code, ErrorCode::corrupt);
}

TEST(VoteJournalOnDisk, works_on_a_real_file_system) {
    support::TemporaryFolder folder;
    storage::PosixFileSystem files(folder.path());
    {
        auto journal = VoteJournal::create(files, "journal", kChain);
        ASSERT_TRUE(journal) << journal.error().message();
        for (std::uint64_t view = 1; view <= 20; ++view) {
            (*journal)->append(vote_of(view));
            ASSERT_TRUE((*journal)->sync());
        }
    }
    auto journal = VoteJournal::open(files, "journal", kChain);
    ASSERT_TRUE(journal) << journal.error().message();
    EXPECT_EQ((*journal)->take_records().size(), 20U);
}

}  // namespace
}  // namespace ashlar::validator
