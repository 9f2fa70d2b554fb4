// What a fetching client says, whichever version of the protocol it speaks.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "git/object/object_id.h"
#include "git/walk/object_filter.h"
#include "git/wire/pkt_line.h"
#include "git/wire/side_band.h"

namespace ashlar::git {

inline constexpr std::size_t kWantsMax = 100'000;
inline constexpr std::size_t kHavesMax = 200'000;
inline constexpr std::size_t kShallowsMax = 200'000;
inline constexpr std::size_t kDeepenNotMax = 1000;
inline constexpr std::size_t kPackUriProtocolsMax = 16;

struct FetchRequest {
    std::vector<ObjectId> wants;
    std::vector<std::string> want_refs;
    std::vector<ObjectId> haves;
    bool done = false;

    std::vector<ObjectId> shallows;  // commits whose parents the client lacks
    std::uint32_t depth = 0;
    bool depth_is_relative = false;
    std::optional<std::int64_t> since_seconds;
    std::vector<std::string> deepen_not;  // names of refs
    std::optional<ObjectFilter> filter;

    bool thin_pack = false;
    bool no_progress = false;
    bool include_tag = false;
    bool ofs_delta = false;
    // Under which packs may be had beside the answer: "http", "https".
    std::vector<std::string> pack_uri_protocols;

    bool deepens() const { return depth > 0 || since_seconds.has_value() || !deepen_not.empty(); }
};

// Takes a line that all versions know: want, have, shallow, deepen, deepen-since, deepen-not,
// filter. False where it is none of these; `invalid` where it is malformed; `limit_exceeded`.
Expected<bool> take_fetch_line(FetchRequest& request, std::string_view line);
// Takes a word that is a capability in v0 and an argument in v2: thin-pack, no-progress,
// include-tag, ofs-delta, deepen-relative. False where it is none of these.
bool take_fetch_flag(FetchRequest& request, std::string_view word);
// To be asked when all lines have been taken: refuses what cannot be used together.
Expected<void> check_fetch_request(const FetchRequest& request);

// In the same order, each once.
std::vector<ObjectId> without_repeats(const std::vector<ObjectId>& ids);

// Whether an error is for the host to act on (needs_data, corrupt, unavailable); any other is the
// client's doing, and is told to it.
bool is_for_host(const Error& error);
// "<what>: '<line, made printable>'"
Unexpected bad_line(std::string_view what, std::string_view line);
// Moves the text behind the prefix, if it begins with that.
bool take_prefix(std::string_view& text, std::string_view prefix);

}  // namespace ashlar::git
