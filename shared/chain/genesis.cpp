#include "chain/genesis.h"

#include "chain/block_rows.h"
#include "codec/block.h"
#include "codec/record_paths.h"
#include "codec/record_state.h"
#include "ledger/empty_rows.h"
#include "ledger/storage_keys.h"
#include "ledger/transaction_tree.h"

namespace ashlar::chain {

namespace {

forge::Account administrator_of(const Genesis& genesis) {
    forge::Account account;
    account.id = forge::AccountId(1);
    account.login = genesis.administrator.login;
    account.site_administrator = true;
    account.created_ms = genesis.time_ms;
    return account;
}

forge::Token token_of(const Genesis& genesis) {
    forge::Token token;
    token.id = forge::TokenId(1);
    token.account = forge::AccountId(1);
    token.name = "genesis";
    token.scopes = forge::ScopeSet::all();
    token.secret_hash = genesis.administrator.token_secret_hash;
    token.created_ms = genesis.time_ms;
    return token;
}

}  // namespace

Expected<GenesisState> make_genesis_state(const Genesis& genesis) {
    ASHLAR_CHECK(forge::check(genesis));
    ledger::Overlay rows(std::make_shared<ledger::EmptyRows>());
    codec::RecordWriter writer(rows);
    writer.put_record(codec::kSettingsPath, codec::encode(genesis.settings));
    writer.put_record(codec::kValidatorsPath,
                      codec::encode(forge::ValidatorSet{ledger::Epoch(0), genesis.validators}));
    const forge::Counters counters{forge::AccountId(1), forge::TokenId(1), forge::RepositoryId(0)};
    ASHLAR_CHECK(
        writer.apply({forge::PutCounters{counters}, forge::PutAccount{administrator_of(genesis)},
                      forge::PutToken{token_of(genesis)}}));
    ledger::Block block;
    block.header.chain = chain_id_of(genesis);
    block.header.time_ms = genesis.time_ms;
    block.header.transactions_root = ledger::transactions_root({});
    ASHLAR_TRY(block.header.state_root, writer.finish());

    GenesisState state;
    state.header = block.header;
    state.digest = codec::digest_of(block.header);
    state.rows = rows.write_batch();
    state.rows.put(ledger::storage_key(ledger::storage_prefix::kMeta, kGenesisName),
                   codec::encode(genesis));
    put_block(state.rows, block, state.digest);
    return state;
}

}  // namespace ashlar::chain
