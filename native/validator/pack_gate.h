// The seam between ordering and packs. Blocks name packs and never hold them; a validator votes for
// a block only when it holds, has checked and has made durable every pack that the block names, and
// applies a final block only when it holds them.
//
// Who orders asks here; who implements fetches what is missing from other validators over channel
// `sync` (Transport). An answer comes with what keeps the packs from being swept away: whoever
// asked holds it until the block is applied or left behind, however long a quorum takes to finalize
// it. All methods may be called from any thread and none blocks; answers come from any thread, also
// before the call returns.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/key_value.h"
#include "crypto/ed25519.h"
#include "forge/transaction.h"

namespace ashlar::validator {

using crypto::PublicKey;

// An update of refs as the rules let it happen: without the refs that they refused, and only where
// it sets a ref or names a pack. What it needs: its pack, if any, stored here and well formed; each
// new tip connected by objects of the pack and of what its repository held before.
struct PackClaim {
    ledger::TransactionId transaction;
    forge::UpdateRefs action;
    // Whether the rules refused none: then the refs account for all that the pack holds.
    bool has_all_refs = false;
};

struct PackQuestion {
    // In their order: a later one may stand on the pack of an earlier one.
    std::vector<PackClaim> claims;
    // The state before the first. It does not change, and any thread may read it; it keeps a
    // snapshot of the store, so it should not be held for longer than the question lives.
    std::shared_ptr<const KeyValueReader> rows;
    // Is asked first for what is missing, then every other one that is connected.
    PublicKey holder;
    // Once this has expired nobody waits for the answer.
    std::weak_ptr<const void> asker;
};

// `later`: there is too much to look at to say; it is to be asked again in a while.
enum class Verdict { good, bad, later };

// Packs stay stored for as long as these live. Shared freely, from any thread.
using KeptPacks = std::vector<std::shared_ptr<const void>>;

class PackGate {
  public:
    virtual ~PackGate() = default;

    // Whether all claims hold: `good` only when every pack is durable. `bad` where a pack is not
    // what the claim says, or a tip is not connected. No answer while something is missing that may
    // still come; what is missing is asked for until then. A question that was answered for the
    // same transactions before costs little: a block asks again what the pool has asked.
    using Answer = std::function<void(Verdict verdict, KeptPacks kept)>;
    virtual void check(PackQuestion question, Answer answer) = 0;

    // The block that names these is final: they are good, and have to be had, from anybody. Calls
    // back once all of them are durable here, however long it takes.
    using Stored = std::function<void(KeptPacks kept)>;
    virtual void want(std::vector<forge::PackReference> packs, std::optional<PublicKey> holder,
                      Stored stored) = 0;

    // The block that names these may become final. Calls back where all of them are stored here
    // now; nothing is asked for, and where one is missing nothing happens.
    virtual void keep(std::vector<forge::PackReference> packs, Stored stored) = 0;

    // A message of channel `sync`, as it came, from an authenticated peer.
    virtual void on_message(const PublicKey& from, Bytes message) = 0;
    // Who is connected now.
    virtual void peers_changed(std::vector<PublicKey> connected) = 0;
    // No answer comes, and nothing is sent, once this has returned.
    virtual void stop() = 0;
};

}  // namespace ashlar::validator
