#include "native/api/downloads.h"

#include <algorithm>

#include "forge/access.h"
#include "native/api/byte_range.h"

namespace ashlar::native {

namespace {

constexpr std::string_view kBundleName = "base";
constexpr std::string_view kForEver = "max-age=31536000, immutable";

struct File {
    node::BundleFile content;
    std::string tag;  // ETag, with its quotation marks
    std::string content_type;
};

std::shared_ptr<const git::StoredPack> find_pack(const node::RepositoryView& view,
                                                 const git::PackDigest& digest) {
    // A pack may hold what no ref reaches, and then is nobody's to have.
    if (view.repository.may_hold_unreachable) return nullptr;
    for (std::size_t i = 0; i < view.packs->pack_count(); ++i) {
        auto pack = view.packs->shared_pack(i);
        if (pack->digest == digest) return pack;
    }
    return nullptr;
}

Expected<File> open_file(const GitAddress& address, const node::RepositoryView& view,
                         node::Bundles& bundles, OfferedPacks& packs) {
    File file;
    file.tag = "\"" + address.digest.hex() + "\"";
    if (address.resource == GitResource::bundle) {
        ASHLAR_TRY(file.content, bundles.open(view, address.digest));
        file.content_type = "application/x-git-bundle";
        return file;
    }
    const git::PackDigest digest{address.digest};
    auto pack = find_pack(view, digest);
    // One that was offered when there was nothing of the kind may hold by now what no ref reaches.
    if (!pack && !view.repository.may_hold_unreachable) {
        pack = packs.find(view.repository.id, digest, OfferedPacks::Clock::now());
    }
    if (!pack) return fail(ErrorCode::not_found, "there is no pack of this name (any more)");
    file.content.parts.emplace_back(StoredRange{pack->body, 0, pack->manifest.size});
    file.content.size = pack->manifest.size;
    file.content_type = "application/x-git-packed-objects";
    return file;
}

AskedRange asked_range(const api::Request& request, const std::string& tag, std::uint64_t size) {
    const auto range = request.header("range");
    if (!range || request.method != "GET") return {};
    // Who resumes something else gets all of this.
    const auto condition = request.header("if-range");
    if (condition && *condition != tag) return {};
    return parse_range(*range, size);
}

}  // namespace

void OfferedPacks::forget_before(Clock::time_point now) {
    while (!offers_.empty() && (offers_.front().until < now || offers_.size() > kOffersMax)) {
        offers_.pop_front();
    }
}

void OfferedPacks::offer(forge::RepositoryId repository,
                         std::shared_ptr<const git::StoredPack> pack, Clock::time_point now) {
    const std::lock_guard lock(mutex_);
    offers_.remove_if([&](const Offer& offer) {
        return offer.repository == repository && offer.pack->digest == pack->digest;
    });
    offers_.push_back({repository, std::move(pack), now + kOfferLife});
    forget_before(now);
}

std::shared_ptr<const git::StoredPack> OfferedPacks::find(forge::RepositoryId repository,
                                                          const git::PackDigest& digest,
                                                          Clock::time_point now) {
    const std::lock_guard lock(mutex_);
    forget_before(now);
    for (const Offer& offer : offers_) {
        if (offer.repository == repository && offer.pack->digest == digest) return offer.pack;
    }
    return nullptr;
}

bool offers_downloads(const forge::Repository& repository) {
    return forge::may(forge::Viewer::anonymous(), repository, forge::RepositoryAction::read) ==
           forge::Permission::allowed;
}

// The address is as seen from the repository's own, so that it holds behind any proxy.
Expected<std::vector<git::BundleOffer>> RepositoryDownloads::bundles() const {
    std::vector<git::BundleOffer> offers;
    ASHLAR_TRY(const auto id, bundles_.offered(view_));
    if (id) offers.push_back({std::string(kBundleName), "bundles/" + id->hex() + ".bundle"});
    return offers;
}

std::optional<std::string> RepositoryDownloads::pack_uri(
    const std::shared_ptr<const git::StoredPack>& pack,
    const std::vector<std::string>& protocols) const {
    const std::string protocol = base_url_.substr(0, base_url_.find("://"));
    if (std::find(protocols.begin(), protocols.end(), protocol) == protocols.end()) {
        return std::nullopt;
    }
    packs_.offer(view_.repository.id, pack, OfferedPacks::Clock::now());
    return base_url_ + "/" + view_.owner.login + "/" + view_.repository.name + ".git/packs/" +
           pack->digest.hex() + ".pack";
}

Expected<http::HttpReply> download(const GitAddress& address, const api::Request& request,
                                   const node::RepositoryView& view, node::Bundles& bundles,
                                   OfferedPacks& packs) {
    ASHLAR_TRY(File file, open_file(address, view, bundles, packs));
    http::HttpReply reply;
    const std::string_view audience = offers_downloads(view.repository) ? "public, " : "private, ";
    reply.response.headers = {{"content-type", file.content_type},
                              {"cache-control", std::string(audience).append(kForEver)},
                              {"etag", file.tag},
                              {"accept-ranges", "bytes"},
                              {"x-content-type-options", "nosniff"}};
    if (request.header("if-none-match").value_or("") == file.tag) {
        reply.response.status = 304;
        return reply;
    }
    const std::uint64_t size = file.content.size;
    const AskedRange asked = asked_range(request, file.tag, size);
    if (asked.kind == RangeKind::unsatisfiable) {
        http::HttpReply refusal = http::text_reply(416, "the range lies outside of the file");
        refusal.response.headers.emplace_back("content-range", "bytes */" + std::to_string(size));
        return refusal;
    }
    ByteRange range{0, size};
    if (asked.kind == RangeKind::part) {
        range = asked.range;
        reply.response.status = 206;
        reply.response.headers.emplace_back(
            "content-range", "bytes " + std::to_string(range.first) + "-" +
                                 std::to_string(range.first + range.length - 1) + "/" +
                                 std::to_string(size));
    }
    reply.response.headers.emplace_back("content-length", std::to_string(range.length));
    reply.response.body = file.content.stream
                              ? stream_of_range(std::move(file.content.stream), range)
                              : stream_of_range(std::move(file.content.parts), range);
    return reply;
}

}  // namespace ashlar::native
