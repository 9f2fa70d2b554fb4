#include "chain/block_rows.h"

#include "codec/block.h"
#include "codec/certificate.h"
#include "codec/records.h"
#include "ledger/storage_keys.h"

namespace ashlar::chain {

namespace {

using ledger::storage_key;
namespace prefix = ledger::storage_prefix;

template <typename Value>
Expected<Value> from_store(Expected<Value> decoded, const std::string& where) {
    if (decoded) return decoded;
    return fail(ErrorCode::corrupt, where + ": " + decoded.error().detail);
}

Expected<Bytes> require_row(const KeyValueReader& rows, const Bytes& key,
                            const std::string& where) {
    ASHLAR_TRY(auto row, rows.get(key));
    if (!row) return fail(ErrorCode::not_found, where);
    return *std::move(row);
}

std::string named(std::string_view what, ledger::Height height) {
    return std::string(what) + " at height " + std::to_string(height.value);
}

}  // namespace

void put_block(WriteBatch& batch, const ledger::Block& block, const ledger::BlockDigest& digest) {
    const std::uint64_t height = block.header.height.value;
    batch.put(storage_key(prefix::kHeader, height), codec::encode(block.header));
    batch.put(storage_key(prefix::kBlock, height), codec::encode_transactions(block.transactions));
    batch.put(storage_key(prefix::kBlockDigest, as_text(digest.view())), codec::encode_id(height));
    batch.put(storage_key(prefix::kMeta, kHeadName), codec::encode_id(height));
}

Expected<ledger::Height> read_head(const KeyValueReader& rows) {
    ASHLAR_TRY(const Bytes row,
               require_row(rows, storage_key(prefix::kMeta, kHeadName), "the chain's head"));
    ASHLAR_TRY(const std::uint64_t height, from_store(codec::decode_id(row), "the chain's head"));
    return ledger::Height(height);
}

Expected<ledger::BlockHeader> read_header(const KeyValueReader& rows, ledger::Height height) {
    const std::string where = named("header", height);
    ASHLAR_TRY(const Bytes row,
               require_row(rows, storage_key(prefix::kHeader, height.value), where));
    return from_store(codec::decode_block_header(row), where);
}

Expected<std::vector<Bytes>> read_transactions(const KeyValueReader& rows, ledger::Height height) {
    const std::string where = named("transactions", height);
    ASHLAR_TRY(const Bytes row,
               require_row(rows, storage_key(prefix::kBlock, height.value), where));
    return from_store(codec::decode_transactions(row), where);
}

Expected<std::optional<consensus::Certificate>> read_finalization(const KeyValueReader& rows,
                                                                  ledger::Height height) {
    ASHLAR_TRY(const auto row, rows.get(storage_key(prefix::kCertificate, height.value)));
    if (!row) return std::nullopt;
    ASHLAR_TRY(auto certificate,
               from_store(codec::decode_certificate(*row), named("certificate", height)));
    return certificate;
}

Expected<ledger::Height> read_height_of(const KeyValueReader& rows,
                                        const ledger::BlockDigest& digest) {
    const std::string where = "block " + digest.hex();
    ASHLAR_TRY(const Bytes row,
               require_row(rows, storage_key(prefix::kBlockDigest, as_text(digest.view())), where));
    ASHLAR_TRY(const std::uint64_t height, from_store(codec::decode_id(row), where));
    return ledger::Height(height);
}

}  // namespace ashlar::chain
