// Validators in one process, each an orderer over a store and a journal on a machine of its own,
// whose power can be cut, with wires between them that can be cut, too.
#pragma once

#include <atomic>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <vector>

#include "chain/genesis.h"
#include "native/validator/consensus_orderer.h"
#include "support/faulty_machine.h"

namespace ashlar::validator {

// Packs are stored once somebody says so.
class ToldPacks final : public PackGate {
  public:
    void store(const git::PackDigest& pack);
    bool was_asked() const;
    // Whether somebody holds what was answered for this one.
    bool is_kept(const git::PackDigest& pack) const;

    void check(PackQuestion question, Answer answer) override;
    void want(std::vector<forge::PackReference> packs, std::optional<PublicKey> holder,
              Stored stored) override;
    void keep(std::vector<forge::PackReference> packs, Stored stored) override;
    void on_message(const PublicKey&, Bytes) override {}
    void peers_changed(std::vector<PublicKey>) override {}
    void stop() override;

  private:
    struct Waiting {
        std::vector<git::PackDigest> packs;
        std::function<void(KeptPacks)> answer;
    };
    KeptPacks keep_all(const std::vector<git::PackDigest>& packs);
    void wait_for(Waiting waiting);
    bool are_stored(const std::vector<git::PackDigest>& packs) const;

    mutable std::mutex mutex_;
    std::set<git::PackDigest> stored_;
    std::vector<Waiting> waiting_;
    std::multimap<git::PackDigest, std::weak_ptr<const void>> kept_;
    bool asked_ = false;
    bool stopped_ = false;
};

class OrdererWorld;

class Member final : public Transport, public node::Clock {
  public:
    Member(OrdererWorld& world, std::size_t index);
    ~Member() override;

    void start();
    void stop();
    // From here on nothing is written, and what was not synced is lost.
    void cut_power();
    void lose_journal();
    bool is_up() const { return orderer_ != nullptr; }
    ConsensusOrderer& orderer() { return *orderer_; }
    ToldPacks& packs() { return *packs_; }
    // Of packs that blocks named when they were committed here: those that nothing kept.
    std::set<git::PackDigest> unkept() const;
    KeyValue& rows() { return machine_.rows(); }
    std::uint64_t height();
    std::future<Expected<chain::Receipt>> submit(forge::Action action);

    void send(const PublicKey& to, peer::Channel channel, peer::SharedMessage message) override;
    void broadcast(peer::Channel channel, peer::SharedMessage message) override;
    void refuse(const PublicKey& peer, const std::string& reason) override;
    std::uint64_t now_ms() const override;
    // A journal that ends with a block that names this pack.
    void vote_for_a_block_with(const git::PackDigest& pack);

    forge::SignedTransaction sign(forge::Action action);

  private:
    friend class OrdererWorld;
    void note_committed(const chain::FinalizedBlock& block);
    void deliver(std::size_t to, const peer::SharedMessage& message);

    OrdererWorld& world_;
    const std::size_t index_;
    const crypto::SigningKey key_;
    support::FaultyMachine machine_;
    bool journal_lost_ = false;
    std::atomic<bool> has_power_ = true;
    std::unique_ptr<ToldPacks> packs_;
    mutable std::mutex unkept_mutex_;
    std::set<git::PackDigest> unkept_;
    std::shared_mutex alive_;  // held while the orderer is called from outside
    std::unique_ptr<ConsensusOrderer> orderer_;
};

class OrdererWorld {
  public:
    explicit OrdererWorld(std::size_t count, ConsensusOptions options = quick());
    ~OrdererWorld();
    OrdererWorld(const OrdererWorld&) = delete;
    OrdererWorld& operator=(const OrdererWorld&) = delete;
    static ConsensusOptions quick();
    static crypto::SigningKey key_of(std::size_t index);

    std::size_t size() const { return members_.size(); }
    Member& operator[](std::size_t index) { return *members_[index]; }
    void start_all();
    // Tells everybody who is in touch with whom.
    void connect();
    void cut(std::size_t left, std::size_t right);
    // Until all of these are at this height at least; false after a minute.
    bool wait_for_height(std::uint64_t height, const std::vector<std::size_t>& members);
    const chain::Genesis& genesis() const { return genesis_; }
    std::vector<std::string> refusals() const;
    std::vector<Error> failures() const;

  private:
    friend class Member;
    bool is_cut(std::size_t left, std::size_t right) const;
    std::size_t index_of(const PublicKey& key) const;

    chain::Genesis genesis_;
    const ConsensusOptions options_;
    mutable std::mutex mutex_;
    std::set<std::pair<std::size_t, std::size_t>> cuts_;
    std::vector<std::string> refusals_;
    std::vector<Error> failures_;
    std::vector<std::unique_ptr<Member>> members_;
};

// By the administrator that the network begins with.
forge::Action create_account(const std::string& login);
forge::Action create_repository(const std::string& name);
forge::Action push_to(forge::RepositoryId repository, const git::PackDigest& pack);

}  // namespace ashlar::validator
