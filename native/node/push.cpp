#include "native/node/push.h"

#include <algorithm>
#include <utility>

#include "chain/push_check.h"
#include "git/pack/packed_objects.h"
#include "git/walk/connectivity.h"
#include "git/walk/reachability.h"
#include "native/node/node.h"

namespace ashlar::node {
namespace {

forge::RefUpdate to_ledger(const git::RefUpdate& update) {
    forge::RefUpdate made;
    made.name = update.name;
    if (!update.creates()) made.old_id = update.old_id;
    if (!update.deletes()) made.new_id = update.new_id;
    return made;
}

}  // namespace

struct Push::Arrived {
    std::optional<git::ReceivedPack> pack;            // absent where nothing, or no object, came
    std::shared_ptr<const git::PackCatalog> catalog;  // of that pack alone
    std::unique_ptr<git::ObjectSource> in_pack;
    std::unique_ptr<git::ObjectSource> stored;
    std::unique_ptr<git::ObjectSource> all;  // the pack over what was stored
    forge::UpdateRefs action;
    std::vector<std::size_t> positions;  // in the request, of each of the action's updates
};

forge::Viewer Author::viewer() const {
    return forge::Viewer::with_token(account, token.scopes);
}

Push::Push(Node& node, Author author, RepositoryView view, git::PushRequest request,
           PushOptions options)
    : node_(node),
      author_(std::move(author)),
      view_(std::move(view)),
      request_(std::move(request)),
      options_(std::move(options)) {
    if (!request_.certificate) return;
    const auto checked = node_.check_push_nonce(view_.repository.id, request_.certificate->nonce);
    if (!checked) failure_ = checked.error();
}

Push::~Push() = default;

Expected<void> Push::write(ByteView bytes) {
    if (failure_) return Unexpected(*failure_);
    auto written = receiver_ ? Expected<void>() : begin_pack();
    if (written) written = receiver_->write(bytes);
    if (written && spread_) spread_->arrived(bytes);
    if (!written) failure_ = written.error();
    return written;
}

Expected<void> Push::begin_pack() {
    ASHLAR_TRY(staging_, node_.packs().stage());
    bases_ = view_.objects();
    git::PackReceiver::Options options;
    options.limits = options_.limits;
    options.progress = options_.progress;
    options.runner = options_.runner;
    options.memory = &node_.receive_memory();
    // What no ref reaches the pusher may not read, and a delta upon it would be a way to.
    git::ObjectSource* thin_bases = view_.repository.may_hold_unreachable ? nullptr : bases_.get();
    receiver_ = std::make_unique<git::PackReceiver>(*staging_, thin_bases, std::move(options));
    if (auto* spreader = node_.pack_spreader()) {
        spread_ = spreader->begin(view_.repository.id, *staging_);
    }
    return {};
}

PushResult Push::finish() {
    PushResult result;
    for (const git::RefUpdate& update : request_.updates) {
        result.outcomes.push_back({update.name, std::nullopt});
    }
    Arrived arrived;
    auto done = failure_ ? Expected<void>(Unexpected(*failure_)) : end_pack(arrived);
    if (!done) {
        result.unpack_failure = done.error();
        refuse_all("unpacker error", result);
        return result;
    }
    if (arrived.pack) {
        result.pack_bytes = arrived.pack->pack_size;
        result.object_count = arrived.pack->object_count;
        result.warnings = arrived.pack->warnings;
    }
    done = judge_all(arrived, result);
    if (done) done = order(arrived, result);
    if (!done) refuse_all(done.error().message(), result);
    return result;
}

// Those that have a reason already keep it.
void Push::refuse_all(const std::string& reason, PushResult& result) const {
    for (git::RefOutcome& outcome : result.outcomes) {
        if (!outcome.refusal) outcome.refusal = reason;
    }
}

Expected<void> Push::end_pack(Arrived& arrived) {
    if (!receiver_ && request_.expects_pack()) {
        return fail(ErrorCode::invalid, "the request ends before its pack begins");
    }
    arrived.stored = view_.objects();
    if (receiver_) {
        if (spread_) spread_->ended();
        ASHLAR_TRY(auto received, receiver_->finish());
        if (received.object_count > 0) arrived.pack = std::move(received);
    }
    std::vector<std::shared_ptr<const git::StoredPack>> packs;
    if (arrived.pack) packs.push_back(git::view_staged_pack(*staging_, *arrived.pack));
    ASHLAR_TRY(arrived.catalog, git::PackCatalog::open(std::move(packs)));
    arrived.in_pack = std::make_unique<git::PackedObjects>(arrived.catalog);
    arrived.all = std::make_unique<git::ObjectSourceOverlay>(*arrived.in_pack, *arrived.stored);
    return {};
}

Expected<void> Push::judge_all(Arrived& arrived, PushResult& result) {
    const auto refusals = git::refusals_of(request_);
    arrived.action.repository = view_.repository.id;
    for (std::size_t i = 0; i < request_.updates.size(); ++i) {
        const git::RefUpdate& update = request_.updates[i];
        forge::RefUpdate made = to_ledger(update);
        result.outcomes[i].refusal = refusals[i];
        if (!refusals[i]) {
            ASHLAR_TRY(result.outcomes[i].refusal, judge(update, arrived, made));
        }
        if (result.outcomes[i].refusal) continue;
        arrived.positions.push_back(i);
        arrived.action.updates.push_back(std::move(made));
    }
    ASHLAR_CHECK(check_connectivity(arrived, result));
    const bool some_refused = arrived.positions.size() < request_.updates.size();
    if (some_refused && request_.atomic) {
        return fail(ErrorCode::conflict, "atomic push: another ref was refused");
    }
    // A refused ref's objects came in the same pack as the others'.
    if (arrived.pack) {
        ASHLAR_TRY(const bool reach_all,
                   chain::tips_reach_all(chain::findings_of(*arrived.pack), arrived.action,
                                         [](const git::ObjectId&) { return false; }));
        arrived.action.rewinds = some_refused || !reach_all;
    }
    for (const forge::RefUpdate& update : arrived.action.updates) {
        if (arrived.action.rewinds) break;
        ASHLAR_TRY(arrived.action.rewinds, chain::rewinds(*arrived.all, update));
    }
    return {};
}

Expected<std::optional<std::string>> Push::judge(const git::RefUpdate& update, Arrived& arrived,
                                                 forge::RefUpdate& made) const {
    using Refusal = std::optional<std::string>;
    // A stale push is refused before its pack is published; the ledger looks again.
    ASHLAR_TRY(const auto current, node_.state()->records().ref(view_.repository.id, update.name));
    const git::ObjectId current_id = current ? current->id : git::ObjectId{};
    if (current_id != update.old_id) return Refusal("fetch first: the ref has moved on");
    if (update.deletes()) return Refusal();
    const auto peeled = chain::peel_new_tip(*arrived.all, update.name, update.new_id);
    if (!peeled && peeled.error().code == ErrorCode::invalid) return Refusal(peeled.error().detail);
    if (!peeled) return Unexpected(peeled.error());
    made.peeled = *peeled;
    return Refusal();
}

Expected<void> Push::check_connectivity(Arrived& arrived, PushResult& result) const {
    git::ConnectivityRequest request;
    request.unreachable = view_.repository.may_hold_unreachable ? git::Unreachable::may_be_held
                                                                : git::Unreachable::none;
    request.is_in_pack = [&arrived](const git::ObjectId& id) {
        const auto found = arrived.catalog->contains(id);
        return found && *found;
    };
    for (const forge::RefUpdate& update : arrived.action.updates) {
        if (update.new_id) request.tips.push_back(*update.new_id);
    }
    if (request.tips.empty()) return {};
    if (arrived.pack) request.boundary = arrived.pack->boundary;
    request.stored_packs = view_.packs;
    const auto connected = git::check_connected(*arrived.stored, *view_.refs, request);
    if (connected) return {};
    if (connected.error().code != ErrorCode::invalid) return Unexpected(connected.error());
    std::vector<std::size_t> kept;
    std::vector<forge::RefUpdate> deletions;
    for (std::size_t i = 0; i < arrived.positions.size(); ++i) {
        forge::RefUpdate& update = arrived.action.updates[i];
        if (update.new_id) {
            result.outcomes[arrived.positions[i]].refusal =
                "missing necessary objects: " + connected.error().detail;
        } else {
            kept.push_back(arrived.positions[i]);
            deletions.push_back(std::move(update));
        }
    }
    arrived.positions = std::move(kept);
    arrived.action.updates = std::move(deletions);
    arrived.pack.reset();  // nothing that is left names it
    return {};
}

Expected<void> Push::order(Arrived& arrived, PushResult& result) {
    if (arrived.action.updates.empty()) return {};
    arrived.action.atomicity =
        request_.atomic ? forge::RefAtomicity::all_or_none : forge::RefAtomicity::each_alone;
    arrived.action.push_options = request_.push_options;
    if (request_.certificate) arrived.action.certificate = request_.certificate->whole();
    PackPin pin;
    if (arrived.pack) {
        ASHLAR_TRY(arrived.action.pack, node_.publish(*staging_, *arrived.pack, pin));
        if (spread_) spread_->stored(*arrived.action.pack, *arrived.pack);
    }
    const auto pack = arrived.action.pack;
    auto receipt = node_.order(author_, std::move(arrived.action));
    pin.reset();
    const bool attached = receipt && receipt->result.applied();
    // Where the ledger's answer is not known the pack may be attached yet, and stays.
    if (pack && receipt && !attached) {
        static_cast<void>(node_.remove_unattached_among({pack->digest}));
    }
    if (!receipt) return Unexpected(receipt.error());
    if (receipt->result.applied()) {
        result.height = receipt->height;
        node_.housekeeper().note_push(view_.repository.id);
    }
    result.is_signed = attached && request_.certificate.has_value();
    if (result.is_signed && receipt->result.ssh_key.value != 0) {
        // Somebody may have deleted it meanwhile.
        const auto key = node_.state()->ssh_key(receipt->result.ssh_key);
        if (key) result.signed_by = *key;
    }
    for (std::size_t i = 0; i < arrived.positions.size(); ++i) {
        git::RefOutcome& outcome = result.outcomes[arrived.positions[i]];
        if (i < receipt->result.refs.size()) {
            const auto& refusal = receipt->result.refs[i].refusal;
            if (refusal) outcome.refusal = refusal->detail;
        } else if (receipt->result.refusal) {
            outcome.refusal = receipt->result.refusal->detail;
        }
    }
    return {};
}

}  // namespace ashlar::node
