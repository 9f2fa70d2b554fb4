#include "chain/block_format.h"

#include "codec/block.h"
#include "ledger/transaction_tree.h"

namespace ashlar::chain {

Expected<consensus::BlockSummary> LedgerBlockFormat::summarize(ByteView bytes) const {
    ASHLAR_TRY(const ledger::Block block, codec::decode_block(bytes));
    const ledger::BlockHeader& header = block.header;
    if (header.transaction_count != block.transactions.size() ||
        !(header.transactions_root == ledger::transactions_root(block.transactions))) {
        return fail(ErrorCode::invalid, "the block of height " +
                                            std::to_string(header.height.value) +
                                            " holds other transactions than its header names");
    }
    return consensus::BlockSummary{codec::digest_of(header), header.parent, header.epoch,
                                   header.height, header.next_validators};
}

}  // namespace ashlar::chain
