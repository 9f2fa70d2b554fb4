// A forge with an administrator (account 1), a user (alice, 2) and another (bob, 3), each with a
// key; runs one action after another.
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "codec/record_paths.h"
#include "codec/record_state.h"
#include "forge/rules.h"
#include "ledger/empty_rows.h"

namespace ashlar::forge {

inline constexpr AccountId kAdministrator{1};
inline constexpr AccountId kAlice{2};
inline constexpr AccountId kBob{3};

inline git::ObjectId object(Byte number) {
    git::ObjectId id;
    id.bytes.fill(number);
    return id;
}

inline crypto::PublicKey validator_key(Byte number) {
    crypto::PublicKey key;
    key.bytes.fill(number);
    return key;
}

// Of epoch 7, with the keys 10, 20, 30 and 40.
inline ValidatorSet four_validators() {
    ValidatorSet set;
    set.epoch = ledger::Epoch(7);
    for (const Byte number : {Byte{10}, Byte{20}, Byte{30}, Byte{40}}) {
        set.validators.push_back({validator_key(number), "v" + std::to_string(number)});
    }
    return set;
}

class ForgeHarness {
  public:
    explicit ForgeHarness(Settings settings = {}) {
        codec::RecordWriter writer(rows_);
        writer.put_record(codec::kSettingsPath, codec::encode(settings));
        writer.put_record(codec::kValidatorsPath, codec::encode(four_validators()));
        const Counters counters{AccountId(3), TokenId(0), RepositoryId(0)};
        EXPECT_TRUE(writer.apply(
            {PutCounters{counters}, PutAccount{user(kAdministrator, "root-user", true)},
             PutAccount{user(kAlice, "alice", false)}, PutAccount{user(kBob, "Bob", false)}}));
    }

    // As the account, signed with its own key.
    TransactionResult run(AccountId author, Action action) {
        return run_as(author, SignedByAccount{}, std::move(action));
    }
    // As the account, by one of its tokens.
    TransactionResult run(AccountId author, TokenId token, Action action) {
        return run_as(author, AttestedByValidator{{}, token}, std::move(action));
    }

    TokenId token(AccountId account, ScopeSet scopes,
                  std::optional<std::uint64_t> expires_ms = std::nullopt) {
        CreateToken action{account, "test", scopes, token_secret_hash(std::to_string(++secrets_)),
                           expires_ms};
        const TransactionResult result = run(kAdministrator, action);
        EXPECT_TRUE(result.applied());
        return result.token;
    }

    RepositoryId repository(AccountId owner, std::string name,
                            Visibility visibility = Visibility::visible_to_all) {
        CreateRepository action;
        action.owner = owner;
        action.name = std::move(name);
        action.visibility = visibility;
        const TransactionResult result = run(owner, action);
        EXPECT_TRUE(result.applied()) << result.refusal->message();
        return result.repository;
    }

    TransactionResult push(AccountId author, RepositoryId repository,
                           std::vector<RefUpdate> updates,
                           RefAtomicity atomicity = RefAtomicity::each_alone) {
        UpdateRefs action;
        action.repository = repository;
        action.updates = std::move(updates);
        action.atomicity = atomicity;
        return run(author, action);
    }

    void set_validators(const ValidatorSet& validators) {
        codec::RecordWriter writer(rows_);
        writer.put_record(codec::kValidatorsPath, codec::encode(validators));
        EXPECT_TRUE(writer.finish());
    }

    codec::RecordState state() const { return codec::RecordState(rows_); }
    Repository stored(RepositoryId id) const { return **state().repository(id); }
    std::optional<git::ObjectId> ref(RepositoryId repository, std::string_view name) const {
        const auto found = *state().ref(repository, name);
        return found ? std::optional(found->id) : std::nullopt;
    }
    std::size_t change_count() const { return last_change_count_; }

    std::uint64_t time_ms = 1000;

  private:
    static Account user(AccountId id, std::string login, bool site_administrator) {
        Account account;
        account.id = id;
        account.login = std::move(login);
        account.site_administrator = site_administrator;
        account.key = crypto::PublicKey{};
        return account;
    }

    TransactionResult run_as(AccountId author, Authorship authorship, Action action) {
        Transaction transaction;
        transaction.author = author;
        transaction.authorship = authorship;
        transaction.action = std::move(action);
        const auto outcome = apply(state(), time_ms, transaction);
        EXPECT_TRUE(outcome);
        last_change_count_ = outcome->changes.size();
        EXPECT_TRUE(outcome->result.applied() || outcome->changes.empty());
        codec::RecordWriter writer(rows_);
        EXPECT_TRUE(writer.apply(outcome->changes));
        EXPECT_TRUE(writer.finish());
        return outcome->result;
    }

    ledger::Overlay rows_{std::make_shared<ledger::EmptyRows>()};
    std::uint64_t secrets_ = 0;
    std::size_t last_change_count_ = 0;
};

// The code of a refusal, or nothing.
inline std::optional<ErrorCode> code_of(const TransactionResult& result) {
    return result.refusal ? std::optional(result.refusal->code) : std::nullopt;
}
inline std::optional<ErrorCode> code_of(const RefResult& result) {
    return result.refusal ? std::optional(result.refusal->code) : std::nullopt;
}

}  // namespace ashlar::forge
