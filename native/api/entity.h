// An answer that is named by what it contains: a body, its strong tag, and who may keep it how
// long.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "native/api/body_buffer.h"
#include "native/http/http_handler.h"

namespace ashlar::native {

// What is final, or named by its digest, never changes.
inline constexpr std::string_view kForever = "public, max-age=31536000, immutable";
inline constexpr std::string_view kForeverAlone = "private, max-age=31536000, immutable";
inline constexpr std::string_view kAskAgain = "public, no-cache";
inline constexpr std::string_view kAskAgainAlone = "private, no-cache";

struct Entity {
    // A range of something stored is sent without being held.
    std::variant<Bytes, StoredRange> body;
    std::string content_type;
    std::string_view caching = kAskAgain;
    std::string tag;  // without quotes; empty: the hash of the body, which is bytes then
};

// Of answers, until their readers have them.
inline constexpr std::uint64_t kHeldAnswersBytesMax = std::uint64_t{256} << 20;
// Bodies of up to this many bytes are not counted: a connection has as much in its buffers.
inline constexpr std::uint64_t kUncountedBodyBytesMax = std::uint64_t{64} << 10;

// Answers GET and HEAD: 200, or 304 where the request holds that tag already. A longer body is
// taken from the budget until its reader has it all, however slowly that goes; where nothing is
// left, the reader is to come again later. The budget outlives the reply.
http::HttpReply entity_reply(const api::Request& request, Entity entity, BodyBudget& budget);

// For an answer that may take long to make, to a request without a body: such have workers of their
// own, so that they never hold up what is quick. What it calls outlives the plan.
http::HttpPlan long_plan(std::function<http::HttpReply()> respond);

// The decoded parts of an address below a prefix ("/sync"), as far as there are few; nothing where
// it is not below it or is malformed.
std::optional<std::vector<std::string>> segments_below(std::string_view prefix,
                                                       std::string_view path);

bool is_get(const api::Request& request);  // or HEAD
http::HttpReply only_get_reply();

}  // namespace ashlar::native
