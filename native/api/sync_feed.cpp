#include "native/api/sync_feed.h"

#include <condition_variable>
#include <cstdio>
#include <map>
#include <set>
#include <thread>

#include "chain/proof.h"
#include "forge/names.h"
#include "native/api/ref_changes.h"
#include "native/api/sync_api.h"

namespace ashlar::native {

namespace {

// The newest header is said again after so long, as a sign of life.
constexpr std::chrono::seconds kSilenceMax{20};
// Of the repositories that somebody begins to hold, so many are told at once, and only where less
// than that waits to be sent to it.
constexpr std::size_t kBegunAtOnce = 64;
constexpr std::size_t kQueuedBytesMax = std::size_t{1} << 20;
constexpr std::chrono::milliseconds kPause{20};

using Key = std::pair<std::string, std::string>;  // folded

Key key_of(const codec::RepositoryName& name) {
    return {forge::fold_name(name.owner), forge::fold_name(name.repository)};
}

using Message = std::shared_ptr<const Bytes>;

Message message_of(const codec::News& news) {
    return std::make_shared<const Bytes>(codec::encode(news));
}

}  // namespace

class SyncFeed::Implementation {
  public:
    explicit Implementation(node::Node& node) : node_(node) {
        subscription_ =
            node.orderer().subscribe([this](const chain::FinalizedBlock&) { look_again(); });
        thread_ = std::thread([this] { run(); });
    }
    ~Implementation() {
        subscription_.reset();
        {
            const std::lock_guard lock(mutex_);
            is_stopping_ = true;
        }
        wake_.notify_one();
        thread_.join();
    }
    Implementation(const Implementation&) = delete;
    Implementation& operator=(const Implementation&) = delete;

    struct Member {
        std::shared_ptr<http::SocketOutbox> outbox;
        std::map<Key, codec::RepositoryName> held;
        std::set<Key> begun;  // of these, what has not been told yet
    };

    void join(const std::shared_ptr<Member>& member) {
        const std::lock_guard lock(mutex_);
        members_.insert(member);
        is_due_ = true;
        wake_.notify_one();
    }
    void leave(const std::shared_ptr<Member>& member) {
        const std::lock_guard lock(mutex_);
        members_.erase(member);
    }
    Expected<void> hold(Member& member, const codec::SubscriberMessage& message) {
        const std::lock_guard lock(mutex_);
        for (const codec::RepositoryName& name : message.release) {
            member.held.erase(key_of(name));
            member.begun.erase(key_of(name));
        }
        for (const codec::RepositoryName& name : message.hold) {
            member.held.insert_or_assign(key_of(name), name);
            member.begun.insert(key_of(name));
        }
        if (member.held.size() > codec::kHeldRepositoriesMax) {
            return fail(ErrorCode::limit_exceeded, "more than " +
                                                       std::to_string(codec::kHeldRepositoriesMax) +
                                                       " repositories are not told of");
        }
        is_due_ = true;
        wake_.notify_one();
        return {};
    }

  private:
    // A repository that somebody holds, and whom it is told to.
    struct Held {
        codec::RepositoryName name;
        std::vector<std::shared_ptr<http::SocketOutbox>> all;
        std::vector<std::shared_ptr<http::SocketOutbox>> begun;
    };
    struct Round {
        std::vector<std::shared_ptr<http::SocketOutbox>> everybody;
        std::map<Key, Held> held;
    };

    void look_again() {
        {
            const std::lock_guard lock(mutex_);
            is_due_ = true;
        }
        wake_.notify_one();
    }

    void run() {
        while (true) {
            Round round;
            {
                std::unique_lock lock(mutex_);
                // Where something is left to tell to those who begin, soon.
                const auto time_max = rest_is_due_ ? std::chrono::milliseconds(kPause)
                                                   : std::chrono::milliseconds(kSilenceMax);
                wake_.wait_for(lock, time_max, [this] { return is_stopping_ || is_due_; });
                if (is_stopping_) return;
                is_due_ = false;
                round = begin_round();
            }
            tell(round);
        }
    }

    // Under the lock.
    Round begin_round() {
        Round round;
        rest_is_due_ = false;
        for (const auto& member : members_) {
            round.everybody.push_back(member->outbox);
            for (const auto& [key, name] : member->held) {
                Held& held = round.held[key];
                held.name = name;
                held.all.push_back(member->outbox);
            }
            for (std::size_t i = 0; i < kBegunAtOnce && !member->begun.empty(); ++i) {
                if (member->outbox->queued_bytes() > kQueuedBytesMax) break;
                const Key key = *member->begun.begin();
                round.held[key].begun.push_back(member->outbox);
                member->begun.erase(member->begun.begin());
            }
            rest_is_due_ = rest_is_due_ || !member->begun.empty();
        }
        return round;
    }

    void tell(const Round& round) {
        const auto state = node_.state();
        for (const auto& [key, held] : round.held) tell_of(*state, key, held);
        std::erase_if(seen_, [&](const auto& entry) { return !round.held.contains(entry.first); });
        seen_state_ = state;
        const auto head = state->head();
        if (round.everybody.empty() || !head) return;
        const auto finalized = chain::prove_header(state->rows(), head->height);
        if (!finalized) return complain(finalized.error());
        const Message message = message_of(*finalized);
        for (const auto& outbox : round.everybody) outbox->send(message);
    }

    void tell_of(const chain::StateReader& state, const Key& key, const Held& held) {
        const auto found = state.repository(held.name.owner, held.name.repository);
        std::optional<forge::Repository> record;
        if (found) record = *found;
        const auto seen = seen_.find(key);
        const bool is_known = seen != seen_.end();
        const bool is_changed = is_known && seen->second != record;
        if (is_changed || !held.begun.empty()) {
            const Message message =
                message_of(news_of(held.name, is_known ? seen->second : std::nullopt));
            for (const auto& outbox : is_changed ? held.all : held.begun) outbox->send(message);
        }
        seen_.insert_or_assign(key, std::move(record));
    }

    codec::News news_of(const codec::RepositoryName& name,
                        const std::optional<forge::Repository>& before) {
        auto view = node_.open_repository(forge::Viewer::anonymous(), name.owner, name.repository,
                                          forge::RepositoryAction::read);
        if (!view) return codec::RepositoryGone{name};
        auto checkpoint = checkpoint_of(*view, name);
        if (!checkpoint) {
            complain(checkpoint.error());
            return codec::RepositoryGone{name};
        }
        codec::RepositoryNews news;
        news.checkpoint = *std::move(checkpoint);
        if (before && before->id == view->repository.id && seen_state_ != nullptr) {
            add_ref_changes(seen_state_, *before, *view, news);
        }
        return news;
    }

    static void complain(const Error& error) {
        std::fprintf(stderr, "ashlar: replicas are not told: %s\n", error.message().c_str());
    }

    node::Node& node_;
    std::unique_ptr<chain::Orderer::Subscription> subscription_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool is_due_ = false;
    bool is_stopping_ = false;
    std::set<std::shared_ptr<Member>> members_;

    // Of the thread alone.
    bool rest_is_due_ = false;
    std::map<Key, std::optional<forge::Repository>> seen_;  // in the state below
    std::shared_ptr<const chain::StateReader> seen_state_;
    std::thread thread_;
};

namespace {

// Hears one replica: which repositories it holds.
template <typename Feed>
class Replica final : public http::SocketListener {
  public:
    explicit Replica(std::shared_ptr<Feed> feed) : feed_(std::move(feed)) {}
    ~Replica() override { feed_->leave(member_); }

    void on_open(std::shared_ptr<http::SocketOutbox> outbox) override {
        member_->outbox = std::move(outbox);
        feed_->join(member_);
    }
    Expected<void> on_message(Bytes bytes) override {
        ASHLAR_TRY(const auto message, codec::decode_subscriber_message(bytes));
        return feed_->hold(*member_, message);
    }

  private:
    const std::shared_ptr<Feed> feed_;
    const std::shared_ptr<typename Feed::Member> member_ =
        std::make_shared<typename Feed::Member>();
};

}  // namespace

SyncFeed::SyncFeed(node::Node& node) : implementation_(std::make_shared<Implementation>(node)) {}

SyncFeed::~SyncFeed() = default;

std::unique_ptr<http::SocketListener> SyncFeed::listen() {
    return std::make_unique<Replica<Implementation>>(implementation_);
}

}  // namespace ashlar::native
