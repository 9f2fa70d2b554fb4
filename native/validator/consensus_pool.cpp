// Transactions: from clients and from other validators, into the pool and on to the others.
#include <algorithm>
#include <utility>

#include "codec/consensus_messages.h"
#include "codec/transaction.h"
#include "native/validator/consensus_orderer.h"
#include "native/validator/pack_claims.h"

namespace ashlar::validator {
namespace {

// The digests that a peer's forwarded transactions are compared with are forgotten this often, so
// that one that could not be taken is looked at again.
constexpr std::chrono::seconds kSeenTime{10};
constexpr std::size_t kSeenMax = std::size_t{1} << 17;

}  // namespace

Error late() {
    return {ErrorCode::unavailable,
            "no quorum of validators agreed in time; try again in a while (what was asked for may "
            "still be done)"};
}

void ConsensusOrderer::on_message(const crypto::PublicKey& from, Bytes message) {
    auto decoded = codec::decode_ordering_message(message);
    if (!decoded) {
        return parts_.transport.refuse(from, "a malformed message: " + decoded.error().detail);
    }
    const std::size_t bytes = message.size();
    if (auto* forwarded = std::get_if<codec::ForwardedTransactions>(&*decoded)) {
        auto transactions =
            std::make_shared<std::vector<Bytes>>(std::move(forwarded->transactions));
        background_->post(from, bytes, [this, from, transactions] {
            admit_forwarded(from, std::move(*transactions));
        });
        return;
    }
    auto shared =
        std::make_shared<consensus::Message>(std::move(std::get<consensus::Message>(*decoded)));
    inbox_.post_from(from, bytes, [this, from, shared] {
        const bool is_run = std::holds_alternative<consensus::FinalizedResponse>(*shared);
        const bool full = final_queue_.bytes() > kFinalBytesWaitingMax ||
                          final_queue_.size() > kFinalBlocksWaitingMax;
        // It is asked for again, when there is room.
        if (is_run && full) return;
        step(consensus::Received{from, std::move(*shared)});
    });
}

// On the background's thread.
void ConsensusOrderer::admit_forwarded(const crypto::PublicKey& from,
                                       std::vector<Bytes> transactions) {
    const auto now = std::chrono::steady_clock::now();
    if (now > seen_since_ + kSeenTime || seen_.size() > kSeenMax) {
        seen_.clear();
        seen_since_ = now;
    }
    auto taken = std::make_shared<std::vector<TransactionPool::Entry>>();
    std::vector<crypto::Digest> digests;
    std::size_t bytes = 0;
    for (Bytes& encoded : transactions) {
        const auto decoded = codec::decode_transaction(encoded);
        if (!decoded) {
            parts_.transport.refuse(from, "a malformed transaction: " + decoded.error().detail);
            return;
        }
        const crypto::Digest digest = crypto::hash("ashlar forwarded", encoded);
        if (!seen_.insert(digest).second) continue;
        auto admitted = executor_.admit(admission_tip(), std::move(encoded), parts_.clock.now_ms());
        // Final, expired, or of another mind about the state: none of it is anybody's fault.
        if (!admitted) continue;
        TransactionPool::Entry entry;
        entry.transaction = std::move(*admitted);
        entry.expires_ms = decoded->signed_transaction.transaction.expires_ms;
        entry.from = from;
        const auto claim = claim_of(entry.transaction.id, decoded->signed_transaction.transaction);
        entry.ready = !claim.has_value();
        bytes += entry.transaction.encoded.size();
        digests.push_back(digest);
        taken->push_back(std::move(entry));
    }
    if (taken->empty()) return;
    const bool posted = inbox_.post_from(from, bytes, [this, taken] {
        for (TransactionPool::Entry& entry : *taken) take_forwarded(std::move(entry));
    });
    // They are looked at again when they come again.
    if (!posted) {
        for (const crypto::Digest& digest : digests) seen_.erase(digest);
    }
}

void ConsensusOrderer::take_forwarded(TransactionPool::Entry entry) {
    const ledger::TransactionId id = entry.transaction.id;
    if (pool_.add(std::move(entry))) return;
    TransactionPool::Entry* taken = pool_.find(id);
    if (taken->ready) {
        work_changed_ = true;
    } else {
        ask_ready(*taken);
    }
}

void ConsensusOrderer::take_own(TransactionPool::Entry entry) {
    Bytes encoded = entry.transaction.encoded;
    if (auto refused = pool_.add(std::move(entry))) {
        refused->entry.completion(Unexpected(std::move(refused->why)));
        return;
    }
    to_forward_.push_back(std::move(encoded));
    if (!forward_again_at_) {
        forward_again_at_ =
            std::chrono::steady_clock::now() + std::chrono::milliseconds(kForwardAgainMs);
    }
    work_changed_ = true;
}

void ConsensusOrderer::ask_ready(TransactionPool::Entry& entry) {
    const auto decoded = codec::decode_transaction(entry.transaction.encoded);
    auto claim = claim_of(entry.transaction.id, decoded->signed_transaction.transaction);
    auto asker = std::make_shared<const int>(0);
    PackQuestion question;
    question.claims.push_back(std::move(*claim));
    question.rows = blocks_.frozen_rows(notarized_);
    question.holder = *entry.from;
    question.asker = asker;
    entry.asker = std::move(asker);
    parts_.gate.check(std::move(question), [this, id = entry.transaction.id](Verdict verdict,
                                                                             KeptPacks kept) {
        inbox_.post([this, id, verdict, kept = std::move(kept)] { on_ready(id, verdict, kept); });
    });
}

// Where the answer is not yes, it is asked again after the next block: what the transaction stands
// on may not have been final here.
void ConsensusOrderer::on_ready(const ledger::TransactionId& id, Verdict verdict, KeptPacks kept) {
    TransactionPool::Entry* entry = pool_.find(id);
    if (entry == nullptr || entry->ready) return;
    entry->asker.reset();
    entry->ready = verdict == Verdict::good;
    entry->kept = std::move(kept);
    if (entry->ready) work_changed_ = true;
}

void ConsensusOrderer::refresh_work() {
    const bool working = pool_.has_ready_besides(blocks_.transactions_up_to(notarized_));
    if (working == working_) return;
    working_ = working;
    step(consensus::WorkChanged{working});
}

void ConsensusOrderer::sweep_pool() {
    const auto next = pool_.next_sweep_ms();
    const std::uint64_t now_ms = parts_.clock.now_ms();
    if (next && *next <= now_ms) {
        for (const Completion& completion : pool_.sweep(now_ms)) completion(Unexpected(late()));
        work_changed_ = true;
    }
    const auto now = std::chrono::steady_clock::now();
    if (!forward_again_at_ || now < *forward_again_at_) return;
    forward_again_at_.reset();
    if (!pool_.has_own()) return;
    forward(std::nullopt, pool_.own());
    forward_again_at_ = now + std::chrono::milliseconds(kForwardAgainMs);
}

void ConsensusOrderer::forward_new() {
    if (!to_forward_.empty()) forward(std::nullopt, std::exchange(to_forward_, {}));
}

void ConsensusOrderer::forward(std::optional<crypto::PublicKey> to,
                               std::vector<Bytes> transactions) {
    codec::ForwardedTransactions message;
    std::size_t bytes = 0;
    const auto send = [&] {
        out_.push_back({to, peer::Channel::broadcast,
                        std::make_shared<const Bytes>(
                            codec::encode(codec::OrderingMessage(std::exchange(message, {}))))});
        bytes = 0;
    };
    for (Bytes& transaction : transactions) {
        const bool full = message.transactions.size() == codec::kForwardedTransactionsMax ||
                          bytes + transaction.size() > kForwardedBytesMax;
        if (full && !message.transactions.empty()) send();
        bytes += transaction.size();
        message.transactions.push_back(std::move(transaction));
    }
    if (!message.transactions.empty()) send();
}

}  // namespace ashlar::validator
