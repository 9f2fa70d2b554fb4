#include "codec/transaction.h"

#include <schema/transaction.capnp.h>

#include "codec/transaction_actions.h"
#include "ledger/block.h"

namespace ashlar::codec {

namespace {

constexpr std::string_view kSigningDomain = "ashlar.transaction.1";

Expected<forge::Authorship> read_authorship(schema::TransactionBody::Authorship::Reader reader) {
    switch (reader.which()) {
        case schema::TransactionBody::Authorship::SIGNED_BY_ACCOUNT:
            return forge::Authorship(forge::SignedByAccount{});
        case schema::TransactionBody::Authorship::ATTESTED_BY_VALIDATOR: {
            const schema::Attestation::Reader from = reader.getAttestedByValidator();
            forge::AttestedByValidator attested;
            ASHLAR_TRY(attested.validator, fixed<crypto::PublicKey>(from.getValidator()));
            attested.token = forge::TokenId(from.getToken());
            return forge::Authorship(attested);
        }
    }
    return fail(ErrorCode::invalid, "unknown authorship");
}

void fill_authorship(schema::TransactionBody::Authorship::Builder builder,
                     const forge::Authorship& authorship) {
    const auto* attested = std::get_if<forge::AttestedByValidator>(&authorship);
    if (attested == nullptr) {
        builder.setSignedByAccount();
        return;
    }
    schema::Attestation::Builder attestation = builder.initAttestedByValidator();
    attestation.setValidator(data_of(attested->validator.view()));
    attestation.setToken(attested->token.value);
}

Expected<forge::Transaction> read_body(schema::TransactionBody::Reader reader) {
    if (reader.getFormatVersion() != ledger::kFormatVersion) {
        return fail(ErrorCode::invalid,
                    "format version " + std::to_string(reader.getFormatVersion()));
    }
    forge::Transaction transaction;
    ASHLAR_TRY(transaction.chain.digest, fixed<crypto::Digest>(reader.getChain()));
    transaction.expires_ms = reader.getExpiresMs();
    transaction.nonce = reader.getNonce();
    transaction.author = forge::AccountId(reader.getAuthor());
    ASHLAR_TRY(transaction.authorship, read_authorship(reader.getAuthorship()));
    ASHLAR_TRY(transaction.action, read_action(reader.getAction()));
    return transaction;
}

Bytes encode(const forge::Transaction& transaction) {
    return encode_canonical<schema::TransactionBody>(
        [&](schema::TransactionBody::Builder& builder) {
            builder.setFormatVersion(ledger::kFormatVersion);
            builder.setChain(data_of(transaction.chain.digest.view()));
            builder.setExpiresMs(transaction.expires_ms);
            builder.setNonce(transaction.nonce);
            builder.setAuthor(transaction.author.value);
            fill_authorship(builder.getAuthorship(), transaction.authorship);
            fill_action(builder.getAction(), transaction.action);
        });
}

Bytes signing_bytes_of(ByteView body) {
    Bytes bytes = to_bytes(kSigningDomain);
    append(bytes, body);
    return bytes;
}

ledger::TransactionId id_of_body(ByteView body) {
    return {crypto::hash("ashlar transaction", body)};
}

// The outer message, its body still bytes.
struct Envelope {
    Bytes body;
    crypto::Signature signature;
};

Bytes encode(const Envelope& envelope) {
    return encode_canonical<schema::SignedTransaction>(
        [&](schema::SignedTransaction::Builder& builder) {
            builder.setBody(data_of(envelope.body));
            builder.setSignature(data_of(envelope.signature.view()));
        });
}

}  // namespace

Bytes signing_bytes(const forge::Transaction& transaction) {
    return signing_bytes_of(encode(transaction));
}

ledger::TransactionId id_of(const forge::Transaction& transaction) {
    return id_of_body(encode(transaction));
}

forge::SignedTransaction sign(forge::Transaction transaction, const crypto::SigningKey& key) {
    const crypto::Signature signature = key.sign(signing_bytes(transaction));
    return {std::move(transaction), signature};
}

Bytes encode(const forge::SignedTransaction& transaction) {
    return encode(Envelope{encode(transaction.transaction), transaction.signature});
}

Expected<DecodedTransaction> decode_transaction(ByteView bytes) {
    ASHLAR_TRY(Envelope envelope,
               (decode_canonical<schema::SignedTransaction, Envelope>(
                   bytes, "transaction", ledger::kTransactionBytesMax, encode,
                   [](schema::SignedTransaction::Reader reader) -> Expected<Envelope> {
                       Envelope read;
                       read.body = to_bytes(view_of(reader.getBody()));
                       ASHLAR_TRY(read.signature, fixed<crypto::Signature>(reader.getSignature()));
                       return read;
                   })));
    DecodedTransaction decoded;
    ASHLAR_TRY(
        decoded.signed_transaction.transaction,
        (decode_canonical<schema::TransactionBody, forge::Transaction>(
            envelope.body, "transaction body", ledger::kTransactionBytesMax, encode, read_body)));
    decoded.signed_transaction.signature = envelope.signature;
    decoded.id = id_of_body(envelope.body);
    decoded.signing_bytes = signing_bytes_of(envelope.body);
    return decoded;
}

}  // namespace ashlar::codec
