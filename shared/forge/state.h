// The state as the rules see it: typed records, whatever keeps them. Every read can fail with
// `corrupt`, `unavailable` or `needs_data`, which is never a refusal of a transaction.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "forge/records.h"

namespace ashlar::forge {

class State {
  public:
    virtual ~State() = default;

    virtual Expected<std::optional<Account>> account(AccountId id) const = 0;
    virtual Expected<std::optional<AccountId>> find_account(std::string_view login) const = 0;
    virtual Expected<std::optional<Token>> token(TokenId id) const = 0;
    virtual Expected<std::optional<TokenId>> find_token(
        const crypto::Digest& secret_hash) const = 0;
    virtual Expected<std::optional<SshKey>> ssh_key(SshKeyId id) const = 0;
    virtual Expected<std::optional<SshKeyId>> find_ssh_key(const crypto::PublicKey& key) const = 0;
    virtual Expected<std::size_t> count_ssh_keys(AccountId account) const = 0;
    virtual Expected<std::optional<Repository>> repository(RepositoryId id) const = 0;
    virtual Expected<std::optional<RepositoryId>> find_repository(AccountId owner,
                                                                  std::string_view name) const = 0;
    virtual Expected<Counters> counters() const = 0;
    virtual Expected<Settings> settings() const = 0;
    // Those that decide this block.
    virtual Expected<ValidatorSet> validators() const = 0;
    // Those that decide the next one, where a transaction of this block has changed them.
    virtual Expected<std::optional<ValidatorSet>> next_validators() const = 0;

    virtual Expected<std::optional<git::Ref>> ref(RepositoryId repository,
                                                  std::string_view name) const = 0;
    // Calls `visit` for each ref whose name begins with `prefix`, in bytewise order of names, until
    // it returns false.
    using RefVisitor = std::function<bool(const git::Ref&)>;
    virtual Expected<void> scan_refs(RepositoryId repository, std::string_view prefix,
                                     const RefVisitor& visit) const = 0;
};

// What a transaction that was not refused does to the state.
struct PutAccount {
    Account account;
};
struct PutToken {
    Token token;
};
struct PutSshKey {
    SshKey ssh_key;
};
struct RemoveSshKey {
    SshKey ssh_key;
};
// Also makes it known under its name.
struct PutRepository {
    Repository repository;  // its refs_root is kept up by whoever applies it
};
struct RemoveRepository {  // with its refs and its list of packs
    Repository repository;
};
struct PutRef {
    RepositoryId repository;
    git::Ref ref;
};
struct RemoveRef {
    RepositoryId repository;
    std::string name;
};
// `sequence` is the repository's new pack_sequence.
struct AttachPack {
    RepositoryId repository;
    std::uint64_t sequence = 0;
    PackReference pack;
};
struct PutCounters {
    Counters counters;
};
// They take office when the block ends. The epoch is the next one where the keys are others.
struct PutNextValidators {
    ValidatorSet validators;
};

using Change =
    std::variant<PutAccount, PutToken, PutRepository, RemoveRepository, PutRef, RemoveRef,
                 AttachPack, PutCounters, PutNextValidators, PutSshKey, RemoveSshKey>;

}  // namespace ashlar::forge
