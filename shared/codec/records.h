// Stored records, to and from their canonical Cap'n Proto encoding (schema/record.capnp). These
// bytes are what the state tree commits to. Decoding accepts exactly what encoding gives and fails
// with `invalid`; whoever reads its own store makes that `corrupt`.
#pragma once

#include "forge/records.h"

namespace ashlar::codec {

Bytes encode(const forge::Account& account);
Bytes encode(const forge::Token& token);
Bytes encode(const forge::SshKey& key);
Bytes encode(const forge::Repository& repository);
Bytes encode(const forge::PackReference& pack);
Bytes encode(const forge::Counters& counters);
Bytes encode(const forge::Settings& settings);
Bytes encode(const forge::ValidatorSet& validators);
Bytes encode(const forge::ClosedEpoch& epoch);

Expected<forge::Account> decode_account(ByteView bytes);
Expected<forge::Token> decode_token(ByteView bytes);
Expected<forge::SshKey> decode_ssh_key(ByteView bytes);
Expected<forge::Repository> decode_repository(ByteView bytes);
Expected<forge::PackReference> decode_pack_reference(ByteView bytes);
Expected<forge::Counters> decode_counters(ByteView bytes);
Expected<forge::Settings> decode_settings(ByteView bytes);
Expected<forge::ValidatorSet> decode_validator_set(ByteView bytes);
Expected<forge::ClosedEpoch> decode_closed_epoch(ByteView bytes);

// A ref's row: 20 bytes of object id, and 20 more where it is peeled. The name is in the row's key
// and in the tree's key.
Bytes encode_ref_value(const git::Ref& ref);
Expected<git::Ref> decode_ref_value(std::string_view name, ByteView bytes);

// An index entry that holds nothing but an id.
Bytes encode_id(std::uint64_t id);
Expected<std::uint64_t> decode_id(ByteView bytes);

// What became of a transaction: kept in the state until the transaction has expired, so that it
// counts once, and so that its fate can be proven.
struct TransactionRecord {
    ledger::Height height;
    std::uint32_t index = 0;   // within the block
    std::uint8_t refusal = 0;  // 0: applied; else 1 + the ErrorCode
    std::uint32_t refused_refs = 0;
    friend bool operator==(const TransactionRecord&, const TransactionRecord&) = default;
};
Bytes encode(const TransactionRecord& record);
Expected<TransactionRecord> decode_transaction_record(ByteView bytes);

}  // namespace ashlar::codec
