// A validator's disk: a journal and the chain of final blocks, both append-only. What was not
// synced may be lost by a crash, in whole or from any point on; a record that was being written is
// then torn, which its checksum shows, so it is as good as lost.
#pragma once

#include <optional>
#include <vector>

#include "consensus/action.h"
#include "simulation/random.h"

namespace ashlar::simulation {

struct StoredBlock {
    consensus::BlockSummary summary;
    Bytes block;
    std::optional<consensus::Certificate> finalization;
};

class Disk {
  public:
    void append(consensus::Record record) { journal_.push_back(std::move(record)); }
    void append(StoredBlock block) { chain_.push_back(std::move(block)); }

    struct Mark {
        std::uint64_t journal = 0;
        std::size_t chain = 0;
    };
    // What a sync that begins now will make durable.
    Mark mark() const { return {dropped_ + journal_.size(), chain_.size()}; }
    void synced(const Mark& mark);

    // Loses a random part of what is not durable.
    void crash(Random& random);
    // Forgets the chain from this length on (which a restart does with an unfinished run).
    void cut_chain(std::size_t size);
    // Everything gone, as if the folder had been deleted.
    void erase() { *this = Disk{}; }

    const std::vector<consensus::Record>& journal() const { return journal_; }
    const std::vector<StoredBlock>& chain() const { return chain_; }
    std::size_t durable_chain() const { return durable_chain_; }
    // Whether the vote is on the disk for good (or was, until the chain made it old).
    bool holds_durably(const consensus::Vote& vote) const;

  private:
    // Records that the durable chain makes unnecessary.
    void drop_old();

    std::vector<consensus::Record> journal_;
    std::vector<StoredBlock> chain_;
    std::uint64_t dropped_ = 0;
    std::uint64_t durable_journal_ = 0;  // counted with those dropped
    std::size_t durable_chain_ = 0;
    std::optional<consensus::Round> old_;
};

}  // namespace ashlar::simulation
