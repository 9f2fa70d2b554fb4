#include "native/node/node.h"

#include <cstdio>
#include <cstdlib>
#include <future>
#include <set>
#include <utility>

#include "chain/snapshot.h"
#include "chain/voters.h"
#include "codec/genesis.h"
#include "codec/records.h"
#include "codec/transaction.h"
#include "consensus/signatures.h"
#include "forge/access.h"
#include "forge/names.h"
#include "ledger/state_tree.h"
#include "ledger/storage_keys.h"
#include "native/node/clean_marks.h"
#include "native/storage/file_pack_store.h"
#include "native/storage/posix_file_system.h"
#include "native/storage/rocksdb_key_value.h"

namespace ashlar::node {
namespace {

constexpr std::size_t kSecretBytes = 20;
constexpr int kOpenAttemptsMax = 3;

// What is on the disk is in doubt; only a new start can tell.
[[noreturn]] void end_process(const Error& error) {
    std::fprintf(stderr,
                 "ashlar: %s\nashlar: the process ends, for it cannot go on without its disk; what "
                 "was acknowledged is safe. Start it again when the disk works.\n",
                 error.message().c_str());
    std::_Exit(EXIT_FAILURE);
}

std::uint64_t random_number(RandomSource& random) {
    std::array<Byte, 8> bytes{};
    random.fill(bytes);
    return read_big_endian_64(bytes);
}

}  // namespace

std::string make_token_secret(RandomSource& random) {
    std::array<Byte, kSecretBytes> bytes{};
    random.fill(bytes);
    return "ash_" + to_hex(bytes);
}

Expected<std::unique_ptr<Node>> Node::open(const std::filesystem::path& folder,
                                           const NodeOptions& options) {
    const SystemClock clock;
    auto random = std::make_shared<SystemRandom>();
    ASHLAR_TRY(auto data, open_data_folder(folder, clock, *random));
    return open(std::move(data), std::move(random), options, nullptr);
}

Expected<std::unique_ptr<Node>> Node::open(DataFolder data, std::shared_ptr<RandomSource> random,
                                           const NodeOptions& options, OrdererFactory make_orderer,
                                           const PrepareStore& prepare) {
    storage::raise_open_files_limit();
    storage::RocksDbOptions rows_options;
    ASHLAR_TRY(auto rows, storage::RocksDbKeyValue::open(data.path / kStoreFolder, rows_options));
    ASHLAR_TRY(auto packs,
               storage::FilePackStore::open(
                   *rows, std::make_shared<storage::PosixFileSystem>(data.path), end_process));
    if (prepare) ASHLAR_CHECK(prepare(*rows, *packs));
    return start(
        {std::move(rows), std::move(packs), std::make_shared<SystemClock>(), std::move(random),
         std::move(data.genesis), std::move(data.key), end_process, std::move(make_orderer)},
        options);
}

Node::Node(NodeParts parts, const NodeOptions& options)
    : parts_(std::move(parts)),
      rows_(*parts_.rows),
      options_(options),
      chain_id_(chain::chain_id_of(parts_.genesis)),
      catalogs_(*parts_.packs, options.catalog_count_max, options.catalog_index_bytes_max),
      nonces_(parts_.key),
      receive_memory_(options.pack_limits.delta_memory_max) {}

// Those with threads first, for these use the others.
Node::~Node() {
    bundles_.reset();
    housekeeper_.reset();
    orderer_.reset();
}

Expected<std::unique_ptr<Node>> Node::start(NodeParts parts, const NodeOptions& options) {
    std::unique_ptr<Node> node(new Node(std::move(parts), options));
    ASHLAR_CHECK(node->begin_chain());
    node->refresh_state();
    ASHLAR_CHECK(node->check_head());
    ASHLAR_CHECK(node->remove_unattached_packs());
    OrdererParts orderer{node->rows_,
                         node->chain_id_,
                         node->parts_.key,
                         *node->parts_.clock,
                         [raw = node.get()](const chain::FinalizedBlock&) { raw->refresh_state(); },
                         node->parts_.on_failure};
    if (const OrdererFactory& make = node->parts_.make_orderer) {
        ASHLAR_TRY(node->orderer_, make(*node, std::move(orderer)));
    } else if (node->parts_.genesis.validators.size() > 1) {
        return fail(ErrorCode::unsupported,
                    "the network has " + std::to_string(node->parts_.genesis.validators.size()) +
                        " validators: start with --config, which says where the others are");
    } else {
        ASHLAR_TRY(node->orderer_, SoleOrderer::start(std::move(orderer), options.orderer));
    }
    node->housekeeper_ = std::make_unique<Housekeeper>(*node, options.housekeeping);
    node->bundles_ =
        std::make_unique<Bundles>(node->rows_, options.bundles, node->parts_.on_failure);
    return node;
}

Expected<void> Node::begin_chain() {
    const std::shared_ptr<const KeyValueReader> rows(std::shared_ptr<void>(), parts_.rows.get());
    ASHLAR_TRY(const bool partial, chain::holds_partial_snapshot(*rows));
    if (partial) {
        return fail(ErrorCode::unavailable,
                    "the store holds a part of a state only; start with --config, so that all of "
                    "it is fetched from the other validators");
    }
    const auto tip = chain::load_tip(rows);
    if (!tip && tip.error().code != ErrorCode::not_found) return Unexpected(tip.error());
    if (!tip) {
        ASHLAR_TRY(const auto genesis, chain::make_genesis_state(parts_.genesis));
        return parts_.rows->commit(genesis.rows, Durability::synced);
    }
    if (tip->header.chain == chain_id_) return {};
    return fail(ErrorCode::conflict,
                "the store belongs to the network " + tip->header.chain.hex() +
                    ", and genesis.json describes " + chain_id_.hex() +
                    "; put the genesis.json back that the store was made with");
}

// That the state is the one which the head's header names, and that the head was certified.
Expected<void> Node::check_head() const {
    const auto state = this->state();
    ASHLAR_TRY(const auto header, state->head());
    ASHLAR_TRY(const auto root,
               ledger::root_of_tree(ledger::TreeKind::state,
                                    as_bytes(ledger::storage_prefix::kStateTree), state->rows()));
    if (root != header.state_root) {
        return fail(ErrorCode::corrupt, "the state does not match block " +
                                            std::to_string(header.height.value) +
                                            "; restore the data folder from a backup");
    }
    if (header.height.value == 0) return {};
    ASHLAR_TRY(const auto stored, state->block(header.height));
    ASHLAR_TRY(const auto digest, state->head_digest());
    ASHLAR_TRY(const auto validators, state->validators_of(header.epoch));
    ASHLAR_TRY(const auto set, chain::voters_of(validators));
    const bool certified =
        stored.digest == digest && stored.finalization &&
        stored.finalization->subject.proposal.block == digest &&
        consensus::verify(*stored.finalization, chain_id_, set, consensus::Ed25519Verifier());
    if (certified) return {};
    return fail(ErrorCode::corrupt,
                "block " + std::to_string(header.height.value) +
                    " has no valid certificate; restore the data folder from a backup");
}

Expected<void> Node::remove_unattached_packs() {
    ASHLAR_TRY(const auto stored, parts_.packs->list());
    return remove_unattached_among(stored);
}

Expected<void> Node::remove_unattached_among(const std::vector<git::PackDigest>& digests) {
    Expected<void> result;
    std::size_t removed = 0;
    // Where a push is about to publish, the next round of housekeeping does it.
    pins_.while_nothing_is_published([&](const PackPins::IsPinned&) {
        const auto attached = attached_packs();
        if (!attached) result = Unexpected(attached.error());
        for (const git::PackDigest& digest : digests) {
            if (!result) return;
            if (attached->contains(digest)) pins_.is_attached(digest);
            if (attached->contains(digest) ||
                !pins_.may_be_removed(digest, options_.unattached_ms)) {
                continue;
            }
            result = parts_.packs->remove(digest);
            ++removed;
        }
    });
    if (removed > 0) forget_open_packs();
    return result;
}

Expected<std::shared_ptr<const void>> Node::hold_pack(const git::PackDigest& digest) {
    ASHLAR_TRY(auto pin, pins_.pin_if(digest, [&] { return parts_.packs->contains(digest); }));
    return std::shared_ptr<const void>(std::shared_ptr<const PackPins::Pin>(std::move(pin)));
}

Expected<void> Node::give_up_state() {
    return chain::begin_snapshot(rows_);
}

Expected<std::set<git::PackDigest>> Node::attached_packs() const {
    std::set<git::PackDigest> attached;
    std::optional<Error> bad;
    const auto state = this->state();
    ASHLAR_CHECK(state->rows().scan_prefix(
        as_bytes(ledger::storage_prefix::kRepositoryPack), [&](ByteView, ByteView value) {
            const auto pack = codec::decode_pack_reference(value);
            if (pack) {
                attached.insert(pack->digest);
            } else {
                bad = pack.error();
            }
            return pack.has_value();
        }));
    if (bad) return fail(ErrorCode::corrupt, "a repository's pack row: " + bad->message());
    return attached;
}

void Node::refresh_state() {
    const std::lock_guard lock(refresh_mutex_);
    state_.store(std::make_shared<const chain::StateReader>(
        std::shared_ptr<const KeyValueReader>(parts_.rows->snapshot())));
    views_.clear();
}

std::shared_ptr<const chain::StateReader> Node::state() const {
    return state_.load();
}

Expected<Author> Node::authenticate(std::string_view token_secret) const {
    const auto state = this->state();
    ASHLAR_TRY(auto token, state->token_by_secret(token_secret));
    if (!forge::is_valid_at(token, parts_.clock->now_ms())) {
        return fail(ErrorCode::unauthenticated, "the token has expired");
    }
    ASHLAR_TRY(auto account, state->account(token.account));
    return Author{std::move(account), std::move(token)};
}

Expected<RepositoryView> Node::open_repository(const forge::Viewer& viewer, std::string_view owner,
                                               std::string_view name,
                                               forge::RepositoryAction action) const {
    // Housekeeping may remove a pack after its list was read and before it is open; then there is
    // a newer list.
    for (int attempt = 1;; ++attempt) {
        auto view = view_of(viewer, owner, name, action);
        const bool again = !view && view.error().code == ErrorCode::corrupt;
        if (!again || attempt == kOpenAttemptsMax) return view;
    }
}

Expected<RepositoryView> Node::view_of(const forge::Viewer& viewer, std::string_view owner,
                                       std::string_view name,
                                       forge::RepositoryAction action) const {
    const std::uint64_t era = views_.era();
    const auto state = this->state();
    const auto what = "repository " + forge::full_name(owner, name);
    const auto known = views_.find(*state, owner, name);
    if (known) {
        ASHLAR_CHECK(forge::require(forge::may(viewer, known->repository, action), what));
        return *known;
    }
    RepositoryView view;
    view.state = state;
    auto repository = state->repository(owner, name);
    if (!repository && repository.error().code == ErrorCode::not_found) {
        return fail(ErrorCode::not_found, what);
    }
    if (!repository) return Unexpected(std::move(repository).error());
    view.repository = std::move(*repository);
    ASHLAR_CHECK(forge::require(forge::may(viewer, view.repository, action), what));
    ASHLAR_CHECK(read_view(view));
    views_.keep(era, owner, name, view);
    return view;
}

Expected<void> Node::read_view(RepositoryView& view) const {
    ASHLAR_TRY(view.owner, view.state->account(view.repository.owner));
    view.refs = std::make_shared<chain::StateRefSource>(
        std::shared_ptr<const KeyValueReader>(view.state, &view.state->rows()), view.repository);
    ASHLAR_TRY(const auto packs, view.state->packs(view.repository.id));
    ASHLAR_TRY(view.packs, catalogs_.open(packs));
    if (view.repository.may_hold_unreachable) {
        ASHLAR_TRY(const bool clean, is_marked_clean(view.state->rows(), view.repository));
        view.repository.may_hold_unreachable = !clean;
    }
    return {};
}

void Node::submit(const Author& author, forge::Action action,
                  chain::Orderer::Completion completion) {
    forge::Transaction transaction;
    transaction.chain = chain_id_;
    transaction.expires_ms = parts_.clock->now_ms() + options_.transaction_lifetime_ms;
    transaction.nonce = random_number(*parts_.random);
    transaction.author = author.account.id;
    transaction.authorship = forge::AttestedByValidator{parts_.key.public_key(), author.token.id};
    transaction.action = std::move(action);
    orderer_->submit(codec::sign(std::move(transaction), parts_.key), std::move(completion));
}

Expected<chain::Receipt> Node::order(const Author& author, forge::Action action) {
    auto promise = std::make_shared<std::promise<Expected<chain::Receipt>>>();
    auto answer = promise->get_future();
    submit(author, std::move(action),
           [promise](Expected<chain::Receipt> receipt) { promise->set_value(std::move(receipt)); });
    return answer.get();
}

Expected<chain::Receipt> Node::submit_and_wait(const Author& author, forge::Action action) {
    ASHLAR_TRY(auto receipt, order(author, std::move(action)));
    if (receipt.result.refusal) return Unexpected(*receipt.result.refusal);
    return receipt;
}

Expected<NewToken> Node::create_token(const Author& author, forge::CreateToken token) {
    NewToken made;
    made.secret = make_token_secret(*parts_.random);
    token.secret_hash = forge::token_secret_hash(made.secret);
    ASHLAR_TRY(const auto receipt, submit_and_wait(author, std::move(token)));
    made.id = receipt.result.token;
    return made;
}

std::unique_ptr<Push> Node::begin_push(Author author, RepositoryView view, git::PushRequest request,
                                       PushOptions options) {
    return std::unique_ptr<Push>(new Push(*this, std::move(author), std::move(view),
                                          std::move(request), std::move(options)));
}

Expected<forge::PackReference> Node::publish(git::PackStaging& staging,
                                             const git::ReceivedPack& received, PackPin& pin) {
    ASHLAR_TRY(auto published, pins_.publish([&staging, &received] {
        return staging.publish(received.object_count, received.index);
    }));
    pin = std::move(published.pin);
    const git::PackManifest& manifest = published.manifest;
    return forge::PackReference{manifest.digest(), manifest.size, manifest.object_count,
                                manifest.index_digest};
}

Expected<void> Node::replace_packs(forge::RepositoryId repository,
                                   const std::vector<chain::RepositoryPack>& old,
                                   const std::optional<forge::PackReference>& pack) {
    std::vector<std::uint64_t> sequences;
    for (const chain::RepositoryPack& replaced : old) sequences.push_back(replaced.sequence);
    std::vector<chain::RepositoryPack> put;
    if (pack) put.push_back({sequences.back(), *pack});
    const auto decide = [&](const KeyValueReader& rows) -> Expected<WriteBatch> {
        // A block may have removed the repository, or given its name to another.
        for (const chain::RepositoryPack& replaced : old) {
            ASHLAR_TRY(const auto row,
                       rows.get(ledger::storage_key(ledger::storage_prefix::kRepositoryPack,
                                                    repository.value, replaced.sequence)));
            if (row && *row == codec::encode(replaced.pack)) continue;
            return fail(ErrorCode::conflict, "the repository's packs have changed");
        }
        return chain::replace_packs(repository, sequences, put);
    };
    const auto committed = rows_.commit_between_blocks(decide);
    if (!committed) {
        if (committed.error().code != ErrorCode::conflict) parts_.on_failure(committed.error());
        return Unexpected(committed.error());
    }
    refresh_state();
    std::vector<git::PackDigest> digests;
    for (const chain::RepositoryPack& replaced : old) digests.push_back(replaced.pack.digest);
    return remove_unattached_among(digests);
}

Expected<void> Node::put_graph(const git::PackDigest& pack, ByteView graph) {
    ASHLAR_CHECK(parts_.packs->put_graph(pack, graph));
    // Catalogs that are opened from now on have it.
    forget_open_packs();
    return {};
}

void Node::forget_open_packs() {
    catalogs_.clear();
    views_.clear();
}

Expected<void> Node::mark_clean(const forge::Repository& repository) {
    WriteBatch batch;
    batch.put(clean_mark_key(repository.id), clean_mark(repository));
    const auto committed = rows_.commit(batch, Durability::synced);
    if (!committed) {
        parts_.on_failure(committed.error());
        return committed;
    }
    refresh_state();
    return {};
}

}  // namespace ashlar::node
