#include "codec/record_paths.h"

#include "forge/names.h"

namespace ashlar::codec {

namespace {

std::string number(std::uint64_t value) {
    Bytes bytes;
    append_big_endian_64(bytes, value);
    return to_hex(bytes);
}

}  // namespace

std::string account_path(forge::AccountId id) {
    return std::string(kAccountPrefix) + number(id.value);
}

std::string login_path(std::string_view login) {
    return "login/" + forge::fold_name(login);
}

std::string token_path(forge::TokenId id) {
    return "token/" + number(id.value);
}

std::string token_of_prefix(forge::AccountId account) {
    return "token-of/" + number(account.value) + "/";
}

std::string token_of_path(forge::AccountId account, forge::TokenId token) {
    return token_of_prefix(account) + number(token.value);
}

std::string secret_path(const crypto::Digest& secret_hash) {
    return "secret/" + secret_hash.hex();
}

std::string ssh_key_path(forge::SshKeyId id) {
    return "ssh-key/" + number(id.value);
}

std::string ssh_key_of_prefix(forge::AccountId account) {
    return "ssh-key-of/" + number(account.value) + "/";
}

std::string ssh_key_of_path(forge::AccountId account, forge::SshKeyId id) {
    return ssh_key_of_prefix(account) + number(id.value);
}

std::string ssh_public_key_path(const crypto::PublicKey& key) {
    return "ssh-public-key/" + key.hex();
}

std::string repository_path(forge::RepositoryId id) {
    return std::string(kRepositoryPrefix) + number(id.value);
}

std::string name_prefix(forge::AccountId owner) {
    return "name/" + number(owner.value) + "/";
}

std::string name_path(forge::AccountId owner, std::string_view name) {
    return name_prefix(owner) + forge::fold_name(name);
}

std::string transaction_path(std::uint64_t expires_ms, const ledger::TransactionId& id) {
    return transaction_prefix(expires_ms) + id.hex();
}

std::string transaction_prefix(std::uint64_t expires_ms) {
    return std::string(kTransactionPrefix) + number(expires_ms) + "/";
}

std::string epoch_path(ledger::Epoch epoch) {
    return "epoch/" + number(epoch.value);
}

Bytes ref_tree_name(forge::RepositoryId repository, std::string_view name) {
    Bytes bytes;
    append_big_endian_64(bytes, repository.value);
    append(bytes, name);
    return bytes;
}

}  // namespace ashlar::codec
