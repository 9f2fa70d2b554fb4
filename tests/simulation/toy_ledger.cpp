#include "simulation/toy_ledger.h"

#include <algorithm>

#include "base/assert.h"

namespace ashlar::simulation {

namespace {
constexpr std::size_t kFixedBytes = 24 + 3 * Digest::kSize;
}

Bytes ToyBlock::encode() const {
    Bytes bytes;
    bytes.reserve(kFixedBytes + 8 * transactions.size());
    append_big_endian_64(bytes, epoch.value);
    append_big_endian_64(bytes, height.value);
    append_big_endian_64(bytes, salt);
    append(bytes, parent.view());
    append(bytes, next_validators.view());
    append(bytes, state_root.view());
    for (TransactionNumber number : transactions) append_big_endian_64(bytes, number);
    return bytes;
}

Expected<ToyBlock> ToyBlock::decode(ByteView bytes) {
    if (bytes.size() < kFixedBytes || bytes.size() % 8 != 0) {
        return fail(ErrorCode::invalid, "a block of " + std::to_string(bytes.size()) + " bytes");
    }
    ToyBlock block;
    block.epoch = Epoch(read_big_endian_64(bytes));
    block.height = Height(read_big_endian_64(bytes.subspan(8)));
    block.salt = read_big_endian_64(bytes.subspan(16));
    block.parent = BlockDigest{*Digest::from_bytes(bytes.subspan(24, 32))};
    block.next_validators = *Digest::from_bytes(bytes.subspan(56, 32));
    block.state_root = *Digest::from_bytes(bytes.subspan(88, 32));
    for (std::size_t at = kFixedBytes; at < bytes.size(); at += 8) {
        block.transactions.push_back(read_big_endian_64(bytes.subspan(at)));
    }
    return block;
}

Expected<consensus::BlockSummary> ToyFormat::summarize(ByteView bytes) const {
    ASHLAR_TRY(ToyBlock block, ToyBlock::decode(bytes));
    return consensus::BlockSummary{BlockDigest{crypto::hash("simulation.block", bytes)},
                                   block.parent, block.epoch, block.height, block.next_validators};
}

Digest state_after(const Digest& before, const std::vector<TransactionNumber>& transactions) {
    if (transactions.empty()) return before;
    Bytes bytes = to_bytes(before.view());
    for (TransactionNumber number : transactions) append_big_endian_64(bytes, number);
    return crypto::hash("simulation.state", bytes);
}

ToyState::ToyState(const BlockDigest& genesis) : final_(genesis) {}

const Digest* ToyState::root_of(const BlockDigest& digest) const {
    if (digest == final_) return &final_root_;
    auto found = runs_.find(digest);
    return found == runs_.end() ? nullptr : &found->second.root;
}

bool ToyState::contains(const BlockDigest& tip, TransactionNumber number) const {
    if (is_applied(number)) return true;
    for (auto run = runs_.find(tip); run != runs_.end(); run = runs_.find(run->second.parent)) {
        const auto& list = run->second.transactions;
        if (std::find(list.begin(), list.end(), number) != list.end()) return true;
    }
    return false;
}

bool ToyState::duplicates(const BlockDigest& parent,
                          const std::vector<TransactionNumber>& list) const {
    std::unordered_set<TransactionNumber> seen;
    for (TransactionNumber number : list) {
        if (!seen.insert(number).second || contains(parent, number)) return true;
    }
    return false;
}

bool ToyState::check(const BlockDigest& digest, const ToyBlock& block) {
    const Digest* before = root_of(block.parent);
    ASHLAR_ASSERT(before != nullptr);
    Digest after = state_after(*before, block.transactions);
    if (!(after == block.state_root) || duplicates(block.parent, block.transactions)) return false;
    runs_[digest] = Run{block.parent, block.height, after, block.transactions};
    return true;
}

void ToyState::trust(const BlockDigest& digest, const ToyBlock& block) {
    runs_[digest] = Run{block.parent, block.height, block.state_root, block.transactions};
}

Digest ToyState::root_on(const BlockDigest& parent,
                         const std::vector<TransactionNumber>& transactions) const {
    const Digest* before = root_of(parent);
    ASHLAR_ASSERT(before != nullptr);
    return state_after(*before, transactions);
}

ToyBlock ToyState::build(const BlockDigest& parent,
                         const std::vector<TransactionNumber>& pool) const {
    constexpr std::size_t kTransactionsPerBlock = 64;
    ToyBlock block;
    block.parent = parent;
    for (TransactionNumber number : pool) {
        if (block.transactions.size() == kTransactionsPerBlock) break;
        if (!contains(parent, number)) block.transactions.push_back(number);
    }
    block.state_root = root_on(parent, block.transactions);
    auto run = runs_.find(parent);
    block.height = (run == runs_.end() ? final_height_ : run->second.height).next();
    return block;
}

void ToyState::finalize(const BlockDigest& digest, const ToyBlock& block) {
    ASHLAR_ASSERT(block.parent == final_ && block.height == final_height_.next());
    final_root_ = state_after(final_root_, block.transactions);
    ASHLAR_ASSERT(final_root_ == block.state_root);
    for (TransactionNumber number : block.transactions) {
        ASHLAR_ASSERT(applied_.insert(number).second);
    }
    final_ = digest;
    final_height_ = block.height;
    std::erase_if(runs_, [&](const auto& pair) { return pair.second.height <= final_height_; });
}

}  // namespace ashlar::simulation
