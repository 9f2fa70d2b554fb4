#include "api/git_address.h"

#include <vector>

#include "api/request.h"

namespace ashlar::api {

namespace {

constexpr std::string_view kSuffix = ".git";
constexpr std::size_t kSegmentsMax = 8;

// The decoded parts between slashes; empty where one is broken or there are too many.
std::vector<std::string> split(std::string_view path) {
    std::vector<std::string> segments;
    while (path.starts_with('/')) {
        path.remove_prefix(1);
        std::string_view segment = path.substr(0, path.find('/'));
        path.remove_prefix(segment.size());
        auto decoded = percent_decode(segment);
        if (!decoded || segments.size() == kSegmentsMax) return {};
        segments.push_back(std::move(*decoded));
    }
    return segments;
}

std::optional<GitResource> resource_of(const std::vector<std::string>& rest, bool named_git) {
    if (rest.size() == 1 && rest[0] == "git-upload-pack") return GitResource::upload_pack;
    if (rest.size() == 1 && rest[0] == "git-receive-pack") return GitResource::receive_pack;
    if (rest.size() == 2 && rest[0] == "info" && rest[1] == "refs") return GitResource::info_refs;
    // Pages have names such as "objects", too, but not below ".git".
    if (named_git && !rest.empty() && (rest[0] == "HEAD" || rest[0] == "objects")) {
        return GitResource::dumb_file;
    }
    return std::nullopt;
}

// "<digest>.bundle"
std::optional<crypto::Digest> digest_from(std::string_view name, std::string_view suffix) {
    if (!name.ends_with(suffix)) return std::nullopt;
    name.remove_suffix(suffix.size());
    const auto digest = crypto::Digest::from_hex(name);
    // One file has one address.
    if (!digest || digest->hex() != name) return std::nullopt;
    return *digest;
}

std::optional<GitResource> download_of(const std::vector<std::string>& rest,
                                       crypto::Digest& digest) {
    if (rest.size() != 2) return std::nullopt;
    const bool is_bundle = rest[0] == "bundles";
    if (!is_bundle && rest[0] != "packs") return std::nullopt;
    const auto found = digest_from(rest[1], is_bundle ? ".bundle" : ".pack");
    if (!found) return std::nullopt;
    digest = *found;
    return is_bundle ? GitResource::bundle : GitResource::pack;
}

}  // namespace

std::optional<GitAddress> parse_git_address(std::string_view path) {
    std::vector<std::string> segments = split(path);
    if (segments.size() > 3 && segments.front() == "git") segments.erase(segments.begin());
    if (segments.size() < 3) return std::nullopt;
    GitAddress address;
    address.owner = segments[0];
    address.repository = segments[1];
    bool named_git = address.repository.ends_with(kSuffix);
    if (named_git) address.repository.resize(address.repository.size() - kSuffix.size());
    const std::vector<std::string> rest(segments.begin() + 2, segments.end());
    auto resource = resource_of(rest, named_git);
    if (!resource) resource = download_of(rest, address.digest);
    if (!resource || address.owner.empty() || address.repository.empty()) return std::nullopt;
    address.resource = *resource;
    return address;
}

}  // namespace ashlar::api
