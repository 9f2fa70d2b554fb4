// How blocks are stored: which rows, and what stands in them. Private to chain.
#pragma once

#include "base/key_value.h"
#include "consensus/certificate.h"
#include "ledger/block.h"

namespace ashlar::chain {

inline constexpr std::string_view kHeadName = "head";
inline constexpr std::string_view kGenesisName = "genesis";

// Header, transactions, and the way from digest to height; the block becomes the head.
void put_block(WriteBatch& batch, const ledger::Block& block, const ledger::BlockDigest& digest);

// All fail with `not_found` where the store has no such row, with `corrupt` where it does not
// decode.
Expected<ledger::Height> read_head(const KeyValueReader& rows);
Expected<ledger::BlockHeader> read_header(const KeyValueReader& rows, ledger::Height height);
Expected<std::vector<Bytes>> read_transactions(const KeyValueReader& rows, ledger::Height height);
Expected<std::optional<consensus::Certificate>> read_finalization(const KeyValueReader& rows,
                                                                  ledger::Height height);
Expected<ledger::Height> read_height_of(const KeyValueReader& rows,
                                        const ledger::BlockDigest& digest);

}  // namespace ashlar::chain
