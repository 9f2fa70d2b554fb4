#include "simulation/world.h"

#include <algorithm>

#include "base/assert.h"
#include "simulation/cheap_signatures.h"

namespace ashlar::simulation {

using namespace consensus;

namespace {

std::unique_ptr<Signer> make_signer(std::uint64_t number, bool real) {
    Bytes seed(crypto::SigningKey::kSeedSize);
    for (std::size_t i = 0; i < 8; ++i) seed[i] = static_cast<Byte>(number >> (8 * i));
    crypto::SigningKey key = *crypto::SigningKey::from_seed(seed);
    if (real) return std::make_unique<Ed25519Signer>(key);
    return std::make_unique<CheapSigner>(key.public_key());
}

}  // namespace

World::World(const Plan& plan, std::uint64_t seed)
    : plan_(plan), random_(mix(seed) + 1), links_(plan.links) {
    report_.scenario = plan.name;
    report_.seed = seed;
    chain_ = {crypto::hash("simulation.chain", as_bytes(plan.name))};
    genesis_ = {crypto::hash("simulation.genesis", chain_.digest.view())};
    if (plan.real_signatures) {
        verifier_ = std::make_unique<Ed25519Verifier>();
    } else {
        verifier_ = std::make_unique<CheapVerifier>();
    }
    const std::size_t total = plan.validators + plan.spares;
    for (std::size_t i = 0; i < total; ++i) {
        signers_.push_back(make_signer(i + 1, plan.real_signatures));
    }
    std::sort(signers_.begin(), signers_.end(), [](const auto& left, const auto& right) {
        return left->public_key() < right->public_key();
    });
    for (const auto& signer : signers_) keys_.push_back(signer->public_key());
    for (std::size_t i = 0; i < total; ++i) {
        Behaviour behaviour = Behaviour::honest;
        for (const auto& liar : plan.liars) {
            if (liar.first == i) behaviour = liar.second;
        }
        nodes_.push_back(std::make_unique<Node>(*this, i, keys_[i], behaviour));
        if (behaviour != Behaviour::honest) liars_.insert(keys_[i]);
    }
    for (std::size_t original : plan.clones) {
        const PublicKey& key = keys_[original];
        nodes_.push_back(std::make_unique<Node>(*this, nodes_.size(), key, Behaviour::honest));
        signers_.push_back(make_signer(1, plan.real_signatures));
        for (std::uint64_t i = 1; !(signers_.back()->public_key() == key); ++i) {
            signers_.back() = make_signer(i, plan.real_signatures);
        }
        nodes_.back()->set_clone();
        nodes_[original]->set_clone();
        liars_.insert(key);
    }
    for (const auto& node : nodes_) nodes_of_[node->key()].push_back(node->index());
    cuts_.resize(nodes_.size() * nodes_.size());
    slow_.resize(nodes_.size());
    held_down_.resize(nodes_.size());
}

World::~World() = default;

// Epoch e takes its validators from a ring of all keys, one more in odd epochs (where there are
// spares), starting one further on every second epoch.
const ValidatorSet& World::set_of(Epoch epoch) {
    auto found = sets_.find(epoch);
    if (found == sets_.end()) {
        std::size_t size = plan_.validators + (plan_.spares > 0 ? epoch.value % 2 : 0);
        std::vector<PublicKey> keys;
        for (std::size_t i = 0; i < size; ++i) {
            keys.push_back(keys_[(i + epoch.value / 2) % keys_.size()]);
        }
        found = sets_.emplace(epoch, *ValidatorSet::make(std::move(keys))).first;
    }
    return found->second;
}

const ValidatorSet& World::set_after(Epoch epoch, Height height) {
    bool closes = plan_.blocks_per_epoch != 0 && height.value % plan_.blocks_per_epoch == 0;
    return set_of(closes ? epoch.next() : epoch);
}

void World::push(TimeUs at, std::size_t node, std::uint64_t incarnation, Content_ content) {
    queue_.push_back({at, ++order_, node, incarnation, std::move(content)});
    std::push_heap(queue_.begin(), queue_.end(), [](const Task& left, const Task& right) {
        return left.at != right.at ? left.at > right.at : left.order > right.order;
    });
}

bool World::run_until(TimeUs until) {
    while (!queue_.empty() && report_.violation.empty()) {
        if (queue_.front().at > until) break;
        std::pop_heap(queue_.begin(), queue_.end(), [](const Task& left, const Task& right) {
            return left.at != right.at ? left.at > right.at : left.order > right.order;
        });
        Task task = std::move(queue_.back());
        queue_.pop_back();
        now_ = task.at;
        ++report_.events;
        note(task);
        perform(task);
    }
    now_ = std::max(now_, until);
    return report_.violation.empty();
}

// Mixes the event into the hash of all events.
void World::note(const Task& task) {
    std::uint64_t word = mix(task.at * 31 + task.node) ^ task.content.index();
    if (const auto* delivery = std::get_if<Delivery>(&task.content)) {
        word ^= mix(delivery->from + 64 * delivery->parcel.number + 7);
        if (delivery->parcel.message) {
            const Message& message = *delivery->parcel.message;
            word = mix(word + message.index());
            if (const auto* vote = std::get_if<Vote>(&message)) {
                word += vote->subject.view().value * 4 + static_cast<unsigned>(vote->subject.kind);
                word = mix(word) ^ vote->signature.bytes[0];
            }
        }
    }
    report_.hash = mix(report_.hash ^ word) + 0x9e3779b97f4a7c15ULL;
}

void World::perform(Task& task) {
    if (auto* script = std::get_if<ScriptTask>(&task.content)) return script->what();
    Node& node = *nodes_[task.node];
    if (auto* delivery = std::get_if<Delivery>(&task.content)) {
        const std::size_t from = delivery->from;
        if (cuts_[from * nodes_.size() + task.node] != 0 || !node.is_up()) return;
        // A connection ends with the process: what was on its way is lost.
        if (task.incarnation != node.incarnation()) return;
        const Parcel& parcel = delivery->parcel;
        const PublicKey& sender = nodes_[from]->key();
        if (parcel.content == Content::consensus) return node.on_message(sender, *parcel.message);
        if (parcel.content == Content::transaction) return node.on_transaction(parcel.number);
        if (parcel.content == Content::pack) return node.on_pack(parcel.number);
        return node.on_pack_request(sender, parcel.number);
    }
    if (task.incarnation != node.incarnation() || !node.is_up()) return;
    if (auto* timer = std::get_if<TimerTask>(&task.content)) {
        node.on_timer(timer->generation);
    } else if (auto* sync = std::get_if<SyncTask>(&task.content)) {
        node.on_synced(sync->mark, sync->sequence);
    } else if (std::holds_alternative<WakeTask>(task.content)) {
        node.on_wake();
    } else {
        node.on_event(std::move(*std::get<std::shared_ptr<Event>>(task.content)));
    }
}

void World::at(TimeUs when, std::function<void()> what) {
    push(when, 0, 0, ScriptTask{std::move(what)});
}

TransactionNumber World::submit(std::size_t index) {
    nodes_[index]->submit(next_transaction_);
    return next_transaction_++;
}

void World::expect(TimeUs when, std::string what, std::function<bool()> holds) {
    at(when, [this, what = std::move(what), holds = std::move(holds)] {
        ++report_.checks;
        if (!holds()) violate(what);
    });
}

void World::set_timer(std::size_t node, std::uint64_t generation, TimeUs at) {
    push(at, node, nodes_[node]->incarnation(), TimerTask{generation});
}

void World::post(std::size_t node, Event event, TimeUs at) {
    push(at, node, nodes_[node]->incarnation(), std::make_shared<Event>(std::move(event)));
}

void World::finish_sync(std::size_t node, Disk::Mark mark, std::uint64_t sequence, TimeUs at) {
    push(at, node, nodes_[node]->incarnation(), SyncTask{mark, sequence});
}

void World::wake(std::size_t node, TimeUs at) {
    push(at, node, nodes_[node]->incarnation(), WakeTask{});
}

void World::send(std::size_t from, const PublicKey& to, const Parcel& parcel) {
    auto found = nodes_of_.find(to);
    if (found == nodes_of_.end()) return;
    for (std::size_t receiver : found->second) {
        if (nodes_[receiver]->key() == nodes_[from]->key()) continue;
        deliver_later(from, receiver, parcel);
    }
}

void World::deliver_later(std::size_t from, std::size_t to, const Parcel& parcel) {
    if (cuts_[from * nodes_.size() + to] != 0) {
        count_fault("cut");
        return;
    }
    if (random_.chance(links_.loss_ppm)) {
        count_fault("lost");
        return;
    }
    std::size_t copies = 1;
    if (random_.chance(links_.duplicate_ppm)) {
        count_fault("duplicated");
        copies = 2;
    }
    for (std::size_t copy = 0; copy < copies; ++copy) {
        TimeUs delay = links_.latency_us + slow_[from] + slow_[to];
        if (links_.jitter_us != 0) delay += random_.below(links_.jitter_us + 1);
        push(now_ + delay, to, nodes_[to]->incarnation(), Delivery{from, parcel});
    }
}

void World::cut(std::size_t left, std::size_t right) {
    if (left == right) return;
    cuts_[left * nodes_.size() + right] = cuts_[right * nodes_.size() + left] = 1;
}

void World::cut_one_way(std::size_t from, std::size_t to) {
    if (from != to) cuts_[from * nodes_.size() + to] = 1;
}

void World::join(std::size_t left, std::size_t right) {
    cuts_[left * nodes_.size() + right] = cuts_[right * nodes_.size() + left] = 0;
}

void World::isolate(std::size_t index) {
    for (std::size_t other = 0; other < nodes_.size(); ++other) cut(index, other);
}

void World::join_all() {
    std::fill(cuts_.begin(), cuts_.end(), std::uint8_t{0});
}

void World::slow_down(std::size_t index, TimeUs extra_us) {
    slow_[index] = extra_us;
    if (extra_us != 0) count_fault("slowed");
}

void World::crash(std::size_t index, const char* why) {
    if (!nodes_[index]->is_up()) return;
    count_fault(why);
    nodes_[index]->crash();
}

void World::crash_for(std::size_t index, TimeUs down_us, const char* why) {
    crash(index, why);
    at(now_ + down_us, [this, index] { restart(index); });
}

void World::restart(std::size_t index) {
    if (nodes_[index]->is_up() || held_down_[index]) return;
    nodes_[index]->start();
}

}  // namespace ashlar::simulation
