// forge::State over stored rows: reads typed records, and writes the changes of a block with the
// trees that commit to them.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "codec/records.h"
#include "forge/state.h"
#include "ledger/overlay.h"
#include "ledger/state_tree.h"

namespace ashlar::codec {

class RecordState final : public forge::State {
  public:
    // The reader must outlive this.
    explicit RecordState(const KeyValueReader& rows) : rows_(rows) {}

    Expected<std::optional<forge::Account>> account(forge::AccountId id) const override;
    Expected<std::optional<forge::AccountId>> find_account(std::string_view login) const override;
    Expected<std::optional<forge::Token>> token(forge::TokenId id) const override;
    Expected<std::optional<forge::TokenId>> find_token(
        const crypto::Digest& secret_hash) const override;
    Expected<std::optional<forge::SshKey>> ssh_key(forge::SshKeyId id) const override;
    Expected<std::optional<forge::SshKeyId>> find_ssh_key(
        const crypto::PublicKey& key) const override;
    Expected<std::size_t> count_ssh_keys(forge::AccountId account) const override;
    Expected<std::optional<forge::Repository>> repository(forge::RepositoryId id) const override;
    Expected<std::optional<forge::RepositoryId>> find_repository(
        forge::AccountId owner, std::string_view name) const override;
    Expected<forge::Counters> counters() const override;
    Expected<forge::Settings> settings() const override;
    Expected<forge::ValidatorSet> validators() const override;
    Expected<std::optional<forge::ValidatorSet>> next_validators() const override;
    Expected<std::optional<git::Ref>> ref(forge::RepositoryId repository,
                                          std::string_view name) const override;
    Expected<void> scan_refs(forge::RepositoryId repository, std::string_view prefix,
                             const RefVisitor& visit) const override;
    // As scan_refs, from the first name above `after` on, without reading what comes before.
    Expected<void> scan_refs_after(forge::RepositoryId repository, std::string_view prefix,
                                   std::string_view after, const RefVisitor& visit) const;

    // Of an epoch that is over; nothing where it is not.
    Expected<std::optional<forge::ClosedEpoch>> closed_epoch(ledger::Epoch epoch) const;
    Expected<std::optional<TransactionRecord>> transaction(std::uint64_t expires_ms,
                                                           const ledger::TransactionId& id) const;

  private:
    const KeyValueReader& rows_;
};

// Writes state records, refs and packs into an overlay at once, and on finish() brings the trees
// and the repositories' refs roots up to date.
class RecordWriter {
  public:
    // The overlay must outlive this.
    explicit RecordWriter(ledger::Overlay& rows) : rows_(rows) {}

    // Fails only where the rows cannot be read.
    Expected<void> apply(const std::vector<forge::Change>& changes);
    void put_record(std::string_view path, ByteView record);
    void remove_record(std::string_view path);

    // The root of the state tree after everything that was written. Nothing is written after it.
    Expected<crypto::Digest> finish();

  private:
    Expected<void> apply(const forge::PutAccount& change);
    Expected<void> apply(const forge::PutToken& change);
    Expected<void> apply(const forge::PutRepository& change);
    Expected<void> apply(const forge::RemoveRepository& change);
    Expected<void> apply(const forge::PutRef& change);
    Expected<void> apply(const forge::RemoveRef& change);
    Expected<void> apply(const forge::AttachPack& change);
    Expected<void> apply(const forge::PutCounters& change);
    Expected<void> apply(const forge::PutNextValidators& change);
    Expected<void> apply(const forge::PutSshKey& change);
    Expected<void> apply(const forge::RemoveSshKey& change);
    Expected<void> finish_refs(forge::RepositoryId repository, const std::set<std::string>& names);

    ledger::Overlay& rows_;
    std::set<std::string> paths_;  // whose records changed
    std::map<forge::RepositoryId, std::set<std::string>> refs_;
};

}  // namespace ashlar::codec
