// The network as a host shows it: who decides, how far they are, what they decided. The status is
// the host's own view of this moment; blocks are read from the final state, and of each transaction
// nobody learns more than they may see anyway.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "chain/state_reader.h"
#include "codec/consensus_messages.h"
#include "forge/access.h"

namespace ashlar::api {

enum class ValidatorHealth : std::uint8_t {
    voting,   // heard within the last turns of all leaders
    silent,   // not heard for longer, or never in this epoch
    refused,  // sent what no honest one sends
};
// "voting"
std::string_view to_string(ValidatorHealth health);

struct NetworkValidator {
    forge::Validator record;
    ledger::View last_vote;  // the latest view in which it was heard; 0: never in this epoch
    ValidatorHealth health = ValidatorHealth::silent;
    bool is_self = false;
    bool connected = false;  // of itself always
    bool leads = false;      // the view
};

struct NetworkStatus {
    std::string name;
    ledger::ChainId chain;
    ledger::Epoch epoch;
    ledger::View view;
    std::size_t quorum = 1;
    ledger::Height final_height;    // of the newest block known to be final
    ledger::Height applied_height;  // of the newest block whose state is served here
    ledger::BlockDigest applied_digest;
    std::uint64_t applied_block_ms = 0;                 // that block's time; since 1970, UTC
    std::optional<std::uint64_t> last_finalization_ms;  // absent: none since the start
    std::size_t waiting_transactions = 0;
    std::vector<NetworkValidator> validators;  // in the order of their keys
    bool ready = false;                        // whether writes can be expected to succeed here
    std::string why_not_ready;
    std::uint64_t now_ms = 0;
};

// What a host implements.
class Network {
  public:
    virtual ~Network() = default;
    virtual Expected<NetworkStatus> status() = 0;
    virtual std::shared_ptr<const chain::StateReader> state() = 0;
    // The newest first.
    virtual Expected<std::vector<codec::EvidenceRecord>> evidence(std::size_t count_max) = 0;
};

inline constexpr std::size_t kBlocksPerPageMax = 100;
inline constexpr std::size_t kEvidenceShownMax = 100;

// Of one block; more are counted.
inline constexpr std::size_t kTransactionsShownMax = 500;

struct TransactionView {
    ledger::TransactionId id;
    std::string kind;  // "update_refs"
    forge::AccountId author;
    std::size_t bytes = 0;
    // What follows is shown to whoever may see all that it tells.
    std::optional<std::string> author_login;
    std::string summary;               // "alice/hello: 2 refs"; empty where it may not be shown
    std::vector<std::string> details;  // "refs/heads/main"
};

struct BlockView {
    ledger::BlockHeader header;
    ledger::BlockDigest digest;
    std::vector<TransactionView> transactions;           // the first kTransactionsShownMax
    std::optional<consensus::Certificate> finalization;  // absent: final as an ancestor
    std::vector<forge::Validator> signers;               // of the finalization
};

// Fails with `not_found` where there is no such block yet.
Expected<BlockView> view_block(const chain::StateReader& state, const forge::Viewer& viewer,
                               ledger::Height height);

// One transaction, as far as the viewer may know it.
Expected<TransactionView> view_transaction(const chain::StateReader& state,
                                           const forge::Viewer& viewer, ByteView encoded);

// Headers from `from` downwards, at most `count_max` (and kBlocksPerPageMax). Height 0 is listed.
Expected<std::vector<ledger::BlockHeader>> view_headers(const chain::StateReader& state,
                                                        ledger::Height from, std::size_t count_max);

// "notarized two blocks", "voted to nullify and to finalize".
std::string_view describe(const consensus::Evidence& evidence);

}  // namespace ashlar::api
