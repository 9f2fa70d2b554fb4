// A network of one validator over a store in memory, with its administrator (account 1).
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "chain/finality.h"
#include "chain/genesis.h"
#include "chain/state_reader.h"
#include "codec/transaction.h"
#include "support/memory_key_value.h"

namespace ashlar::chain {

inline constexpr std::uint64_t kStartMs = 1700000000000;
inline constexpr forge::AccountId kAdministrator{1};
inline constexpr forge::TokenId kAdministratorToken{1};

inline crypto::SigningKey key_of(Byte seed) {
    return *crypto::SigningKey::from_seed(Bytes(crypto::SigningKey::kSeedSize, seed));
}

inline Genesis test_genesis(Byte validator_seed = 1) {
    Genesis genesis;
    genesis.network_name = "test";
    genesis.time_ms = kStartMs;
    genesis.validators = {{key_of(validator_seed).public_key(), "v1"}};
    genesis.administrator = {"operator", forge::token_secret_hash("operator secret")};
    return genesis;
}

inline git::ObjectId object(Byte number) {
    git::ObjectId id;
    id.bytes.fill(number);
    return id;
}

class ChainHarness {
  public:
    explicit ChainHarness(const Genesis& genesis = test_genesis())
        : chain_id(chain_id_of(genesis)), executor(chain_id) {
        const auto state = make_genesis_state(genesis);
        EXPECT_TRUE(store->commit(state->rows, Durability::synced));
    }

    ChainTip tip() const { return *load_tip(store); }

    // Attested by the validator for the administrator's token, unless others are given.
    forge::SignedTransaction attested(forge::Action action,
                                      forge::AccountId author = kAdministrator,
                                      forge::TokenId token = kAdministratorToken) {
        return codec::sign(
            transaction_of(std::move(action), author,
                           forge::AttestedByValidator{validator.public_key(), token}),
            validator);
    }
    forge::Transaction transaction_of(forge::Action action, forge::AccountId author,
                                      forge::Authorship authorship) {
        forge::Transaction transaction;
        transaction.chain = chain_id;
        transaction.expires_ms = now_ms + 60000;
        transaction.nonce = ++nonce_;
        transaction.author = author;
        transaction.authorship = authorship;
        transaction.action = std::move(action);
        return transaction;
    }
    static PendingTransaction pending(const forge::SignedTransaction& transaction) {
        return {codec::id_of(transaction.transaction), codec::encode(transaction), std::nullopt};
    }

    BuiltBlock build(const ChainTip& parent, const std::vector<forge::SignedTransaction>& wishes) {
        std::vector<PendingTransaction> waiting;
        for (const auto& wish : wishes) waiting.push_back(pending(wish));
        auto built = executor.build(parent, waiting, ++now_ms);
        EXPECT_TRUE(built) << built.error().message();
        return *std::move(built);
    }

    // Builds a block on the stored tip, finalizes and stores it.
    ExecutedBlock run(const std::vector<forge::SignedTransaction>& wishes) {
        BuiltBlock built = build(tip(), wishes);
        EXPECT_TRUE(built.dropped.empty());
        commit(built.executed);
        return std::move(built.executed);
    }
    forge::TransactionResult run_one(forge::Action action) {
        return run({attested(std::move(action))}).results.at(0);
    }
    void commit(const ExecutedBlock& executed) {
        const ledger::View view(executed.block.header.height.value);
        const auto certificate =
            finalize_alone(executed.block.header, executed.digest, view, validator);
        EXPECT_TRUE(store->commit(finalize_batch(executed, certificate), Durability::synced));
    }

    forge::AccountId account(std::string login) {
        forge::CreateAccount action;
        action.login = std::move(login);
        return run_one(action).account;
    }
    forge::RepositoryId repository(std::string name) {
        forge::CreateRepository action;
        action.owner = kAdministrator;
        action.name = std::move(name);
        return run_one(action).repository;
    }
    forge::UpdateRefs push(forge::RepositoryId repository, std::string name,
                           std::optional<git::ObjectId> old_id,
                           std::optional<git::ObjectId> new_id) {
        forge::UpdateRefs action;
        action.repository = repository;
        action.updates = {{std::move(name), old_id, new_id, std::nullopt}};
        return action;
    }

    StateReader reader() const { return StateReader(store->snapshot()); }

    crypto::SigningKey validator = key_of(1);
    std::shared_ptr<support::MemoryKeyValue> store = std::make_shared<support::MemoryKeyValue>();
    ledger::ChainId chain_id;
    BlockExecutor executor;
    std::uint64_t now_ms = kStartMs;

  private:
    std::uint64_t nonce_ = 0;
};

}  // namespace ashlar::chain
