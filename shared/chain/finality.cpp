#include "chain/finality.h"

#include "base/assert.h"
#include "chain/block_rows.h"
#include "codec/block.h"
#include "codec/certificate.h"
#include "ledger/storage_keys.h"

namespace ashlar::chain {

WriteBatch finalize_batch(const ExecutedBlock& executed,
                          const std::optional<consensus::Certificate>& finalization) {
    WriteBatch batch = executed.rows->write_batch();
    put_block(batch, executed.block, executed.digest);
    if (finalization) {
        ASHLAR_ASSERT(finalization->subject.proposal.block == executed.digest);
        batch.put(ledger::storage_key(ledger::storage_prefix::kCertificate,
                                      executed.block.header.height.value),
                  codec::encode(*finalization));
    }
    return batch;
}

Expected<ChainTip> load_tip(std::shared_ptr<const KeyValueReader> store) {
    ASHLAR_TRY(const ledger::Height height, read_head(*store));
    auto header = read_header(*store, height);
    if (!header) return fail(ErrorCode::corrupt, "the chain's head: " + header.error().detail);
    const ledger::BlockDigest digest = codec::digest_of(*header);
    return ChainTip{*header, digest, std::move(store)};
}

consensus::Certificate finalize_alone(const ledger::BlockHeader& header,
                                      const ledger::BlockDigest& digest, ledger::View view,
                                      const crypto::SigningKey& key) {
    ASHLAR_ASSERT(view.value > 0);
    const auto set = consensus::ValidatorSet::make({key.public_key()});
    ASHLAR_ASSERT(set.has_value());
    const consensus::Proposal proposal{ledger::Round{header.epoch, view},
                                       ledger::View(view.value - 1), digest};
    consensus::Vote vote;
    vote.subject = consensus::Subject::finalize(proposal);
    vote.signature = key.sign(consensus::signed_bytes(header.chain, vote.subject));
    const std::vector<consensus::Vote> votes{vote};
    return consensus::make_certificate(vote.subject, votes, *set);
}

}  // namespace ashlar::chain
