#include "native/api/sync_api.h"

#include <charconv>

#include "api/proof_json.h"
#include "chain/repository_checkpoint.h"
#include "git/walk/reachability.h"
#include "native/api/authentication.h"
#include "native/api/entity.h"
#include "native/api/errors.h"
#include "native/api/rest_api.h"
#include "native/api/visible.h"

namespace ashlar::native {

namespace {

constexpr std::string_view kBytesType = "application/octet-stream";
// A list is held whole while it is answered.
constexpr std::uint64_t kListedRefsMax = 200'000;

// Which part of a repository is asked for, and for whom.
struct Asked {
    std::vector<std::string> segments;  // "repositories", owner, name, then the part
    forge::Viewer viewer;
    bool alone = false;  // whether the answer is this caller's only

    const std::string& owner() const { return segments[1]; }
    const std::string& name() const { return segments[2]; }
    std::string_view forever() const { return alone ? kForeverAlone : kForever; }
};

Expected<node::RepositoryView> open(const node::Node& node, const Asked& asked) {
    return node.open_repository(asked.viewer, asked.owner(), asked.name(),
                                forge::RepositoryAction::read);
}

Expected<Entity> newest_header(const node::Node& node) {
    const auto state = node.state();
    ASHLAR_TRY(const ledger::BlockHeader head, state->head());
    ASHLAR_TRY(const auto finalized, chain::prove_header(state->rows(), head.height));
    return Entity{codec::encode(finalized), std::string(api::kCapnpType), kAskAgain, {}};
}

// What a replica may copy whole.
std::vector<forge::PackReference> packs_of(const node::RepositoryView& view) {
    std::vector<forge::PackReference> packs;
    if (view.repository.may_hold_unreachable) return packs;
    for (std::size_t i = 0; i < view.packs->pack_count(); ++i) {
        const git::StoredPack& pack = view.packs->pack(i);
        packs.push_back({pack.digest, pack.manifest.size, pack.manifest.object_count,
                         pack.manifest.index_digest});
    }
    return packs;
}

Expected<Entity> checkpoint_of(const node::Node& node, const Asked& asked) {
    const auto make = [&]() -> Expected<codec::RepositoryCheckpoint> {
        const auto view = open(node, asked);
        if (view) return native::checkpoint_of(*view, {asked.owner(), asked.name()});
        const auto state = node.state();
        ASHLAR_CHECK(check_visible(*state, asked.viewer, asked.owner(), asked.name()));
        return chain::make_checkpoint(state->rows(), asked.owner(), asked.name(), {});
    };
    ASHLAR_TRY(const auto checkpoint, make());
    return Entity{codec::encode(checkpoint),
                  std::string(api::kCapnpType),
                  asked.alone ? kAskAgainAlone : kAskAgain,
                  {}};
}

Expected<Entity> refs_of(const node::Node& node, const Asked& asked) {
    ASHLAR_TRY(const auto root, crypto::Digest::from_hex(asked.segments[4]));
    ASHLAR_TRY(const node::RepositoryView view, open(node, asked));
    if (view.repository.refs_root != root) {
        return fail(ErrorCode::not_found, "these refs: the repository has moved on");
    }
    if (view.repository.ref_count > kListedRefsMax) {
        return fail(ErrorCode::limit_exceeded,
                    "more than " + std::to_string(kListedRefsMax) + " refs are not listed at once");
    }
    codec::RefList list;
    ASHLAR_CHECK(view.refs->scan("", [&](const git::Ref& ref) {
        list.refs.push_back(ref);
        return true;
    }));
    return Entity{codec::encode(list), std::string(api::kCapnpType), asked.forever(), root.hex()};
}

Expected<std::shared_ptr<const git::StoredPack>> pack_of(const node::Node& node,
                                                         const Asked& asked) {
    ASHLAR_TRY(const auto digest, crypto::Digest::from_hex(asked.segments[4]));
    ASHLAR_TRY(const node::RepositoryView view, open(node, asked));
    for (std::size_t i = 0; i < view.packs->pack_count(); ++i) {
        if (view.repository.may_hold_unreachable) break;
        if (view.packs->pack(i).digest.digest == digest) return view.packs->shared_pack(i);
    }
    return fail(ErrorCode::not_found, "pack " + digest.hex() + " of this repository");
}

Expected<Entity> part_of_pack(const node::Node& node, const Asked& asked) {
    ASHLAR_TRY(const auto pack, pack_of(node, asked));
    const std::string& part = asked.segments[5];
    const git::PackManifest& manifest = pack->manifest;
    const bool is_extent = part == "extents" && asked.segments.size() == 7;
    if (part == "manifest" && asked.segments.size() == 6) {
        return Entity{git::encode(manifest), std::string(kBytesType), asked.forever(), {}};
    }
    if (part == "index" && asked.segments.size() == 6) {
        return Entity{StoredRange{pack->index, 0, pack->index->size()}, std::string(kBytesType),
                      asked.forever(), manifest.index_digest.hex()};
    }
    std::uint64_t number = 0;
    if (is_extent) {
        const std::string& text = asked.segments[6];
        const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
        if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) {
            return fail(ErrorCode::invalid, "an extent is named by its number");
        }
    }
    if (!is_extent || number >= manifest.extents.size()) {
        return fail(ErrorCode::not_found, "this part of the pack");
    }
    const std::uint64_t offset = number * git::kPackExtentSize;
    const std::uint64_t length = std::min(git::kPackExtentSize, manifest.size - offset);
    return Entity{StoredRange{pack->body, offset, length}, std::string(kBytesType), asked.forever(),
                  manifest.extents[static_cast<std::size_t>(number)].hex()};
}

Expected<void> check_reachable(const node::RepositoryView& view, git::ObjectSource& objects,
                               const git::ObjectId& id) {
    if (!view.repository.may_hold_unreachable) return {};
    std::vector<git::ObjectId> tips;
    ASHLAR_CHECK(view.refs->scan("", [&](const git::Ref& ref) {
        tips.push_back(ref.id);
        return true;
    }));
    ASHLAR_TRY(const auto unreachable, git::unreachable_from(objects, {id}, tips));
    if (unreachable.empty()) return {};
    return fail(ErrorCode::not_found, "object " + id.hex());
}

Expected<Entity> object_of(const node::Node& node, const Asked& asked) {
    ASHLAR_TRY(const auto id, git::ObjectId::from_hex(asked.segments[4]));
    ASHLAR_TRY(const node::RepositoryView view, open(node, asked));
    const auto objects = view.objects();
    ASHLAR_TRY(const auto object, objects->read(id, kSyncObjectBytesMax));
    ASHLAR_CHECK(check_reachable(view, *objects, id));
    Bytes body = to_bytes(std::string(to_string(object->type)) + " " +
                          std::to_string(object->content.size()));
    body.push_back(0);
    append(body, object->content);
    return Entity{std::move(body), std::string(kBytesType), asked.forever(), id.hex()};
}

Expected<Entity> entity_of(const node::Node& node, const Asked& asked) {
    const std::size_t count = asked.segments.size();
    if (count == 1 && asked.segments[0] == "checkpoint") return newest_header(node);
    if (count >= 4 && asked.segments[0] == "repositories") {
        const std::string& part = asked.segments[3];
        if (count == 4 && part == "checkpoint") return checkpoint_of(node, asked);
        if (count == 5 && part == "refs") return refs_of(node, asked);
        if (count >= 6 && part == "packs") return part_of_pack(node, asked);
        if (count == 5 && part == "objects") return object_of(node, asked);
    }
    return fail(ErrorCode::not_found, "nothing is served here");
}

http::HttpReply reply_to(const node::Node& node, const api::Request& request, const Asked& asked) {
    auto entity = entity_of(node, asked);
    if (entity) return entity_reply(request, *std::move(entity));
    http::HttpReply reply;
    reply.response = rest_error_of(entity.error());
    return reply;
}

// What may walk through a whole repository has workers of its own.
class LongRequest final : public http::HttpExchange {
  public:
    LongRequest(const node::Node& node, api::Request request, Asked asked)
        : node_(node), request_(std::move(request)), asked_(std::move(asked)) {}
    http::BodyDemand on_body(Bytes) override { return http::BodyDemand::discard; }
    http::HttpReply respond() override { return reply_to(node_, request_, asked_); }

  private:
    const node::Node& node_;
    const api::Request request_;
    const Asked asked_;
};

}  // namespace

Expected<codec::RepositoryCheckpoint> checkpoint_of(const node::RepositoryView& view,
                                                    const codec::RepositoryName& name) {
    return chain::make_checkpoint(view.state->rows(), name.owner, name.repository, packs_of(view));
}

std::variant<http::HttpReply, http::HttpPlan> SyncApi::start(const api::Request& request) const {
    if (!is_get(request)) return only_get_reply();
    const auto refuse = [](const Error& error) {
        http::HttpReply reply;
        reply.response = rest_error_of(error);
        return reply;
    };
    const auto segments = segments_below(kSyncPrefix, request.path);
    if (!segments) return refuse({ErrorCode::not_found, "nothing is served here"});
    const auto caller = authenticate(node_, request);
    if (!caller) return refuse(caller.error());
    Asked asked{*segments, caller->viewer(), caller->author.has_value()};
    const bool is_object = segments->size() == 5 && (*segments)[3] == "objects";
    if (!is_object) return reply_to(node_, request, asked);
    http::HttpPlan plan;
    plan.exchange = std::make_unique<LongRequest>(node_, request, std::move(asked));
    plan.lane = http::Lane::long_running;
    return plan;
}

}  // namespace ashlar::native
