// A simulated validator: the engine of production, a toy ledger, a disk that can lose and fail.
#pragma once

#include <memory>
#include <set>

#include "consensus/engine.h"
#include "simulation/adversary.h"
#include "simulation/disk.h"
#include "simulation/knowledge.h"
#include "simulation/plan.h"
#include "simulation/toy_ledger.h"

namespace ashlar::simulation {

using consensus::Message;
using consensus::PublicKey;

class Node {
  public:
    Node(World& world, std::size_t index, const PublicKey& key, Behaviour behaviour);

    void start();
    void crash();
    bool is_up() const { return engine_ != nullptr; }
    std::size_t index() const { return index_; }
    const PublicKey& key() const { return key_; }
    bool is_honest() const { return adversary_ == nullptr && !is_clone_; }
    void set_clone() { is_clone_ = true; }
    std::uint64_t incarnation() const { return incarnation_; }
    Height height() const { return Height(disk_.chain().size()); }
    const Disk& disk() const { return disk_; }
    void erase_disk();
    const ToyState& state() const { return *state_; }
    bool holds_pack(TransactionNumber pack) const { return packs_.count(pack) != 0; }
    consensus::Round round() const { return engine_->round(); }

    // A client hands in a transaction; it is acknowledged once it is final and durable here.
    void submit(TransactionNumber number);

    // Events.
    void on_message(const PublicKey& from, const Message& message);
    void on_transaction(TransactionNumber number);
    void on_pack(TransactionNumber pack);
    void on_pack_request(const PublicKey& from, TransactionNumber pack);
    void on_timer(std::uint64_t generation);
    void on_synced(Disk::Mark mark, std::uint64_t sequence);
    void on_event(consensus::Event event);
    void on_wake();

    // For adversaries.
    World& world() { return world_; }
    void transmit(const std::optional<PublicKey>& to, std::shared_ptr<const Message> message);
    void transmit(const std::optional<PublicKey>& to, Message message);
    std::optional<consensus::Vote> sign(const consensus::Subject& subject) const;

  private:
    void step(consensus::Event event);
    void execute(consensus::Actions actions);
    void carry_out(consensus::Persist& action);
    void carry_out(consensus::Sync& action);
    void carry_out(consensus::Send& action);
    void carry_out(consensus::SetTimer& action);
    void carry_out(consensus::Build& action);
    void carry_out(consensus::Check& action);
    void carry_out(consensus::Notarized& action);
    void carry_out(consensus::Finalized& action);
    void carry_out(consensus::Serve& action);
    void carry_out(consensus::ReportEvidence& action);
    void carry_out(consensus::Refuse& action);
    bool fails(std::uint32_t per_million, const char* kind);
    void note_heard(const PublicKey& from, const Message& message);
    void request_sync();
    void acknowledge_durable();
    void try_check(const consensus::Check& check);
    void retry_checks();
    void want_packs(const std::vector<TransactionNumber>& packs, const PublicKey& first);
    void refresh_work();
    consensus::Anchor anchor();

    World& world_;
    const std::size_t index_;
    const PublicKey key_;
    std::unique_ptr<Adversary> adversary_;
    bool is_clone_ = false;
    bool journal_lost_ = false;
    Disk disk_;
    std::set<TransactionNumber> packs_;  // on disk: made durable as they arrive

    // Lost in a crash.
    std::uint64_t incarnation_ = 0;
    std::unique_ptr<consensus::Engine> engine_;
    std::unique_ptr<ToyState> state_;
    Knowledge knowledge_;
    std::vector<TransactionNumber> pool_;
    std::set<TransactionNumber> submitted_;
    std::vector<consensus::Check> waiting_checks_;
    std::set<TransactionNumber> wanted_packs_;
    std::size_t pack_turn_ = 0;
    bool wake_set_ = false;
    std::uint64_t timer_generation_ = 0;
    std::uint64_t persisted_ = 0;
    std::size_t acknowledged_blocks_ = 0;
    BlockDigest tip_;
    bool working_ = false;
};

}  // namespace ashlar::simulation
