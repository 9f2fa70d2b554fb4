// The simulated world: one clock, one seed, and everything that happens in order. The same plan and
// seed give the same events, and so the same hash.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <variant>

#include "simulation/node.h"
#include "simulation/plan.h"

namespace ashlar::simulation {

using consensus::Evidence;
using consensus::Message;
using consensus::PublicKey;
using consensus::Signer;

struct Report {
    std::string scenario;
    std::uint64_t seed = 0;
    std::uint64_t events = 0;
    std::uint64_t hash = 0;
    std::uint64_t views = 0;
    std::uint64_t height = 0;
    std::uint64_t epochs = 0;
    std::uint64_t acknowledged = 0;
    std::uint64_t evidence = 0;
    std::uint64_t refused = 0;
    std::uint64_t checks = 0;  // how often an invariant was looked at
    TimeUs simulated_us = 0;
    TimeUs recovery_us = 0;
    std::map<std::string, std::uint64_t> faults;
    std::vector<TimeUs> finality_us;  // from building a block to each validator's finalization
    std::string violation;            // empty where every invariant held
};

enum class Content : std::uint8_t { consensus, transaction, pack, pack_request };

struct Parcel {
    Content content = Content::consensus;
    std::uint64_t number = 0;
    std::shared_ptr<const Message> message;
};

class World {
  public:
    World(const Plan& plan, std::uint64_t seed);
    ~World();
    Report run();

    // For scripts.
    const Plan& plan() const { return plan_; }
    Random& random() { return random_; }
    TimeUs now() const { return now_; }
    void at(TimeUs when, std::function<void()> what);
    std::size_t size() const { return nodes_.size(); }
    Node& node(std::size_t index) { return *nodes_[index]; }
    // Messages between the two are lost, both ways, until joined again.
    void cut(std::size_t left, std::size_t right);
    void join(std::size_t left, std::size_t right);
    // Messages from the one to the other are lost, until joined again; answers are not.
    void cut_one_way(std::size_t from, std::size_t to);
    void isolate(std::size_t index);
    void join_all();
    void set_links(const LinkModel& links) { links_ = links; }
    void slow_down(std::size_t index, TimeUs extra_us);
    void crash(std::size_t index, const char* why);
    void crash_for(std::size_t index, TimeUs down_us, const char* why);
    void restart(std::size_t index);
    void hold_down(std::size_t index) { held_down_[index] = true; }
    // A client's transaction for this validator; gives its number.
    TransactionNumber submit(std::size_t index);
    // What has to be so at that time: else the run fails, and says what was expected.
    void expect(TimeUs when, std::string what, std::function<bool()> holds);

    // For nodes.
    bool faults_on() const { return faults_on_; }
    const Signer& signer(std::size_t index) const { return *signers_[index]; }
    const consensus::Verifier& verifier() const { return *verifier_; }
    const ToyFormat& format() const { return format_; }
    const consensus::ChainId& chain() const { return chain_; }
    const BlockDigest& genesis() const { return genesis_; }
    const ValidatorSet& set_of(Epoch epoch);
    // The set that decides after a block of this epoch and height.
    const ValidatorSet& set_after(Epoch epoch, Height height);
    const std::vector<PublicKey>& keys() const { return keys_; }
    void send(std::size_t from, const PublicKey& to, const Parcel& parcel);
    void set_timer(std::size_t node, std::uint64_t generation, TimeUs at);
    void post(std::size_t node, consensus::Event event, TimeUs at);
    void finish_sync(std::size_t node, Disk::Mark mark, std::uint64_t sequence, TimeUs at);
    void wake(std::size_t node, TimeUs at);
    void count_fault(const char* kind) { ++report_.faults[kind]; }

    // What nodes tell, and is checked here.
    void on_vote_cast(const Node& node, const consensus::Vote& vote, const Knowledge& knowledge);
    void on_vote_sent(const Node& node, const consensus::Vote& vote);
    void on_certificate(const Node& node, const consensus::Certificate& certificate);
    void on_final(const Node& node, const consensus::BlockSummary& summary, const Digest& root);
    void on_built(const BlockDigest& digest);
    void on_acknowledged(TransactionNumber number, Height height);
    void on_evidence(const Node& node, const Evidence& evidence);
    void on_refused(const Node& node, const PublicKey& peer, const std::string& reason);
    void on_round(const Node& node, consensus::Round round);
    void violate(std::string what);

  private:
    struct Delivery {
        std::size_t from;
        Parcel parcel;
    };
    struct TimerTask {
        std::uint64_t generation;
    };
    struct SyncTask {
        Disk::Mark mark;
        std::uint64_t sequence;
    };
    struct WakeTask {};
    struct ScriptTask {
        std::function<void()> what;
    };
    using Content_ = std::variant<Delivery, TimerTask, SyncTask, WakeTask, ScriptTask,
                                  std::shared_ptr<consensus::Event>>;
    struct Task {
        TimeUs at;
        std::uint64_t order;
        std::size_t node;
        std::uint64_t incarnation;
        Content_ content;
    };
    void push(TimeUs at, std::size_t node, std::uint64_t incarnation, Content_ content);
    bool run_until(TimeUs until);
    void perform(Task& task);
    void note(const Task& task);
    void submit_transactions();
    void heal();
    bool everybody_went_on(Height beyond);
    Height highest();
    void check_acknowledged(std::map<TransactionNumber, Height> acknowledged);
    bool is_honest(const PublicKey& key) const { return liars_.count(key) == 0; }
    void deliver_later(std::size_t from, std::size_t to, const Parcel& parcel);

    Plan plan_;
    Random random_;
    Report report_;
    TimeUs now_ = 0;
    std::uint64_t order_ = 0;
    std::vector<Task> queue_;  // a heap
    bool faults_on_ = true;

    consensus::ChainId chain_;
    BlockDigest genesis_;
    ToyFormat format_;
    std::unique_ptr<consensus::Verifier> verifier_;
    std::vector<std::unique_ptr<Signer>> signers_;
    std::vector<PublicKey> keys_;  // of each validator once, sorted
    std::map<PublicKey, std::vector<std::size_t>> nodes_of_;
    std::set<PublicKey> liars_;
    std::vector<std::unique_ptr<Node>> nodes_;
    std::map<Epoch, ValidatorSet> sets_;

    LinkModel links_;
    std::vector<std::uint8_t> cuts_;
    std::vector<TimeUs> slow_;
    std::vector<bool> held_down_;
    TransactionNumber next_transaction_ = 1;

    struct FinalBlock {
        BlockDigest digest;
        Digest root;
    };
    std::map<Height, FinalBlock> final_;
    std::unordered_map<BlockDigest, TimeUs> built_at_;
    std::map<TransactionNumber, Height> acknowledged_;
    struct Voted {
        std::optional<consensus::Proposal> notarize;
        std::optional<consensus::Proposal> finalize;
        bool nullify = false;
    };
    std::map<std::pair<std::size_t, consensus::Round>, Voted> voted_;
    consensus::Round newest_round_;
};

}  // namespace ashlar::simulation
