#include "orderer_world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "chain/state_reader.h"
#include "codec/block.h"
#include "codec/transaction.h"
#include "native/validator/pack_claims.h"

namespace ashlar::validator {

namespace {
constexpr std::chrono::seconds kPatience{60};
constexpr std::uint64_t kLifetimeMs = 60'000;
constexpr std::string_view kJournal = "journal";
}  // namespace

void ToldPacks::store(const git::PackDigest& pack) {
    std::vector<Waiting> now;
    {
        const std::lock_guard lock(mutex_);
        stored_.insert(pack);
        std::vector<Waiting> still;
        for (Waiting& waiting : waiting_) {
            (are_stored(waiting.packs) ? now : still).push_back(std::move(waiting));
        }
        waiting_ = std::move(still);
    }
    for (const Waiting& waiting : now) waiting.answer(keep_all(waiting.packs));
}

bool ToldPacks::is_kept(const git::PackDigest& pack) const {
    const std::lock_guard lock(mutex_);
    const auto [begin, end] = kept_.equal_range(pack);
    return std::any_of(begin, end, [](const auto& one) { return !one.second.expired(); });
}

KeptPacks ToldPacks::keep_all(const std::vector<git::PackDigest>& packs) {
    const std::lock_guard lock(mutex_);
    KeptPacks kept;
    for (const git::PackDigest& pack : packs) {
        kept.push_back(std::make_shared<const int>(0));
        kept_.emplace(pack, kept.back());
    }
    return kept;
}

bool ToldPacks::was_asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
}

bool ToldPacks::are_stored(const std::vector<git::PackDigest>& packs) const {
    return std::all_of(packs.begin(), packs.end(),
                       [this](const git::PackDigest& pack) { return stored_.count(pack) != 0; });
}

void ToldPacks::check(PackQuestion question, Answer answer) {
    Waiting waiting;
    for (const PackClaim& claim : question.claims) {
        if (claim.action.pack) waiting.packs.push_back(claim.action.pack->digest);
    }
    waiting.answer = [answer = std::move(answer)](KeptPacks kept) {
        answer(Verdict::good, std::move(kept));
    };
    wait_for(std::move(waiting));
}

void ToldPacks::want(std::vector<forge::PackReference> packs, std::optional<PublicKey>,
                     Stored stored) {
    Waiting waiting;
    for (const forge::PackReference& pack : packs) waiting.packs.push_back(pack.digest);
    waiting.answer = std::move(stored);
    wait_for(std::move(waiting));
}

void ToldPacks::wait_for(Waiting waiting) {
    {
        const std::lock_guard lock(mutex_);
        asked_ = true;
        if (stopped_) return;
        if (!are_stored(waiting.packs)) {
            waiting_.push_back(std::move(waiting));
            return;
        }
    }
    waiting.answer(keep_all(waiting.packs));
}

void ToldPacks::keep(std::vector<forge::PackReference> packs, Stored stored) {
    std::vector<git::PackDigest> digests;
    for (const forge::PackReference& pack : packs) digests.push_back(pack.digest);
    {
        const std::lock_guard lock(mutex_);
        if (stopped_ || !are_stored(digests)) return;
    }
    stored(keep_all(digests));
}

void ToldPacks::stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    waiting_.clear();
}

Member::Member(OrdererWorld& world, std::size_t index)
    : world_(world),
      index_(index),
      key_(OrdererWorld::key_of(index)),
      machine_(index + 1),
      packs_(std::make_unique<ToldPacks>()) {
    const auto state = chain::make_genesis_state(world.genesis());
    EXPECT_TRUE(state);
    EXPECT_TRUE(rows().commit(state->rows, Durability::synced));
    EXPECT_TRUE(VoteJournal::create(*machine_.files(), std::string(kJournal),
                                    chain::chain_id_of(world.genesis())));
}

Member::~Member() {
    stop();
}

void Member::start() {
    const auto chain_id = chain::chain_id_of(world_.genesis());
    storage::FileSystem& files = *machine_.files();
    auto journal = VoteJournal::open(files, std::string(kJournal), chain_id);
    if (!journal) journal = VoteJournal::create(files, std::string(kJournal), chain_id);
    ASSERT_TRUE(journal) << journal.error().message();
    auto orderer = ConsensusOrderer::start(
        {rows(), chain_id, key_, *this, std::move(*journal), journal_lost_, *packs_, *this,
         [this](const chain::FinalizedBlock& block) { note_committed(block); },
         [this](const Error& error) {
             if (!has_power_) return;
             const std::lock_guard lock(world_.mutex_);
             world_.failures_.push_back(error);
         },
         [this] { journal_lost_ = false; }, [](const forge::ValidatorSet&) {}},
        world_.options_);
    ASSERT_TRUE(orderer) << orderer.error().message();
    const std::unique_lock lock(alive_);
    orderer_ = std::move(*orderer);
}

void Member::stop() {
    packs_->stop();
    std::unique_ptr<ConsensusOrderer> ending;
    {
        const std::unique_lock lock(alive_);
        ending = std::move(orderer_);
    }
    ending.reset();
    packs_ = std::make_unique<ToldPacks>();
}

void Member::cut_power() {
    has_power_ = false;
    machine_.plan().crash_at(1);
    stop();
    machine_.restart();
    has_power_ = true;
}

void Member::lose_journal() {
    storage::FileSystem& files = *machine_.files();
    const auto names = files.list(std::string(kJournal));
    for (const std::string& name : *names) {
        EXPECT_TRUE(files.remove(std::string(kJournal) + "/" + name));
    }
    journal_lost_ = true;
}

std::uint64_t Member::height() {
    const std::shared_lock lock(alive_);
    return orderer_ == nullptr ? 0 : orderer_->status().applied_height.value;
}

void Member::note_committed(const chain::FinalizedBlock& block) {
    for (const auto& pack : packs_named_in(codec::encode(block.block))) {
        if (packs_->is_kept(pack.digest)) continue;
        const std::lock_guard lock(unkept_mutex_);
        unkept_.insert(pack.digest);
    }
}

std::set<git::PackDigest> Member::unkept() const {
    const std::lock_guard lock(unkept_mutex_);
    return unkept_;
}

void Member::vote_for_a_block_with(const git::PackDigest& pack) {
    const auto chain_id = chain::chain_id_of(world_.genesis());
    const chain::BlockExecutor executor(chain_id);
    const auto tip = chain::load_tip({std::shared_ptr<void>(), &rows()});
    ASSERT_TRUE(tip);
    const auto transaction = sign(push_to(forge::RepositoryId(1), pack));
    auto admitted = executor.admit(*tip, codec::encode(transaction), now_ms());
    ASSERT_TRUE(admitted) << admitted.error().message();
    const auto built = executor.build(*tip, {*admitted}, now_ms());
    ASSERT_TRUE(built) << built.error().message();
    auto journal = VoteJournal::open(*machine_.files(), std::string(kJournal), chain_id);
    ASSERT_TRUE(journal) << journal.error().message();
    (*journal)->append(consensus::BlockRecord{{ledger::Epoch(0), consensus::View(1)},
                                              codec::encode(built->executed.block)});
    ASSERT_TRUE((*journal)->sync());
}

forge::SignedTransaction Member::sign(forge::Action action) {
    static std::atomic<std::uint64_t> nonce = 1;
    forge::Transaction transaction;
    transaction.chain = chain::chain_id_of(world_.genesis());
    transaction.expires_ms = now_ms() + kLifetimeMs;
    transaction.nonce = nonce++;
    transaction.author = forge::AccountId(1);
    transaction.authorship = forge::AttestedByValidator{key_.public_key(), forge::TokenId(1)};
    transaction.action = std::move(action);
    return codec::sign(std::move(transaction), key_);
}

std::future<Expected<chain::Receipt>> Member::submit(forge::Action action) {
    auto promise = std::make_shared<std::promise<Expected<chain::Receipt>>>();
    auto answer = promise->get_future();
    orderer_->submit(sign(std::move(action)), [promise](Expected<chain::Receipt> receipt) {
        promise->set_value(std::move(receipt));
    });
    return answer;
}

void Member::deliver(std::size_t to, const peer::SharedMessage& message) {
    if (to == index_ || world_.is_cut(index_, to)) return;
    Member& member = world_[to];
    const std::shared_lock lock(member.alive_, std::try_to_lock);
    if (lock && member.orderer_ != nullptr) {
        member.orderer_->on_message(key_.public_key(), *message);
    }
}

void Member::send(const PublicKey& to, peer::Channel, peer::SharedMessage message) {
    deliver(world_.index_of(to), message);
}

void Member::broadcast(peer::Channel, peer::SharedMessage message) {
    for (std::size_t to = 0; to < world_.size(); ++to) deliver(to, message);
}

void Member::refuse(const PublicKey&, const std::string& reason) {
    const std::lock_guard lock(world_.mutex_);
    world_.refusals_.push_back(reason);
}

std::uint64_t Member::now_ms() const {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

ConsensusOptions OrdererWorld::quick() {
    ConsensusOptions options;
    options.expected_delay_ms = 100;
    return options;
}

crypto::SigningKey OrdererWorld::key_of(std::size_t index) {
    return *crypto::SigningKey::from_seed(Bytes(32, static_cast<Byte>(index + 1)));
}

OrdererWorld::OrdererWorld(std::size_t count, ConsensusOptions options) : options_(options) {
    genesis_.network_name = "test";
    genesis_.time_ms = 1'700'000'000'000;
    for (std::size_t i = 0; i < count; ++i) {
        forge::Validator validator;
        validator.key = key_of(i).public_key();
        validator.name = "v" + std::to_string(i + 1);
        genesis_.validators.push_back(std::move(validator));
    }
    std::sort(genesis_.validators.begin(), genesis_.validators.end(),
              [](const auto& left, const auto& right) { return left.key < right.key; });
    genesis_.administrator = {"admin", forge::token_secret_hash("secret")};
    for (std::size_t i = 0; i < count; ++i) members_.push_back(std::make_unique<Member>(*this, i));
}

// While any of them runs it sends to all the others.
OrdererWorld::~OrdererWorld() {
    for (const auto& member : members_) member->stop();
}

void OrdererWorld::start_all() {
    for (const auto& member : members_) {
        if (!member->is_up()) member->start();
    }
    connect();
}

void OrdererWorld::connect() {
    for (std::size_t i = 0; i < size(); ++i) {
        if (!members_[i]->is_up()) continue;
        std::vector<PublicKey> connected;
        for (std::size_t other = 0; other < size(); ++other) {
            if (other == i || !members_[other]->is_up() || is_cut(i, other)) continue;
            connected.push_back(key_of(other).public_key());
        }
        members_[i]->orderer().peers_changed(std::move(connected));
    }
}

void OrdererWorld::cut(std::size_t left, std::size_t right) {
    const std::lock_guard lock(mutex_);
    cuts_.insert({left, right});
    cuts_.insert({right, left});
}

bool OrdererWorld::is_cut(std::size_t left, std::size_t right) const {
    const std::lock_guard lock(mutex_);
    return cuts_.count({left, right}) != 0;
}

std::size_t OrdererWorld::index_of(const PublicKey& key) const {
    for (std::size_t i = 0; i < size(); ++i) {
        if (key_of(i).public_key() == key) return i;
    }
    return 0;
}

bool OrdererWorld::wait_for_height(std::uint64_t height, const std::vector<std::size_t>& members) {
    const auto limit = std::chrono::steady_clock::now() + kPatience;
    while (true) {
        const bool all = std::all_of(members.begin(), members.end(), [&](std::size_t index) {
            return members_[index]->height() >= height;
        });
        if (all) return true;
        if (std::chrono::steady_clock::now() > limit) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
}

std::vector<std::string> OrdererWorld::refusals() const {
    const std::lock_guard lock(mutex_);
    return refusals_;
}

std::vector<Error> OrdererWorld::failures() const {
    const std::lock_guard lock(mutex_);
    return failures_;
}

forge::Action create_account(const std::string& login) {
    forge::CreateAccount action;
    action.login = login;
    return action;
}

forge::Action create_repository(const std::string& name) {
    forge::CreateRepository action;
    action.owner = forge::AccountId(1);
    action.name = name;
    return action;
}

forge::Action push_to(forge::RepositoryId repository, const git::PackDigest& pack) {
    forge::UpdateRefs action;
    action.repository = repository;
    forge::RefUpdate update;
    update.name = "refs/heads/main";
    update.new_id = *git::ObjectId::from_hex("0123456789012345678901234567890123456789");
    action.updates.push_back(std::move(update));
    forge::PackReference reference;
    reference.digest = pack;
    reference.size = 100;
    reference.object_count = 3;
    action.pack = reference;
    return action;
}

}  // namespace ashlar::validator
