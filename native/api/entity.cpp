#include "native/api/entity.h"

#include "api/rest_shapes.h"
#include "crypto/digest.h"

namespace ashlar::native {

namespace {

constexpr std::string_view kEntityDomain = "ashlar http entity";
constexpr std::size_t kSegmentsMax = 8;

class OneRange final : public ChunkStream {
  public:
    explicit OneRange(StoredRange range) : range_(std::move(range)) {}
    Expected<std::optional<Chunk>> next() override {
        if (range_.source == nullptr) return std::optional<Chunk>();
        return std::optional<Chunk>(std::exchange(range_, {}));
    }

  private:
    StoredRange range_;
};

std::uint64_t length_of(const Entity& entity) {
    const auto* range = std::get_if<StoredRange>(&entity.body);
    return range != nullptr ? range->length : std::get<Bytes>(entity.body).size();
}

}  // namespace

http::HttpReply entity_reply(const api::Request& request, Entity entity) {
    http::HttpReply reply;
    api::Response& response = reply.response;
    std::string tag = entity.tag;
    if (tag.empty()) tag = crypto::hash(kEntityDomain, std::get<Bytes>(entity.body)).hex();
    tag = "\"" + tag + "\"";
    response.headers = {{"content-type", entity.content_type},
                        {"cache-control", std::string(entity.caching)},
                        {"etag", tag},
                        {"vary", "accept, authorization"},
                        {"x-content-type-options", "nosniff"}};
    if (request.header("if-none-match").value_or("").find(tag) != std::string_view::npos) {
        response.status = 304;
        return reply;
    }
    response.headers.emplace_back("content-length", std::to_string(length_of(entity)));
    if (request.method == "HEAD") return reply;
    if (auto* range = std::get_if<StoredRange>(&entity.body)) {
        response.body = std::make_unique<OneRange>(std::move(*range));
    } else {
        response.body = std::get<Bytes>(std::move(entity.body));
    }
    return reply;
}

std::optional<std::vector<std::string>> segments_below(std::string_view prefix,
                                                       std::string_view path) {
    if (!path.starts_with(prefix)) return std::nullopt;
    path.remove_prefix(prefix.size());
    if (!path.starts_with('/')) return std::nullopt;
    std::vector<std::string> segments;
    while (path.starts_with('/')) {
        path.remove_prefix(1);
        const std::string_view segment = path.substr(0, path.find('/'));
        path.remove_prefix(segment.size());
        auto decoded = api::percent_decode(segment);
        if (!decoded || segments.size() == kSegmentsMax) return std::nullopt;
        segments.push_back(*std::move(decoded));
    }
    return segments;
}

bool is_get(const api::Request& request) {
    return request.method == "GET" || request.method == "HEAD";
}

http::HttpReply only_get_reply() {
    http::HttpReply reply;
    reply.response = api::rest_error(405, "this address takes GET, HEAD");
    reply.response.headers.emplace_back("allow", "GET, HEAD");
    return reply;
}

}  // namespace ashlar::native
