// Transactions, to and from their canonical Cap'n Proto encoding (schema/transaction.capnp).
#pragma once

#include "forge/transaction.h"

namespace ashlar::codec {

// What the author's key, or the attesting validator's, signs.
Bytes signing_bytes(const forge::Transaction& transaction);

ledger::TransactionId id_of(const forge::Transaction& transaction);

// Signs with the account's or the validator's key.
forge::SignedTransaction sign(forge::Transaction transaction, const crypto::SigningKey& key);

Bytes encode(const forge::SignedTransaction& transaction);

struct DecodedTransaction {
    forge::SignedTransaction signed_transaction;
    ledger::TransactionId id;
    Bytes signing_bytes;
};

// Accepts exactly what encode() gives; fails with `invalid`, or with `limit_exceeded` beyond
// ledger::kTransactionBytesMax. Signatures are not checked here.
Expected<DecodedTransaction> decode_transaction(ByteView bytes);

}  // namespace ashlar::codec
