// The replica: opens repositories out of what it has checked, and names what it lacks.
//
//   open() fails with needs_data -> take_wanted() -> the host fetches -> take() -> open() again
//
// and so do reads of what was opened. No time, no waiting, no connection is in here; which server
// is asked, and which next when one lies, is the host's to decide.
//
// Rules:
// - Nothing counts that does not lead back to a certificate of the network's validators, or to a
//   digest that does. Whatever else arrives is refused with the link that is broken.
// - It never goes back: a checkpoint that is older than what had been seen when it was asked for is
//   a `conflict`, and so is one that is older than what is known of the repository.
// - What is told unasked (hear()) is checked as what was asked for. That something was not told is
//   no proof that it is as it was: how old the proof is, is said with every answer.
// - A repository that no server shows any more is one that became private, or is gone: it is not
//   served any longer. Where nobody answers at all, what was final last is.
// - Private repositories are not served here, whatever an upstream shows.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "chain/light_client.h"
#include "chain/repository_checkpoint.h"
#include "git/object/object_source.h"
#include "git/pack/pack_catalog.h"
#include "git/ref_source.h"
#include "replica/contents.h"
#include "replica/fetched_pack.h"

namespace ashlar::replica {

// A repository at one final state; stays as it is while somebody holds it.
struct OpenedRepository {
    std::string owner;  // as asked for
    forge::Repository record;
    ledger::Height height;
    std::uint64_t time_ms = 0;
    bool unconfirmed = false;  // the newest state was asked for, and nobody gave one
    std::shared_ptr<const git::RefSource> refs;
    // Their bodies give away only entries that were hashed and are what the indexes say; a read
    // fails with `invalid` where one is not.
    std::shared_ptr<const git::PackCatalog> packs;
    // The same, as fetched: for readers that hash each object themselves.
    std::shared_ptr<const git::PackCatalog> fetched_packs;

    // Each reader has its own.
    std::unique_ptr<git::ObjectSource> objects() const;
};

// What shows it to others: all refs of a record, and the record's checkpoint.
struct ProvenRepository {
    std::shared_ptr<const codec::RepositoryCheckpoint> checkpoint;  // without packs
    forge::Repository record;
    std::shared_ptr<const git::RefSource> refs;
};

inline constexpr std::size_t kRepositoriesMax = codec::kHeldRepositoriesMax;

// A repository that is held, and what is proven of it.
struct HeldRepository {
    codec::RepositoryName name;
    ledger::Height height;
    std::uint64_t time_ms = 0;
};

class Replica {
  public:
    // Store and verifier outlive this.
    Replica(chain::LightClient light, ContentStore& store, const consensus::Verifier& verifier,
            ContentsOptions options = {});

    // To be kept by the host, so that a restart begins here.
    const codec::TrustedState& trusted() const { return light_.state(); }

    // Fails with `not_found` where it is proven that there is none (or it is private), with
    // `needs_data`, with `unsupported` where its packs may hold what no ref reaches.
    Expected<OpenedRepository> open(std::string_view owner, std::string_view name);
    // The same, but for the packs. Fails as open() does.
    Expected<ProvenRepository> proven(std::string_view owner, std::string_view name);
    // The next open() asks for the newest state again; where nobody gives it, what is there counts.
    // Not so where changes are told unasked, and what is proven is from `older_than_ms` or later.
    void refresh(std::string_view owner, std::string_view name,
                 std::uint64_t older_than_ms = UINT64_MAX);

    // What was listed for the repository led to objects that are others than their ids say (a read
    // failed with `invalid`): the next open() begins again, best with another server.
    void forget(std::string_view owner, std::string_view name);

    std::vector<std::string> take_wanted() { return contents_->take_wanted(); }
    bool wants(const std::string& address) const {
        return contents_->find_wanted(address) != nullptr;
    }
    // How many bytes an answer may have; 0 where nobody wants it.
    std::uint64_t bytes_max(const std::string& address) const;
    // What an upstream gave for an address. Fails with `invalid` or `conflict`, naming the broken
    // link, and with `needs_data` where something else is needed before this can be checked;
    // in each case it is still wanted.
    Expected<void> take(const std::string& address, Bytes answer);
    // No upstream gives it (`not_found`: all say that there is no such thing). Whoever wanted it is
    // told.
    void refuse(const std::string& address, Error error);

    // What to subscribe to: all that is held, or what is new (and what is given up) since the last
    // call.
    codec::SubscriberMessage subscription(bool all);
    // What an upstream told unasked. Gives the repositories that it changed. Fails as take() does.
    Expected<std::vector<codec::RepositoryName>> hear(ByteView message);
    // Nobody tells unasked any more.
    void unsubscribed();

    std::vector<HeldRepository> held() const;

    // What was found out since the last call and is worth keeping, until it is given again:
    // whoever keeps it gives it back where it is asked for by its address (kOwnPrefix). Nothing
    // where there is nothing new.
    struct Findings {
        std::string address;
        Bytes content;
    };
    std::optional<Findings> take_findings();

  private:
    using PackParts = std::pair<git::PackDigest, crypto::Digest>;  // a pack, and one index of it
    struct Known {
        std::optional<forge::Repository> record;  // absent: there is none
        std::vector<forge::PackReference> packs;
        std::shared_ptr<const codec::RepositoryCheckpoint> checkpoint;  // without them
        ledger::Height height;
        std::uint64_t time_ms = 0;
        std::string owner;  // as asked for
        std::string name;
        bool stale = false;        // the newest state is to be asked for
        bool unconfirmed = false;  // it was, and nobody gave it
        bool announced = false;    // to whoever tells of changes
        bool told = false;         // of changes, since then
        // Made as they are asked for.
        std::shared_ptr<const git::RefSource> refs;
        std::map<PackParts, FetchedPack> opened;
        std::shared_ptr<const git::PackCatalog> catalog;
        std::shared_ptr<const git::PackCatalog> fetched_catalog;
    };
    using Name = std::pair<std::string, std::string>;  // folded

    // Only where it is there, and public.
    Expected<Known*> know_public(const std::string& owner, const std::string& name);
    Expected<Known*> know(const std::string& owner, const std::string& name);
    Expected<void> take_epoch(const std::string& address, ByteView answer);
    Expected<void> take_checkpoint(const std::string& address, const Wanted& wanted,
                                   ByteView answer);
    Expected<std::vector<codec::RepositoryName>> hear_of(const codec::RepositoryNews& news);
    // Checks that the header is final, and of the epoch that is trusted; makes it the newest where
    // it is.
    Expected<void> prove_header(const codec::FinalizedHeader& finalized);
    // Checks all of it.
    Expected<Known> prove(codec::RepositoryCheckpoint checkpoint, ledger::Height height_min);
    // In the place of what was known before.
    Known& remember(Known known);
    Known* find(std::string_view owner, std::string_view name);
    Expected<void> open_refs(const std::string& owner, const std::string& name, Known& known);
    Expected<void> open_packs(const std::string& owner, const std::string& name, Known& known);

    chain::LightClient light_;
    const consensus::Verifier& verifier_;
    std::shared_ptr<Contents> contents_;
    std::map<Name, Known> known_;
    std::shared_ptr<SharedChecks> checks_ = std::make_shared<SharedChecks>();
    std::vector<codec::RepositoryName> released_;  // announced once, and given up since
};

}  // namespace ashlar::replica
