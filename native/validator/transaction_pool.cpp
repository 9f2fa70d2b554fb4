#include "native/validator/transaction_pool.h"

#include <algorithm>
#include <utility>

namespace ashlar::validator {

TransactionPool::Share& TransactionPool::share_of(const Entry& entry) {
    return shares_[entry.from];
}

std::optional<TransactionPool::Refused> TransactionPool::add(Entry entry) {
    const ledger::TransactionId id = entry.transaction.id;
    if (is_done(id)) {
        return Refused{std::move(entry), {ErrorCode::already_exists, "the transaction is final"}};
    }
    if (const auto found = by_id_.find(id); found != by_id_.end()) {
        if (found->second->completion || entry.from) {
            return Refused{std::move(entry),
                           {ErrorCode::already_exists, "the transaction waits already"}};
        }
        erase(found->second);
    }
    Share& share = share_of(entry);
    const std::size_t bytes = entry.transaction.encoded.size();
    const std::size_t count_max = entry.from ? limits_.peer_count_max : limits_.own_count_max;
    const std::size_t bytes_max = entry.from ? limits_.peer_bytes_max : limits_.own_bytes_max;
    if (share.count >= count_max || bytes > bytes_max - std::min(share.bytes, bytes_max)) {
        Error why{ErrorCode::limit_exceeded, "too many transactions wait (" +
                                                 std::to_string(share.count) +
                                                 "); try again in a moment"};
        return Refused{std::move(entry), std::move(why)};
    }
    ++share.count;
    share.bytes += bytes;
    times_.emplace(entry.expires_ms, id);
    if (entry.completion) times_.emplace(entry.answer_by_ms, id);
    entries_.push_back(std::move(entry));
    const auto added = std::prev(entries_.end());
    by_id_.emplace(id, added);
    by_bytes_.insert_or_assign(as_text(added->transaction.encoded), added);
    return std::nullopt;
}

void TransactionPool::erase(Entries::iterator entry) {
    const ledger::TransactionId id = entry->transaction.id;
    Share& share = share_of(*entry);
    --share.count;
    share.bytes -= entry->transaction.encoded.size();
    times_.erase({entry->expires_ms, id});
    times_.erase({entry->answer_by_ms, id});
    by_id_.erase(id);
    by_bytes_.erase(as_text(entry->transaction.encoded));
    entries_.erase(entry);
}

std::optional<crypto::PublicKey> TransactionPool::key_of(ByteView encoded) const {
    const auto found = by_bytes_.find(as_text(encoded));
    if (found == by_bytes_.end()) return std::nullopt;
    return found->second->transaction.checked_key;
}

TransactionPool::Entry* TransactionPool::find(const ledger::TransactionId& id) {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : &*found->second;
}

std::vector<chain::PendingTransaction> TransactionPool::candidates(const Ids& excluded) const {
    std::vector<chain::PendingTransaction> found;
    std::size_t bytes = 0;
    for (const Entry& entry : entries_) {
        if (!entry.ready || excluded.count(entry.transaction.id) != 0) continue;
        bytes += entry.transaction.encoded.size();
        // One more than fits, so that whoever builds sees that something was left.
        found.push_back(entry.transaction);
        if (bytes > ledger::kBlockBytesMax || found.size() > ledger::kTransactionsPerBlockMax) {
            break;
        }
    }
    return found;
}

bool TransactionPool::has_ready_besides(const Ids& excluded) const {
    return std::any_of(entries_.begin(), entries_.end(), [&excluded](const Entry& entry) {
        return entry.ready && excluded.count(entry.transaction.id) == 0;
    });
}

TransactionPool::Completion TransactionPool::finish(const ledger::TransactionId& id) {
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) return nullptr;
    Completion completion = std::move(found->second->completion);
    const std::uint64_t until = found->second->expires_ms;
    erase(found->second);
    done_.emplace(id, until);
    done_until_.emplace(until, id);
    if (done_until_.size() > limits_.done_count_max) {
        done_.erase(done_until_.begin()->second);
        done_until_.erase(done_until_.begin());
    }
    return completion;
}

TransactionPool::Completion TransactionPool::drop(const ledger::TransactionId& id) {
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) return nullptr;
    Completion completion = std::move(found->second->completion);
    erase(found->second);
    return completion;
}

std::vector<TransactionPool::Completion> TransactionPool::sweep(std::uint64_t now_ms) {
    std::vector<Completion> waited;
    while (!times_.empty() && times_.begin()->first <= now_ms) {
        const ledger::TransactionId id = times_.begin()->second;
        times_.erase(times_.begin());
        const auto found = by_id_.find(id);
        if (found == by_id_.end()) continue;
        if (found->second->completion) {
            waited.push_back(std::exchange(found->second->completion, nullptr));
        }
        if (found->second->expires_ms <= now_ms) erase(found->second);
    }
    while (!done_until_.empty() && done_until_.begin()->first <= now_ms) {
        done_.erase(done_until_.begin()->second);
        done_until_.erase(done_until_.begin());
    }
    return waited;
}

std::optional<std::uint64_t> TransactionPool::next_sweep_ms() const {
    std::optional<std::uint64_t> next;
    if (!times_.empty()) next = times_.begin()->first;
    return next;
}

std::vector<TransactionPool::Completion> TransactionPool::take_all_completions() {
    std::vector<Completion> taken;
    for (Entry& entry : entries_) {
        if (entry.completion) taken.push_back(std::exchange(entry.completion, nullptr));
    }
    return taken;
}

bool TransactionPool::has_own() const {
    const auto own = shares_.find(std::nullopt);
    return own != shares_.end() && own->second.count > 0;
}

std::vector<Bytes> TransactionPool::own() const {
    std::vector<Bytes> encoded;
    for (const Entry& entry : entries_) {
        if (!entry.from) encoded.push_back(entry.transaction.encoded);
    }
    return encoded;
}

std::vector<ledger::TransactionId> TransactionPool::not_ready() const {
    std::vector<ledger::TransactionId> ids;
    for (const Entry& entry : entries_) {
        if (!entry.ready && entry.asker == nullptr) ids.push_back(entry.transaction.id);
    }
    return ids;
}

}  // namespace ashlar::validator
