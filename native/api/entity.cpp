#include "native/api/entity.h"

#include <algorithm>

#include "api/rest_shapes.h"
#include "crypto/digest.h"
#include "native/api/errors.h"
#include "native/api/rest_api.h"

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

// An answer in memory, which a connection reads piece by piece and holds until it has sent it.
class HeldBytes final : public RandomAccess {
  public:
    // The bytes were taken from the budget.
    HeldBytes(Bytes bytes, BodyBudget& budget) : bytes_(std::move(bytes)), budget_(budget) {}
    ~HeldBytes() override { budget_.give_back(bytes_.size()); }
    HeldBytes(const HeldBytes&) = delete;
    HeldBytes& operator=(const HeldBytes&) = delete;

    std::uint64_t size() const override { return bytes_.size(); }
    ByteView mapped() const override { return bytes_; }
    Expected<void> read(std::uint64_t offset, std::span<Byte> into) const override {
        if (offset > bytes_.size() || into.size() > bytes_.size() - offset) {
            return fail(ErrorCode::corrupt, "a range ends beyond what is held");
        }
        std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), into.size(),
                    into.begin());
        return {};
    }

  private:
    const Bytes bytes_;
    BodyBudget& budget_;
};

class LongRequest final : public http::HttpExchange {
  public:
    explicit LongRequest(std::function<http::HttpReply()> respond) : respond_(std::move(respond)) {}
    http::BodyDemand on_body(Bytes) override { return http::BodyDemand::discard; }
    http::HttpReply respond() override { return respond_(); }

  private:
    const std::function<http::HttpReply()> respond_;
};

std::uint64_t length_of(const Entity& entity) {
    const auto* range = std::get_if<StoredRange>(&entity.body);
    return range != nullptr ? range->length : std::get<Bytes>(entity.body).size();
}

}  // namespace

http::HttpReply entity_reply(const api::Request& request, Entity entity, BodyBudget& budget) {
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
        return reply;
    }
    auto& bytes = std::get<Bytes>(entity.body);
    const std::uint64_t size = bytes.size();
    if (size <= kUncountedBodyBytesMax) {
        response.body = std::move(bytes);
    } else if (budget.take(size)) {
        const auto held = std::make_shared<HeldBytes>(std::move(bytes), budget);
        response.body = std::make_unique<OneRange>(StoredRange{held, 0, size});
    } else {
        response = rest_error_of(overload());
    }
    return reply;
}

http::HttpPlan long_plan(std::function<http::HttpReply()> respond) {
    http::HttpPlan plan;
    plan.exchange = std::make_unique<LongRequest>(std::move(respond));
    plan.lane = http::Lane::long_running;
    return plan;
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
