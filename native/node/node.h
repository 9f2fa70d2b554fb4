// A validator's heart: the data folder, the ledger's state and the packs, and the orderer that
// changes them. Whatever serves people (HTTP, a command) calls this, from any thread; the calls
// that wait (submit_and_wait, Push::finish) belong on a worker.
//
// Nothing leaves before it is durable: a Receipt and a PushResult say `done` only of what is final
// and synced. A store that fails to write ends the process (on_failure); a restart recovers
// everything that was acknowledged.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "chain/genesis.h"
#include "chain/orderer.h"
#include "native/node/bundles.h"
#include "native/node/catalog_cache.h"
#include "native/node/clock.h"
#include "native/node/consensus_status.h"
#include "native/node/data_folder.h"
#include "native/node/evidence_rows.h"
#include "native/node/guarded_rows.h"
#include "native/node/housekeeper.h"
#include "native/node/pack_pins.h"
#include "native/node/push.h"
#include "native/node/push_nonce.h"
#include "native/node/repository_view.h"
#include "native/node/shared_memory_budget.h"
#include "native/node/sole_orderer.h"
#include "native/node/view_cache.h"

namespace ashlar::node {

class Node;

// What an orderer is made of.
using OrdererParts = SoleOrderer::Parts;
// Makes the orderer of a network of many. The node is whole but for it: its state and packs may be
// read, and it outlives the orderer.
using OrdererFactory =
    std::function<Expected<std::unique_ptr<WatchedOrderer>>(Node& node, OrdererParts parts)>;

// What is to be done with an opened store before a node starts over it.
using PrepareStore = std::function<Expected<void>(KeyValue& rows, git::PackStore& packs)>;

struct NodeOptions {
    OrdererOptions orderer;
    // After this no block takes a transaction of this node's.
    std::uint64_t transaction_lifetime_ms = 120'000;
    git::PackLimits pack_limits;
    // Catalogs of repositories that are kept open.
    std::size_t catalog_count_max = 256;
    std::uint64_t catalog_index_bytes_max = std::uint64_t{64} << 20;
    HousekeepingOptions housekeeping;
    // How long a pack stays that belongs to no repository, since it was stored or asked for or
    // taken out of one. Among several validators it is what a transaction under way names, or what
    // one that is a little behind asks for; so it is longer than any transaction lives.
    std::uint64_t unattached_ms = 0;
    BundleOptions bundles;
};

// What a node stands on. A test gives peers that fail.
struct NodeParts {
    std::unique_ptr<KeyValue> rows;
    std::unique_ptr<git::PackStore> packs;
    std::shared_ptr<const Clock> clock;
    std::shared_ptr<RandomSource> random;
    chain::Genesis genesis;
    crypto::SigningKey key;  // the validator's
    SoleOrderer::OnFailure on_failure;
    OrdererFactory make_orderer = nullptr;  // null: this validator is the only one
};

struct NewToken {
    forge::TokenId id;
    std::string secret;  // shown once; the ledger knows its hash only
};

class Node {
  public:
    // Opens the data folder (native/node/data_folder.h), or makes one with keys, genesis and the
    // operator's token where there is none.
    static Expected<std::unique_ptr<Node>> open(const std::filesystem::path& folder,
                                                const NodeOptions& options = {});
    // Opens the store of a data folder that was opened.
    static Expected<std::unique_ptr<Node>> open(DataFolder data,
                                                std::shared_ptr<RandomSource> random,
                                                const NodeOptions& options,
                                                OrdererFactory make_orderer,
                                                const PrepareStore& prepare = nullptr);
    // Starts over the given parts; an empty store gets the genesis' state. Fails with `conflict`
    // where the store belongs to another network, `corrupt` where its head does not fit its state
    // or certificate, `unsupported` where the network has several validators and nothing makes
    // their orderer.
    static Expected<std::unique_ptr<Node>> start(NodeParts parts, const NodeOptions& options = {});
    // Every view and push is gone before.
    ~Node();
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    const chain::Genesis& genesis() const { return parts_.genesis; }
    ledger::ChainId chain_id() const { return chain_id_; }
    const Clock& clock() const { return *parts_.clock; }

    // The newest final state.
    std::shared_ptr<const chain::StateReader> state() const;

    // Who a token speaks for, now. Fails with `unauthenticated`.
    Expected<Author> authenticate(std::string_view token_secret) const;

    // A repository for whoever may do `action` with it. Fails with `not_found`, `unauthenticated`
    // or `forbidden`, as forge::require says.
    Expected<RepositoryView> open_repository(const forge::Viewer& viewer, std::string_view owner,
                                             std::string_view name,
                                             forge::RepositoryAction action) const;

    // Signs an action as this validator's word for its author, and orders it.
    void submit(const Author& author, forge::Action action, chain::Orderer::Completion completion);
    // The same, and waits. A refusal by the rules is an error here.
    Expected<chain::Receipt> submit_and_wait(const Author& author, forge::Action action);
    // Makes a secret, and waits until its token is final.
    Expected<NewToken> create_token(const Author& author, forge::CreateToken token);

    // The view is one that open_repository() gave for RepositoryAction::write.
    std::unique_ptr<Push> begin_push(Author author, RepositoryView view, git::PushRequest request,
                                     PushOptions options);

    // For whoever signs a push to the repository.
    std::string push_nonce(forge::RepositoryId repository) const {
        return nonces_.make(repository, parts_.clock->now_ms());
    }
    // Fails with `invalid` where the nonce is no such, or too old.
    Expected<void> check_push_nonce(forge::RepositoryId repository, std::string_view nonce) const {
        return nonces_.check(repository, nonce, parts_.clock->now_ms());
    }

    WatchedOrderer& orderer() { return *orderer_; }
    // How the agreement that it takes part in stands.
    ConsensusStatus consensus_status() const { return orderer_->status(); }
    // What was ever seen here of validators that broke the rules, the newest first.
    Expected<std::vector<codec::EvidenceRecord>> evidence(std::size_t count_max) const {
        return kept_evidence(*parts_.rows, count_max);
    }
    Bundles& bundles() { return *bundles_; }
    // What all who receive packs share.
    MemoryBudget& receive_memory() { return receive_memory_; }
    Housekeeper& housekeeper() { return *housekeeper_; }
    git::PackStore& packs() { return *parts_.packs; }
    // The packs of a repository, open. Fails with `corrupt` where one is not stored.
    Expected<std::shared_ptr<const git::PackCatalog>> open_packs(
        const std::vector<chain::RepositoryPack>& packs) const {
        return catalogs_.open(packs);
    }
    // Null where the pack is not stored. Otherwise it stays for as long as what is given lives, and
    // for about options().unattached_ms after that, whatever it belongs to. The node outlives it.
    Expected<std::shared_ptr<const void>> hold_pack(const git::PackDigest& digest);
    // From the next start on the state is another one, fetched from other validators; the process
    // has to end.
    Expected<void> give_up_state();

    // Where packs that are pushed are spread to other validators; not owned, and null for none. It
    // is set before the first push, and goes when there are no more.
    void set_pack_spreader(PackSpreader* spreader) { spreader_ = spreader; }
    PackSpreader* pack_spreader() const { return spreader_; }
    const NodeOptions& options() const { return options_; }

  private:
    friend class Housekeeper;
    friend class Push;
    Node(NodeParts parts, const NodeOptions& options);
    Expected<void> begin_chain();
    Expected<void> check_head() const;
    // Packs that belong to no repository, left by a push or by housekeeping that was cut short.
    Expected<void> remove_unattached_packs();
    Expected<void> remove_unattached_among(const std::vector<git::PackDigest>& digests);
    Expected<std::set<git::PackDigest>> attached_packs() const;
    void refresh_state();
    Expected<chain::Receipt> order(const Author& author, forge::Action action);
    Expected<forge::PackReference> publish(git::PackStaging& staging,
                                           const git::ReceivedPack& received, PackPin& pin);
    Expected<RepositoryView> view_of(const forge::Viewer& viewer, std::string_view owner,
                                     std::string_view name, forge::RepositoryAction action) const;
    // Everything of the view but its state, which it has already.
    Expected<void> read_view(RepositoryView& view) const;
    // So that packs are opened anew, and those that were removed give back their space.
    void forget_open_packs();
    // Puts the new pack, if any, in the place of the old ones. `conflict` where these are no
    // longer the repository's.
    Expected<void> replace_packs(forge::RepositoryId repository,
                                 const std::vector<chain::RepositoryPack>& old,
                                 const std::optional<forge::PackReference>& pack);
    Expected<void> put_graph(const git::PackDigest& pack, ByteView graph);
    Expected<void> mark_clean(const forge::Repository& repository);

    NodeParts parts_;
    GuardedRows rows_;
    const NodeOptions options_;
    const ledger::ChainId chain_id_;
    mutable CatalogCache catalogs_;
    mutable ViewCache views_;
    PackPins pins_;
    std::atomic<PackSpreader*> spreader_ = nullptr;
    const PushNonces nonces_;
    SharedMemoryBudget receive_memory_;
    std::mutex refresh_mutex_;  // so that no older state takes the place of a newer one
    std::atomic<std::shared_ptr<const chain::StateReader>> state_;
    std::unique_ptr<WatchedOrderer> orderer_;  // uses the above
    std::unique_ptr<Housekeeper> housekeeper_;
    std::unique_ptr<Bundles> bundles_;
};

// A secret of 160 random bits, as people see it: "ash_" and 40 hexadecimal digits.
std::string make_token_secret(RandomSource& random);

}  // namespace ashlar::node
