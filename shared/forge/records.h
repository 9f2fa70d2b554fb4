// What the ledger's state holds, as plain values. Each record names what it is of, so that its
// proof serves for nothing else. How they are encoded is codec's, where they are kept ledger's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crypto/digest.h"
#include "crypto/ed25519.h"
#include "forge/ids.h"
#include "forge/scopes.h"
#include "git/object/object_id.h"
#include "git/pack/pack_store.h"
#include "git/ref_source.h"
#include "ledger/ids.h"

namespace ashlar::forge {

// All times are milliseconds since 1970, UTC, and those of the block that made the change.

enum class AccountKind : std::uint8_t { user = 0, organization = 1 };

struct Account {
    AccountId id;
    std::string login;  // as given; unique without regard to case
    AccountKind kind = AccountKind::user;
    bool site_administrator = false;
    std::uint64_t created_ms = 0;
    std::optional<crypto::PublicKey> key;  // with which the person signs transactions

    friend bool operator==(const Account&, const Account&) = default;
};

struct Token {
    TokenId id;
    AccountId account;
    std::string name;  // what it is for, in the person's words
    ScopeSet scopes;
    crypto::Digest secret_hash;  // token_secret_hash() of the secret
    std::uint64_t created_ms = 0;
    std::optional<std::uint64_t> expires_ms;  // absent: never
    bool revoked = false;

    friend bool operator==(const Token&, const Token&) = default;
};

// How a token's secret is hashed; the secret itself never reaches the ledger. Secrets are random
// (at least 160 bits), so a plain hash does.
crypto::Digest token_secret_hash(std::string_view secret);

// Whether the token still speaks for its account at that time.
bool is_valid_at(const Token& token, std::uint64_t time_ms);

// A key that a person keeps elsewhere, and signs pushes with (git push --signed). One key belongs
// to one account.
struct SshKey {
    SshKeyId id;
    AccountId account;
    std::string title;  // in the person's words
    crypto::PublicKey key;
    std::uint64_t created_ms = 0;

    friend bool operator==(const SshKey&, const SshKey&) = default;
};

enum class Visibility : std::uint8_t { visible_to_all = 0, visible_to_members = 1 };

// "public" or "private".
std::string_view to_string(Visibility visibility);

struct Repository {
    RepositoryId id;
    AccountId owner;
    std::string name;  // as given; unique within the owner without regard to case
    Visibility visibility = Visibility::visible_to_all;
    std::string default_branch;  // short: "main"; it may be unborn
    std::string description;
    std::uint64_t created_ms = 0;
    std::uint64_t updated_ms = 0;
    std::optional<std::uint64_t> pushed_ms;
    crypto::Digest refs_root;  // of the tree of this repository's refs
    std::uint64_t ref_count = 0;
    std::uint64_t pack_sequence = 0;  // of the newest pack that was attached; 0 before the first
    std::uint64_t pack_bytes = 0;     // sum of the sizes of all packs ever attached
    // A push rewound or deleted a ref: packs may hold objects that no ref reaches, and which must
    // not be sent. Until housekeeping shows otherwise, packs are not copied whole.
    bool may_hold_unreachable = false;

    friend bool operator==(const Repository&, const Repository&) = default;
};

// A pack as a transaction names it, and as it stands in a repository's ordered list.
struct PackReference {
    git::PackDigest digest;
    std::uint64_t size = 0;  // bytes
    std::uint64_t object_count = 0;
    crypto::Digest index_digest;

    friend bool operator==(const PackReference&, const PackReference&) = default;
};

// The ids given out last, and how much there is.
struct Counters {
    AccountId last_account;
    TokenId last_token;
    RepositoryId last_repository;
    SshKeyId last_ssh_key = SshKeyId(0);

    friend bool operator==(const Counters&, const Counters&) = default;
};

// What the network's genesis decided, and governance may change.
struct Settings {
    std::uint32_t refs_per_push_max = 131072;
    std::uint32_t refs_per_repository_max = 1000000;
    std::uint32_t push_options_max = 64;
    std::uint64_t pack_bytes_max = std::uint64_t{64} << 30;
    std::uint64_t transaction_lifetime_max_ms = 600000;

    friend bool operator==(const Settings&, const Settings&) = default;
};

// One validator, as the set of its epoch names it.
struct Validator {
    crypto::PublicKey key;
    std::string name;
    std::string address{};  // "host:port", where it waits for the others; empty: not known

    friend bool operator==(const Validator&, const Validator&) = default;
};

// Sorted by key, without duplicates.
struct ValidatorSet {
    ledger::Epoch epoch;
    std::vector<Validator> validators;

    friend bool operator==(const ValidatorSet&, const ValidatorSet&) = default;
};

// An epoch that is over: who decided it, and the height of its last block.
struct ClosedEpoch {
    ValidatorSet validators;
    ledger::Height last_height;

    friend bool operator==(const ClosedEpoch&, const ClosedEpoch&) = default;
};

}  // namespace ashlar::forge
