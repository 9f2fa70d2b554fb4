#include "chain/block_format.h"

#include "codec/block.h"
#include "ledger/transaction_tree.h"

namespace ashlar::chain {

Expected<consensus::BlockSummary> BlockFormat::summarize(ByteView block) const {
    ASHLAR_TRY(const ledger::Block decoded, codec::decode_block(block));
    const ledger::BlockHeader& header = decoded.header;
    if (header.transaction_count != decoded.transactions.size() ||
        header.transactions_root != ledger::transactions_root(decoded.transactions)) {
        return fail(ErrorCode::invalid, "block: its transactions are not those of its header");
    }
    consensus::BlockSummary summary;
    summary.digest = codec::digest_of(header);
    summary.parent = header.parent;
    summary.epoch = header.epoch;
    summary.height = header.height;
    summary.next_validators = header.next_validators;
    return summary;
}

}  // namespace ashlar::chain
