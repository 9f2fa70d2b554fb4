// A transaction: what one account wants to change.
//
// It is signed by the account's own key, or attested by the validator that authenticated the
// account (a git client with a token signs nothing); the ledger records which. What is signed binds
// the chain, the format and an expiry, so that it counts once, soon, and on one network only: its
// id is kept in the state until it has expired, and a second inclusion is refused.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "forge/records.h"

namespace ashlar::forge {

struct CreateAccount {  // by a site administrator
    std::string login;
    AccountKind kind = AccountKind::user;
    bool site_administrator = false;
    std::optional<crypto::PublicKey> key;
    friend bool operator==(const CreateAccount&, const CreateAccount&) = default;
};

struct CreateToken {  // for oneself, or for anybody by a site administrator
    AccountId account;
    std::string name;
    ScopeSet scopes;
    crypto::Digest secret_hash;
    std::optional<std::uint64_t> expires_ms;
    friend bool operator==(const CreateToken&, const CreateToken&) = default;
};

struct RevokeToken {
    TokenId token;
    friend bool operator==(const RevokeToken&, const RevokeToken&) = default;
};

struct CreateSshKey {  // for oneself, or for anybody by a site administrator
    AccountId account;
    std::string title;
    crypto::PublicKey key;
    friend bool operator==(const CreateSshKey&, const CreateSshKey&) = default;
};

struct DeleteSshKey {
    SshKeyId ssh_key;
    friend bool operator==(const DeleteSshKey&, const DeleteSshKey&) = default;
};

struct CreateRepository {
    AccountId owner;
    std::string name;
    Visibility visibility = Visibility::visible_to_all;
    std::string description;
    std::string default_branch = "main";
    friend bool operator==(const CreateRepository&, const CreateRepository&) = default;
};

// What is absent stays as it is.
struct UpdateRepository {
    RepositoryId repository;
    std::optional<Visibility> visibility;
    std::optional<std::string> description;
    std::optional<std::string> default_branch;
    friend bool operator==(const UpdateRepository&, const UpdateRepository&) = default;
};

struct DeleteRepository {
    RepositoryId repository;
    friend bool operator==(const DeleteRepository&, const DeleteRepository&) = default;
};

struct RefUpdate {
    std::string name;                     // full: "refs/heads/main"
    std::optional<git::ObjectId> old_id;  // what it must be now; absent: it must not exist
    std::optional<git::ObjectId> new_id;  // absent: delete it
    std::optional<git::ObjectId> peeled;  // of new_id, where that is an annotated tag
    friend bool operator==(const RefUpdate&, const RefUpdate&) = default;
};

enum class RefAtomicity : std::uint8_t {
    each_alone = 0,   // a stale ref is refused, the others are updated
    all_or_none = 1,  // git push --atomic
};

// A push. The validator that took it has checked its objects and their connectivity.
struct UpdateRefs {
    RepositoryId repository;
    std::vector<RefUpdate> updates;  // no name twice
    RefAtomicity atomicity = RefAtomicity::each_alone;
    std::optional<PackReference> pack;  // absent where everything was stored already
    std::vector<std::string> push_options;
    // An update was not a fast-forward, as the validator that took the push saw it. (That a ref is
    // deleted the rules see themselves.)
    bool rewinds = false;
    // As it came, text and signature (git/wire/push_certificate.h); empty where the push was not
    // signed. Its nonce was checked by the validator that gave it out; the rules check the rest.
    Bytes certificate;
    friend bool operator==(const UpdateRefs&, const UpdateRefs&) = default;
};

// By a site administrator: adds a validator, removes one, or replaces one by another (which may be
// itself, under another name or address). Where the keys change, the block is the last of its epoch
// and names the set that decides the next one. One block changes them once, so that each set is
// agreed on by a quorum of the one before.
struct ChangeValidators {
    std::optional<crypto::PublicKey> remove;
    std::optional<Validator> add;
    friend bool operator==(const ChangeValidators&, const ChangeValidators&) = default;
};

using Action =
    std::variant<CreateAccount, CreateToken, RevokeToken, CreateRepository, UpdateRepository,
                 DeleteRepository, UpdateRefs, ChangeValidators, CreateSshKey, DeleteSshKey>;

// "update_refs", for logs and metrics.
std::string_view name_of(const Action& action);

// By whose word the author is the author.
struct SignedByAccount {
    friend bool operator==(const SignedByAccount&, const SignedByAccount&) = default;
};
struct AttestedByValidator {
    crypto::PublicKey validator;
    TokenId token;  // with which the account authenticated itself there
    friend bool operator==(const AttestedByValidator&, const AttestedByValidator&) = default;
};
using Authorship = std::variant<SignedByAccount, AttestedByValidator>;

struct Transaction {
    ledger::ChainId chain;
    std::uint64_t expires_ms = 0;  // the first block time at which it no longer counts
    std::uint64_t nonce = 0;       // random, so that two equal wishes are two transactions
    AccountId author;
    Authorship authorship;
    Action action;
    friend bool operator==(const Transaction&, const Transaction&) = default;
};

struct SignedTransaction {
    Transaction transaction;
    // Of the account's or the validator's key, over codec::signing_bytes(transaction).
    crypto::Signature signature;
    friend bool operator==(const SignedTransaction&, const SignedTransaction&) = default;
};

// What came of a transaction. A refusal changes nothing; the transaction is spent all the same.
struct RefResult {
    std::string name;
    std::optional<Error> refusal;  // absent: updated. `conflict`: the ref is not what was expected
    friend bool operator==(const RefResult&, const RefResult&) = default;
};

struct TransactionResult {
    std::optional<Error> refusal;  // of the whole transaction
    std::vector<RefResult> refs;   // of UpdateRefs, in the order of its updates
    AccountId account;             // what was created; 0 where that was nothing of its kind
    TokenId token;
    RepositoryId repository;
    SshKeyId ssh_key;  // also of a signed push: the account's key that signed it

    bool applied() const { return !refusal.has_value(); }
    friend bool operator==(const TransactionResult&, const TransactionResult&) = default;
};

}  // namespace ashlar::forge
