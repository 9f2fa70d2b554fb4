// Where each record stands in the state: the paths whose hashes are the keys of the state tree, and
// under which its row is stored. Ids are 16 lower-case hexadecimal digits, so that bytewise order
// is numeric order; logins and names are folded (forge::fold_name).
//
//   account/<account id>                            forge::Account
//   login/<login>                                   account id
//   token/<token id>                                forge::Token
//   token-of/<account id>/<token id>                empty: the tokens of an account
//   secret/<hash of the secret>                     token id
//   ssh-key/<ssh key id>                            forge::SshKey
//   ssh-key-of/<account id>/<ssh key id>            ssh key id
//   ssh-public-key/<the key>                        ssh key id
//   repository/<repository id>                      forge::Repository
//   name/<owner's account id>/<name>                repository id
//   transaction/<expires ms>/<transaction id>       codec::TransactionRecord
//   validators                                      forge::ValidatorSet that decides the next block
//   next-validators                                 the same, while a block that changes it runs
//   epoch/<epoch>                                   forge::ClosedEpoch
//   settings                                        forge::Settings
//   counters                                        forge::Counters
#pragma once

#include <string>
#include <string_view>

#include "forge/records.h"

namespace ashlar::codec {

std::string account_path(forge::AccountId id);
std::string login_path(std::string_view login);
std::string token_path(forge::TokenId id);
std::string token_of_prefix(forge::AccountId account);
std::string token_of_path(forge::AccountId account, forge::TokenId token);
std::string secret_path(const crypto::Digest& secret_hash);
std::string ssh_key_path(forge::SshKeyId id);
std::string ssh_key_of_prefix(forge::AccountId account);
std::string ssh_key_of_path(forge::AccountId account, forge::SshKeyId id);
std::string ssh_public_key_path(const crypto::PublicKey& key);
std::string repository_path(forge::RepositoryId id);
std::string name_prefix(forge::AccountId owner);
std::string name_path(forge::AccountId owner, std::string_view name);
std::string transaction_path(std::uint64_t expires_ms, const ledger::TransactionId& id);
std::string epoch_path(ledger::Epoch epoch);
// Of the transactions that expire at that time.
std::string transaction_prefix(std::uint64_t expires_ms);
inline constexpr std::string_view kAccountPrefix = "account/";
inline constexpr std::string_view kRepositoryPrefix = "repository/";
inline constexpr std::string_view kTransactionPrefix = "transaction/";
inline constexpr std::string_view kValidatorsPath = "validators";
inline constexpr std::string_view kNextValidatorsPath = "next-validators";
inline constexpr std::string_view kSettingsPath = "settings";
inline constexpr std::string_view kCountersPath = "counters";

// The key of a ref in its repository's refs tree: the repository's id (8 bytes), then the name.
Bytes ref_tree_name(forge::RepositoryId repository, std::string_view name);

}  // namespace ashlar::codec
