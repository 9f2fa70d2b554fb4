#include "simulation/node.h"

#include <algorithm>

#include "base/assert.h"
#include "codec/consensus_messages.h"
#include "simulation/world.h"

namespace ashlar::simulation {

using namespace consensus;

namespace {
constexpr std::size_t kPoolMax = 4096;
constexpr TimeUs kPackRetry = 50 * kMillisecond;
}  // namespace

Node::Node(World& world, std::size_t index, const PublicKey& key, Behaviour behaviour)
    : world_(world), index_(index), key_(key), adversary_(make_adversary(behaviour)) {}

// The newest final block on the disk that has its own finalization; what comes after is cut off.
Anchor Node::anchor() {
    const auto& chain = disk_.chain();
    std::size_t end = chain.size();
    while (end > 0 && !chain[end - 1].finalization) --end;
    disk_.cut_chain(end);
    if (end == 0) {
        return {{}, Height(0), world_.genesis(), world_.set_of(Epoch(0)), std::nullopt};
    }
    const StoredBlock& last = chain[end - 1];
    const Epoch epoch = last.summary.epoch;
    const ValidatorSet& next = world_.set_after(epoch, last.summary.height);
    bool closes = !(next == world_.set_of(epoch));
    Round round = closes ? Round{epoch.next(), View(0)} : last.finalization->subject.round();
    return {round, last.summary.height, last.summary.digest, next, last.finalization};
}

void Node::start() {
    ASHLAR_ASSERT(!is_up());
    Anchor from = anchor();
    state_ = std::make_unique<ToyState>(world_.genesis());
    for (const StoredBlock& stored : disk_.chain()) {
        state_->finalize(stored.summary.digest, *ToyBlock::decode(stored.block));
    }
    acknowledged_blocks_ = disk_.chain().size();
    tip_ = from.digest;
    persisted_ = 0;
    Settings settings;
    settings.chain = world_.chain();
    settings.expected_delay_us = world_.plan().expected_delay_us;
    settings.idle_us = world_.plan().idle_us;
    settings.journal_lost = journal_lost_;
    engine_ = std::make_unique<Engine>(settings, from, &world_.signer(index_), world_.verifier(),
                                       world_.format());
    Expected<Actions> actions = engine_->start(disk_.journal(), world_.now());
    if (!actions) return world_.violate("the journal does not restore: " + actions.error().detail);
    execute(std::move(*actions));
    if (!is_up()) return;
    std::vector<PublicKey> peers = world_.keys();
    std::erase(peers, key_);
    step(PeersChanged{std::move(peers)});
}

// Whoever starts it afterwards sees an empty folder in a network that is not new.
void Node::erase_disk() {
    ASHLAR_ASSERT(!is_up());
    disk_.erase();
    packs_.clear();
    journal_lost_ = true;
}

void Node::crash() {
    ++incarnation_;
    engine_.reset();
    state_.reset();
    knowledge_ = Knowledge();
    pool_.clear();
    submitted_.clear();
    waiting_checks_.clear();
    wanted_packs_.clear();
    wake_set_ = false;
    working_ = false;
    disk_.crash(world_.random());
}

void Node::step(Event event) {
    if (!is_up()) return;
    execute(engine_->step(std::move(event), world_.now()));
    if (is_up() && is_honest()) world_.on_round(*this, engine_->round());
}

void Node::execute(Actions actions) {
    const std::size_t chain_before = disk_.chain().size();
    for (Action& action : actions) {
        if (!is_up()) return;  // it crashed between two actions
        if (fails(world_.plan().crash_per_action_ppm, "crash at an action")) return;
        std::visit([this](auto& content) { carry_out(content); }, action);
    }
    if (is_up() && disk_.chain().size() != chain_before) {
        request_sync();
        refresh_work();
    }
}

bool Node::fails(std::uint32_t per_million, const char* kind) {
    if (!world_.faults_on() || !world_.random().chance(per_million)) return false;
    world_.crash_for(index_, world_.random().below(world_.plan().down_us_max) + 1, kind);
    return true;
}

void Node::carry_out(Persist& action) {
    if (fails(world_.plan().disk_full_ppm, "disk full")) return;
    persisted_ = action.sequence;
    if (is_honest()) {
        if (const auto* vote = std::get_if<Vote>(&action.record)) {
            world_.on_vote_cast(*this, *vote, knowledge_);
        } else if (const auto* made = std::get_if<Certificate>(&action.record)) {
            world_.on_certificate(*this, *made);
        }
    }
    if (world_.plan().real_signatures) {
        Expected<Record> decoded = codec::decode_journal_record(codec::encode(action.record));
        ASHLAR_ASSERT(decoded && *decoded == action.record);
        action.record = std::move(*decoded);
    }
    disk_.append(std::move(action.record));
}

void Node::carry_out(Sync&) {
    request_sync();
}

void Node::request_sync() {
    TimeUs took = world_.plan().sync_us + world_.random().below(world_.plan().sync_us + 1);
    world_.finish_sync(index_, disk_.mark(), persisted_, world_.now() + took);
}

void Node::on_synced(Disk::Mark mark, std::uint64_t sequence) {
    if (fails(world_.plan().sync_failure_ppm, "sync failed")) return;
    disk_.synced(mark);
    acknowledge_durable();
    step(Synced{sequence});
}

void Node::acknowledge_durable() {
    for (; acknowledged_blocks_ < disk_.durable_chain(); ++acknowledged_blocks_) {
        const StoredBlock& stored = disk_.chain()[acknowledged_blocks_];
        const ToyBlock block = *ToyBlock::decode(stored.block);
        for (TransactionNumber number : block.transactions) {
            if (submitted_.erase(number) != 0 && is_honest()) {
                world_.on_acknowledged(number, stored.summary.height);
            }
        }
    }
}

void Node::carry_out(Send& action) {
    if (adversary_ && adversary_->on_send(*this, action)) return;
    if (const auto* vote = std::get_if<Vote>(&action.message)) {
        if (is_honest()) world_.on_vote_sent(*this, *vote);
    }
    transmit(action.to, std::move(action.message));
}

void Node::transmit(const std::optional<PublicKey>& to, Message message) {
    if (world_.plan().real_signatures) {
        Expected<Message> decoded = codec::decode_consensus_message(codec::encode(message));
        ASHLAR_ASSERT(decoded && *decoded == message);
        message = std::move(*decoded);
    }
    transmit(to, std::make_shared<const Message>(std::move(message)));
}

void Node::transmit(const std::optional<PublicKey>& to, std::shared_ptr<const Message> message) {
    Parcel parcel{Content::consensus, 0, std::move(message)};
    if (to) return world_.send(index_, *to, parcel);
    for (const PublicKey& key : world_.keys()) world_.send(index_, key, parcel);
}

std::optional<Vote> Node::sign(const Subject& subject) const {
    auto index = world_.set_of(subject.round().epoch).index_of(key_);
    if (!index) return std::nullopt;
    return Vote{subject, *index, world_.signer(index_).sign(signed_bytes(world_.chain(), subject))};
}

void Node::carry_out(SetTimer& action) {
    world_.set_timer(index_, ++timer_generation_, action.at);
}

void Node::on_timer(std::uint64_t generation) {
    if (generation == timer_generation_) step(TimerFired{});
}

void Node::on_message(const PublicKey& from, const Message& message) {
    if (adversary_) adversary_->on_receive(*this, from, message);
    if (is_honest()) note_heard(from, message);
    step(Received{from, message});
}

// Only what the engine looks at when it hears it: of this epoch, and of no view that is far ahead.
void Node::note_heard(const PublicKey& from, const Message& message) {
    const Subject* subject = nullptr;
    if (const auto* vote = std::get_if<Vote>(&message)) subject = &vote->subject;
    if (const auto* made = std::get_if<Certificate>(&message)) subject = &made->subject;
    if (subject == nullptr || subject->kind != VoteKind::notarize) return;
    const Round now = engine_->round();
    if (subject->round().epoch != now.epoch) return;
    if (subject->view().value > now.view.value + kViewsAhead) return;
    const ValidatorSet& set = world_.set_of(now.epoch);
    knowledge_.heard(message, from, set.key(set.leader(subject->view())), world_.chain(), set,
                     world_.verifier());
}

void Node::on_event(Event event) {
    step(std::move(event));
}

void Node::carry_out(Build& action) {
    std::vector<TransactionNumber> ready;
    for (TransactionNumber number : pool_) {
        if (!names_pack(number) || holds_pack(number)) ready.push_back(number);
    }
    ToyBlock block = state_->build(action.parent, ready);
    block.epoch = action.round.epoch;
    block.next_validators = world_.set_after(block.epoch, block.height).digest();
    if (adversary_) adversary_->on_build(*this, block);
    Bytes bytes = block.encode();
    BlockDigest digest = world_.format().summarize(bytes)->digest;
    if (adversary_ == nullptr) ASHLAR_ASSERT(state_->check(digest, block));
    if (adversary_ != nullptr) state_->trust(digest, block);
    world_.on_built(digest);
    world_.post(index_, BlockBuilt{action.round, std::move(bytes)}, world_.now());
}

void Node::carry_out(Check& action) {
    try_check(action);
}

void Node::try_check(const Check& check) {
    Expected<ToyBlock> block = ToyBlock::decode(check.block);
    ASHLAR_ASSERT(block.has_value());
    if (!state_->knows(check.parent)) return;  // what became final left it behind
    std::vector<TransactionNumber> missing;
    for (TransactionNumber number : block->transactions) {
        if (names_pack(number) && !holds_pack(number)) missing.push_back(number);
    }
    if (!missing.empty()) {
        waiting_checks_.push_back(check);
        return want_packs(missing, check.proposer);
    }
    bool good = block->next_validators == world_.set_after(block->epoch, block->height).digest() &&
                state_->check(check.digest, *block);
    world_.post(index_, BlockChecked{check.digest, good}, world_.now() + world_.plan().check_us);
}

void Node::carry_out(Notarized& action) {
    tip_ = action.digest;
    working_ = false;  // as the engine takes it from here on
    refresh_work();
}

void Node::carry_out(Finalized& action) {
    ToyBlock block = *ToyBlock::decode(action.block);
    state_->finalize(action.summary.digest, block);
    world_.on_final(*this, action.summary, state_->root());
    std::vector<TransactionNumber> packs;
    for (TransactionNumber number : block.transactions) {
        if (names_pack(number) && !holds_pack(number)) packs.push_back(number);
    }
    if (!packs.empty()) want_packs(packs, key_);
    std::erase_if(pool_, [&](TransactionNumber number) { return state_->is_applied(number); });
    if (action.finalization) {
        if (is_honest()) world_.on_certificate(*this, *action.finalization);
        knowledge_.forget_before(action.finalization->subject.round());
    }
    disk_.append({action.summary, std::move(action.block), std::move(action.finalization)});
    const ValidatorSet& next = world_.set_after(block.epoch, block.height);
    if (!(next == world_.set_of(block.epoch))) {
        world_.post(index_, EpochChanged{next}, world_.now() + 1);
    }
}

// From the chain on this disk: blocks up to one that has a finalization of its own.
void Node::carry_out(Serve& action) {
    if (const auto* by_digest = std::get_if<BlockRequest>(&action.request)) {
        for (const StoredBlock& stored : disk_.chain()) {
            if (!(stored.summary.digest == by_digest->block)) continue;
            return transmit(action.to, BlockResponse{stored.block});
        }
        return;
    }
    const Height from = std::get<FinalizedRequest>(action.request).from;
    FinalizedResponse response;
    const auto& chain = disk_.chain();
    std::optional<std::size_t> end;
    const Epoch epoch = chain[from.value - 1].summary.epoch;
    for (std::size_t at = from.value - 1; at < chain.size(); ++at) {
        if (at - (from.value - 1) >= kFinalizedBlocksPerResponse && end) break;
        if (chain[at].finalization && chain[at].finalization->subject.round().epoch == epoch) {
            end = at;
        }
    }
    if (!end) return;
    for (std::size_t at = from.value - 1; at <= *end; ++at) {
        response.blocks.push_back(chain[at].block);
    }
    response.finalization = *chain[*end].finalization;
    transmit(action.to, std::move(response));
}

void Node::carry_out(ReportEvidence& action) {
    if (is_honest()) world_.on_evidence(*this, action.evidence);
}

void Node::carry_out(Refuse& action) {
    knowledge_.refused(action.peer);
    if (is_honest()) world_.on_refused(*this, action.peer, action.reason);
}

void Node::submit(TransactionNumber number) {
    if (!is_up()) return;
    submitted_.insert(number);
    if (names_pack(number)) {
        packs_.insert(number);
        for (const PublicKey& key : world_.keys()) {
            world_.send(index_, key, {Content::pack, number, nullptr});
        }
    }
    for (const PublicKey& key : world_.keys()) {
        world_.send(index_, key, {Content::transaction, number, nullptr});
    }
    on_transaction(number);
}

void Node::on_transaction(TransactionNumber number) {
    if (!is_up() || pool_.size() >= kPoolMax || state_->is_applied(number)) return;
    if (std::find(pool_.begin(), pool_.end(), number) != pool_.end()) return;
    pool_.push_back(number);
    refresh_work();
}

void Node::on_pack(TransactionNumber pack) {
    if (!is_up()) return;
    packs_.insert(pack);
    wanted_packs_.erase(pack);
    retry_checks();
}

void Node::retry_checks() {
    for (const Check& check : std::exchange(waiting_checks_, {})) try_check(check);
}

void Node::on_pack_request(const PublicKey& from, TransactionNumber pack) {
    if (is_up() && holds_pack(pack)) world_.send(index_, from, {Content::pack, pack, nullptr});
}

void Node::want_packs(const std::vector<TransactionNumber>& packs, const PublicKey& first) {
    for (TransactionNumber pack : packs) {
        if (!wanted_packs_.insert(pack).second) continue;
        world_.send(index_, first, {Content::pack_request, pack, nullptr});
    }
    if (wake_set_ || wanted_packs_.empty()) return;
    wake_set_ = true;
    world_.wake(index_, world_.now() + kPackRetry);
}

void Node::on_wake() {
    if (!is_up()) return;
    wake_set_ = false;
    // What a dead proposal named is wanted no more.
    std::erase_if(waiting_checks_,
                  [&](const Check& check) { return !state_->knows(check.parent); });
    constexpr std::size_t kPacksWantedMax = 1024;
    if (wanted_packs_.size() > kPacksWantedMax) wanted_packs_.clear();
    for (TransactionNumber pack : wanted_packs_) {
        const PublicKey& peer = world_.keys()[pack_turn_++ % world_.keys().size()];
        world_.send(index_, peer, {Content::pack_request, pack, nullptr});
    }
    if (!wanted_packs_.empty()) {
        wake_set_ = true;
        world_.wake(index_, world_.now() + kPackRetry);
    }
}

void Node::refresh_work() {
    if (world_.plan().idle_us == 0) return;
    bool working = std::any_of(pool_.begin(), pool_.end(), [&](TransactionNumber number) {
        return !state_->contains(tip_, number);
    });
    if (working == working_) return;
    working_ = working;
    world_.post(index_, WorkChanged{working}, world_.now());
}

}  // namespace ashlar::simulation
