// The transactions that wait to be final, of this validator's clients and of other validators'.
//
// Owned by one thread. Each is held until it is in a final block or has expired, so that one that a
// failed leader had goes into the next leader's block. A transaction is ready once what it names is
// stored here (PackGate); only these go into blocks made here. What another validator forwarded
// counts against that one's share, so that none can fill the pool for the others.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "chain/orderer.h"
#include "native/validator/pack_gate.h"

namespace ashlar::validator {

struct PoolLimits {
    // Of this validator's own clients; more are refused.
    std::size_t own_count_max = 16'384;
    std::size_t own_bytes_max = std::size_t{64} << 20;
    // Of each other validator; more are dropped.
    std::size_t peer_count_max = 16'384;
    std::size_t peer_bytes_max = std::size_t{64} << 20;
    // Ids of transactions that are final and not expired, which are not taken again.
    std::size_t done_count_max = std::size_t{1} << 18;
};

class TransactionPool final : public chain::CheckedTransactions {
  public:
    using Completion = chain::Orderer::Completion;

    struct Entry {
        chain::PendingTransaction transaction;
        std::uint64_t expires_ms = 0;
        std::optional<crypto::PublicKey> from;  // the validator that forwarded it; absent: our own
        std::uint64_t answer_by_ms = 0;         // when the client has waited long enough
        Completion completion;                  // absent: nobody waits, or was answered
        bool ready = false;
        KeptPacks kept;                     // what it names, where another validator forwarded it
        std::shared_ptr<const void> asker;  // while the gate has the question whether it is ready
    };

    explicit TransactionPool(const PoolLimits& limits) : limits_(limits) {}

    // Gives the entry back where it cannot be taken, and why: `already_exists` where it is here or
    // final, `limit_exceeded` where its origin has too many. An own one takes the place of the same
    // one that was forwarded.
    struct Refused {
        Entry entry;
        Error why;
    };
    std::optional<Refused> add(Entry entry);

    Entry* find(const ledger::TransactionId& id);
    std::optional<crypto::PublicKey> key_of(ByteView encoded) const override;
    bool is_done(const ledger::TransactionId& id) const { return done_.count(id) != 0; }

    using Ids = std::unordered_set<ledger::TransactionId>;
    // Those that are ready, in the order in which they came, without those that are excluded; as
    // much as one block may hold.
    std::vector<chain::PendingTransaction> candidates(const Ids& excluded) const;
    bool has_ready_besides(const Ids& excluded) const;

    // It is in a final block: forgotten, and not taken again. Gives whoever waits for it.
    Completion finish(const ledger::TransactionId& id);
    // It can be in no block.
    Completion drop(const ledger::TransactionId& id);
    // Removes what has expired, and takes the completions of what has and of what was waited for
    // long enough.
    std::vector<Completion> sweep(std::uint64_t now_ms);
    // The next time at which sweep() has something to do.
    std::optional<std::uint64_t> next_sweep_ms() const;
    std::vector<Completion> take_all_completions();

    // This validator's own, encoded, for those who may have missed them.
    std::vector<Bytes> own() const;
    std::vector<ledger::TransactionId> not_ready() const;
    std::size_t size() const { return entries_.size(); }
    bool has_own() const;

  private:
    struct Share {
        std::size_t count = 0;
        std::size_t bytes = 0;
    };
    using Entries = std::list<Entry>;
    void erase(Entries::iterator entry);
    Share& share_of(const Entry& entry);

    const PoolLimits limits_;
    Entries entries_;  // in the order in which they came
    std::unordered_map<ledger::TransactionId, Entries::iterator> by_id_;
    std::unordered_map<std::string_view, Entries::iterator> by_bytes_;  // of entries_
    std::map<std::optional<crypto::PublicKey>, Share> shares_;
    std::set<std::pair<std::uint64_t, ledger::TransactionId>> times_;  // expiry and answer times
    std::unordered_map<ledger::TransactionId, std::uint64_t> done_;    // until when
    std::set<std::pair<std::uint64_t, ledger::TransactionId>> done_until_;
};

}  // namespace ashlar::validator
