#include "native/validator/pending_blocks.h"

#include <algorithm>
#include <utility>

#include "ledger/overlay.h"

namespace ashlar::validator {

PendingBlocks::PendingBlocks(const KeyValue& store, chain::ChainTip base)
    : store_(store), rows_(std::shared_ptr<void>(), &store), base_(std::move(base)) {
    base_.rows = rows_;
}

PendingBlock* PendingBlocks::find(const ledger::BlockDigest& digest) {
    const auto found = blocks_.find(digest);
    return found == blocks_.end() ? nullptr : &found->second;
}

PendingBlock& PendingBlocks::add(chain::ExecutedBlock executed) {
    const ledger::BlockDigest digest = executed.digest;
    auto shared = std::make_shared<chain::ExecutedBlock>(std::move(executed));
    return blocks_.try_emplace(digest, PendingBlock{std::move(shared), false, {}}).first->second;
}

std::optional<chain::ChainTip> PendingBlocks::tip_of(const ledger::BlockDigest& digest) const {
    if (digest == base_.digest) return base_;
    const auto found = blocks_.find(digest);
    if (found == blocks_.end()) return std::nullopt;
    return found->second.executed->tip();
}

PendingBlocks::Path PendingBlocks::path_to(const ledger::BlockDigest& digest) const {
    Path path;
    ledger::BlockDigest at = digest;
    while (true) {
        const auto found = blocks_.find(at);
        if (found == blocks_.end()) return path;
        path.push_back(found->second.executed.get());
        at = found->second.executed->block.header.parent;
    }
}

PendingBlocks::Ids PendingBlocks::transactions_up_to(const ledger::BlockDigest& digest) const {
    Ids ids;
    for (const chain::ExecutedBlock* block : path_to(digest)) {
        ids.insert(block->transaction_ids.begin(), block->transaction_ids.end());
    }
    return ids;
}

std::shared_ptr<const KeyValueReader> PendingBlocks::frozen_rows(
    const ledger::BlockDigest& digest) const {
    std::shared_ptr<const KeyValueReader> snapshot = store_.snapshot();
    const Path path = path_to(digest);
    if (path.empty()) return snapshot;
    auto frozen = std::make_shared<ledger::Overlay>(std::move(snapshot));
    for (auto block = path.rbegin(); block != path.rend(); ++block) frozen->absorb(*(*block)->rows);
    return frozen;
}

void PendingBlocks::committed(const chain::ExecutedBlock& block) {
    base_ = {block.block.header, block.digest, rows_};
    std::vector<std::map<ledger::BlockDigest, PendingBlock>::iterator> by_height;
    for (auto at = blocks_.begin(); at != blocks_.end(); ++at) by_height.push_back(at);
    std::stable_sort(by_height.begin(), by_height.end(), [](const auto& left, const auto& right) {
        return left->second.executed->block.header.height <
               right->second.executed->block.header.height;
    });
    for (const auto& at : by_height) {
        const ledger::BlockHeader& header = at->second.executed->block.header;
        if (header.parent == base_.digest) {
            at->second.executed->rows->set_parent(rows_);
        } else if (header.height <= base_.header.height || blocks_.count(header.parent) == 0) {
            blocks_.erase(at);
        }
    }
}

}  // namespace ashlar::validator
