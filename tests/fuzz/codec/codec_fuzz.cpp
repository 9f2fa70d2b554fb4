// Every decoder of bytes that come from other machines: what decodes encodes to the same bytes.
#include <array>

#include "base/assert.h"
#include "codec/block.h"
#include "codec/certificate.h"
#include "codec/consensus_messages.h"
#include "codec/genesis.h"
#include "codec/peer_messages.h"
#include "codec/proof.h"
#include "codec/records.h"
#include "codec/sync.h"
#include "codec/transaction.h"
#include "codec/trust.h"

namespace ashlar::codec {
namespace {

bool same(const Bytes& encoded, ByteView bytes) {
    return encoded == to_bytes(bytes);
}

template <typename Value, Expected<Value> (*decode)(ByteView)>
void try_decoder(ByteView bytes) {
    const auto value = decode(bytes);
    ASHLAR_ASSERT(!value || same(encode(*value), bytes));
}

void try_transaction(ByteView bytes) {
    const auto decoded = decode_transaction(bytes);
    if (!decoded) return;
    ASHLAR_ASSERT(same(encode(decoded->signed_transaction), bytes));
    ASHLAR_ASSERT(decoded->id == id_of(decoded->signed_transaction.transaction));
}

void try_tree_proof(ByteView bytes) {
    const auto proof = ledger::decode_tree_proof(bytes);
    ASHLAR_ASSERT(!proof || same(ledger::encode(*proof), bytes));
}

constexpr std::array<void (*)(ByteView), 20> kDecoders = {
    try_transaction,
    try_decoder<ledger::Block, decode_block>,
    try_decoder<ledger::BlockHeader, decode_block_header>,
    try_decoder<consensus::Certificate, decode_certificate>,
    try_decoder<SealedRefProof, decode_sealed_ref_proof>,
    try_decoder<RefListProof, decode_ref_list_proof>,
    try_decoder<forge::Genesis, decode_genesis>,
    try_decoder<forge::Repository, decode_repository>,
    try_tree_proof,
    try_decoder<OrderingMessage, decode_ordering_message>,
    try_decoder<consensus::Record, decode_journal_record>,
    try_decoder<PeerMessage, decode_peer_message>,
    try_decoder<SealedRefList, decode_sealed_ref_list>,
    try_decoder<EpochChange, decode_epoch_change>,
    try_decoder<TrustedState, decode_trusted_state>,
    try_decoder<RefReceipt, decode_ref_receipt>,
    try_decoder<RepositoryCheckpoint, decode_repository_checkpoint>,
    try_decoder<RefList, decode_ref_list>,
    try_decoder<SubscriberMessage, decode_subscriber_message>,
    try_decoder<News, decode_news>,
};

}  // namespace
}  // namespace ashlar::codec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const ashlar::ByteView input(data, size);
    ashlar::codec::kDecoders[input[0] % ashlar::codec::kDecoders.size()](input.subspan(1));
    return 0;
}
