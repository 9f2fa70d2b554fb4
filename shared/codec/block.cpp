#include "codec/block.h"

#include <schema/block.capnp.h>

#include "codec/canonical.h"

namespace ashlar::codec {

namespace {

// What the list and the header cost beside the transactions themselves.
constexpr std::size_t kBlockOverheadMax = std::size_t{1} << 20;
constexpr std::size_t kEncodedBlockMax = ledger::kBlockBytesMax + kBlockOverheadMax;

// Builder and Reader of one list; the list's own size is checked before anything is reserved.
Expected<std::vector<Bytes>> read_list(capnp::List<capnp::Data>::Reader list) {
    if (list.size() > ledger::kTransactionsPerBlockMax) {
        return fail(
            ErrorCode::invalid,
            "more than " + std::to_string(ledger::kTransactionsPerBlockMax) + " transactions");
    }
    std::vector<Bytes> transactions;
    transactions.reserve(list.size());
    for (const capnp::Data::Reader transaction : list) {
        transactions.push_back(to_bytes(view_of(transaction)));
    }
    return transactions;
}

void fill_list(capnp::List<capnp::Data>::Builder list, const std::vector<Bytes>& transactions) {
    for (std::size_t i = 0; i < transactions.size(); ++i) {
        list.set(static_cast<unsigned>(i), data_of(transactions[i]));
    }
}

Expected<ledger::BlockHeader> read_header(schema::BlockHeader::Reader reader) {
    ledger::BlockHeader header;
    header.format_version = reader.getFormatVersion();
    ASHLAR_TRY(header.chain.digest, fixed<crypto::Digest>(reader.getChain()));
    header.epoch = ledger::Epoch(reader.getEpoch());
    header.height = ledger::Height(reader.getHeight());
    ASHLAR_TRY(header.parent.digest, fixed<crypto::Digest>(reader.getParent()));
    header.time_ms = reader.getTimeMs();
    header.transaction_count = reader.getTransactionCount();
    ASHLAR_TRY(header.transactions_root, fixed<crypto::Digest>(reader.getTransactionsRoot()));
    ASHLAR_TRY(header.state_root, fixed<crypto::Digest>(reader.getStateRoot()));
    ASHLAR_TRY(header.next_validators, optional_fixed<crypto::Digest>(reader.getNextValidators()));
    return header;
}

// A vector of its own, so that decode_canonical() can encode it again.
struct TransactionList {
    std::vector<Bytes> transactions;
};
Bytes encode(const TransactionList& list) {
    return encode_transactions(list.transactions);
}

}  // namespace

Bytes encode(const ledger::BlockHeader& header) {
    return encode_canonical<schema::BlockHeader>([&](schema::BlockHeader::Builder& builder) {
        builder.setFormatVersion(header.format_version);
        builder.setChain(data_of(header.chain.digest.view()));
        builder.setEpoch(header.epoch.value);
        builder.setHeight(header.height.value);
        builder.setParent(data_of(header.parent.view()));
        builder.setTimeMs(header.time_ms);
        builder.setTransactionCount(header.transaction_count);
        builder.setTransactionsRoot(data_of(header.transactions_root.view()));
        builder.setStateRoot(data_of(header.state_root.view()));
        if (header.next_validators) {
            builder.setNextValidators(data_of(header.next_validators->view()));
        }
    });
}

Expected<ledger::BlockHeader> decode_block_header(ByteView bytes) {
    return decode_canonical<schema::BlockHeader, ledger::BlockHeader>(
        bytes, "block header", kRecordBytesMax, encode, read_header);
}

ledger::BlockDigest digest_of(const ledger::BlockHeader& header) {
    return {crypto::hash("ashlar block header", encode(header))};
}

Bytes encode(const ledger::Block& block) {
    return encode_canonical<schema::Block>([&](schema::Block::Builder& builder) {
        builder.setHeader(data_of(encode(block.header)));
        fill_list(builder.initTransactions(static_cast<unsigned>(block.transactions.size())),
                  block.transactions);
    });
}

Expected<ledger::Block> decode_block(ByteView bytes) {
    return decode_canonical<schema::Block, ledger::Block>(
        bytes, "block", kEncodedBlockMax, encode,
        [](schema::Block::Reader reader) -> Expected<ledger::Block> {
            ledger::Block block;
            ASHLAR_TRY(block.header, decode_block_header(view_of(reader.getHeader())));
            ASHLAR_TRY(block.transactions, read_list(reader.getTransactions()));
            return block;
        });
}

Bytes encode_transactions(const std::vector<Bytes>& transactions) {
    return encode_canonical<schema::Transactions>([&](schema::Transactions::Builder& builder) {
        fill_list(builder.initTransactions(static_cast<unsigned>(transactions.size())),
                  transactions);
    });
}

Expected<std::vector<Bytes>> decode_transactions(ByteView bytes) {
    ASHLAR_TRY(TransactionList list,
               (decode_canonical<schema::Transactions, TransactionList>(
                   bytes, "transactions", kEncodedBlockMax, encode,
                   [](schema::Transactions::Reader reader) -> Expected<TransactionList> {
                       ASHLAR_TRY(auto transactions, read_list(reader.getTransactions()));
                       return TransactionList{std::move(transactions)};
                   })));
    return std::move(list.transactions);
}

}  // namespace ashlar::codec
