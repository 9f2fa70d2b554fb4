// Typed reads of the final state. One reader sees one height: it is made over a snapshot.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "codec/record_state.h"
#include "consensus/certificate.h"
#include "ledger/block.h"

namespace ashlar::chain {

struct StoredBlock {
    ledger::Block block;
    ledger::BlockDigest digest;
    std::optional<consensus::Certificate> finalization;
};

// A pack of a repository, in its place in the list.
struct RepositoryPack {
    std::uint64_t sequence = 0;
    forge::PackReference pack;
};

// One page of a list: at most `count_max` entries that come after `after` (0: from the start).
struct Page {
    std::uint64_t after = 0;
    std::size_t count_max = 100;
};
inline constexpr std::size_t kPageCountMax = 1000;

class StateReader {
  public:
    // Owns the snapshot.
    explicit StateReader(std::shared_ptr<const KeyValueReader> snapshot);

    const KeyValueReader& rows() const { return *snapshot_; }
    const codec::RecordState& records() const { return records_; }

    Expected<ledger::BlockHeader> head() const;
    Expected<ledger::BlockDigest> head_digest() const;

    // `not_found` where it does not exist; access is the caller's to check.
    Expected<forge::Account> account(std::string_view login) const;
    Expected<forge::Account> account(forge::AccountId id) const;
    // A token that is not revoked and not expired at the head's time (`unauthenticated` else).
    Expected<forge::Token> token_by_secret(std::string_view secret) const;
    Expected<std::vector<forge::Token>> tokens_of(forge::AccountId account) const;
    // In the order of their ids.
    Expected<std::vector<forge::SshKey>> ssh_keys_of(forge::AccountId account) const;
    Expected<forge::SshKey> ssh_key(forge::SshKeyId id) const;
    Expected<forge::Repository> repository(std::string_view owner, std::string_view name) const;
    Expected<forge::Repository> repository(forge::RepositoryId id) const;

    // In the order of ids; `keep` decides which count (visibility).
    using Filter = std::function<bool(const forge::Repository&)>;
    Expected<std::vector<forge::Repository>> repositories(const Page& page,
                                                          const Filter& keep) const;
    // In the order of names; `after` counts entries.
    Expected<std::vector<forge::Repository>> repositories_of(forge::AccountId owner,
                                                             const Page& page,
                                                             const Filter& keep) const;
    Expected<std::vector<forge::Account>> accounts(const Page& page) const;

    // In the order in which they were attached; one that was pushed twice is listed once.
    Expected<std::vector<RepositoryPack>> packs(forge::RepositoryId repository) const;

    // Those that decide the next block, with names and addresses.
    Expected<forge::ValidatorSet> validators() const { return records_.validators(); }
    // Those of an epoch, the current one or one that is over; `not_found` where it did not begin.
    Expected<forge::ValidatorSet> validators_of(ledger::Epoch epoch) const;

    Expected<ledger::BlockHeader> header(ledger::Height height) const;
    Expected<StoredBlock> block(ledger::Height height) const;
    Expected<StoredBlock> block(const ledger::BlockDigest& digest) const;

  private:
    std::shared_ptr<const KeyValueReader> snapshot_;
    codec::RecordState records_;
};

// The refs of a repository at the reader's height; keeps the snapshot alive.
class StateRefSource final : public git::RefSource {
  public:
    StateRefSource(std::shared_ptr<const KeyValueReader> snapshot, forge::Repository repository);

    Expected<void> scan(std::string_view prefix, const Visitor& visit) const override;
    Expected<void> scan_after(std::string_view prefix, std::string_view after,
                              const Visitor& visit) const override;
    Expected<std::optional<git::Ref>> find(std::string_view name) const override;
    Expected<std::string> head_target() const override;

  private:
    std::shared_ptr<const KeyValueReader> snapshot_;
    forge::Repository repository_;
};

// Node-local: replaces the packs of a repository by others, as housekeeping merged them; each takes
// the place (sequence) of the newest of those that went into it. To be committed by whoever commits
// final blocks, and only while the repository still exists.
WriteBatch replace_packs(forge::RepositoryId repository, const std::vector<std::uint64_t>& remove,
                         const std::vector<RepositoryPack>& put);

}  // namespace ashlar::chain
