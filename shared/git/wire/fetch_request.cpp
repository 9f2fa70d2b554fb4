#include "git/wire/fetch_request.h"

#include <charconv>

#include "git/walk/object_id_map.h"

namespace ashlar::git {
namespace {

constexpr std::size_t kShownMax = 200;

Expected<void> take_id(std::vector<ObjectId>& ids, std::string_view text, std::size_t count_max,
                       std::string_view kind) {
    Expected<ObjectId> id = ObjectId::from_hex(text);
    if (!id) return bad_line("expected '" + std::string(kind) + " <object id>', got", text);
    if (ids.size() == count_max) {
        return fail(ErrorCode::limit_exceeded, "a request may have " + std::to_string(count_max) +
                                                   " lines '" + std::string(kind) + "'");
    }
    ids.push_back(*id);
    return {};
}

template <typename Number>
Expected<Number> number_from(std::string_view text, std::string_view kind) {
    Number value = 0;
    auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || value < 0) {
        return bad_line("invalid " + std::string(kind), text);
    }
    return value;
}

Expected<void> take_depth(FetchRequest& request, std::string_view text) {
    ASHLAR_TRY(std::int64_t depth, number_from<std::int64_t>(text, "deepen"));
    constexpr std::int64_t kDepthMax = 0x7fffffff;
    if (depth > kDepthMax) return bad_line("invalid deepen", text);
    request.depth = static_cast<std::uint32_t>(depth);
    return {};
}

Expected<void> take_deepen_not(FetchRequest& request, std::string_view name) {
    if (request.deepen_not.size() == kDeepenNotMax) {
        return fail(ErrorCode::limit_exceeded,
                    "a request may have " + std::to_string(kDeepenNotMax) + " lines 'deepen-not'");
    }
    request.deepen_not.emplace_back(name);
    return {};
}

Expected<void> take_filter(FetchRequest& request, std::string_view spec) {
    if (request.filter) return bad_line("a request may have one filter", spec);
    ASHLAR_TRY(request.filter, ObjectFilter::parse(spec));
    return {};
}

template <typename Result>
Expected<bool> taken(Result result) {
    if (!result) return Unexpected(std::move(result).error());
    return true;
}

}  // namespace

bool is_for_host(const Error& error) {
    return error.code == ErrorCode::needs_data || error.code == ErrorCode::corrupt ||
           error.code == ErrorCode::unavailable;
}

Unexpected bad_line(std::string_view what, std::string_view line) {
    return fail(ErrorCode::invalid,
                std::string(what) + ": '" + printable_line(line, kShownMax) + "'");
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

std::vector<ObjectId> without_repeats(const std::vector<ObjectId>& ids) {
    ObjectIdSet seen;
    std::vector<ObjectId> result;
    for (const ObjectId& id : ids) {
        if (seen.insert(id)) result.push_back(id);
    }
    return result;
}

Expected<bool> take_fetch_line(FetchRequest& request, std::string_view line) {
    if (take_prefix(line, "want ")) return taken(take_id(request.wants, line, kWantsMax, "want"));
    if (take_prefix(line, "have ")) return taken(take_id(request.haves, line, kHavesMax, "have"));
    if (take_prefix(line, "shallow ")) {
        return taken(take_id(request.shallows, line, kShallowsMax, "shallow"));
    }
    if (take_prefix(line, "deepen ")) return taken(take_depth(request, line));
    if (take_prefix(line, "deepen-since ")) {
        Expected<std::int64_t> seconds = number_from<std::int64_t>(line, "deepen-since");
        if (seconds) request.since_seconds = *seconds;
        return taken(std::move(seconds));
    }
    if (take_prefix(line, "deepen-not ")) return taken(take_deepen_not(request, line));
    if (take_prefix(line, "filter ")) return taken(take_filter(request, line));
    return false;
}

bool take_fetch_flag(FetchRequest& request, std::string_view word) {
    if (word == "thin-pack") return request.thin_pack = true;
    if (word == "no-progress") return request.no_progress = true;
    if (word == "include-tag") return request.include_tag = true;
    if (word == "ofs-delta") return request.ofs_delta = true;
    if (word == "deepen-relative") return request.depth_is_relative = true;
    return false;
}

Expected<void> check_fetch_request(const FetchRequest& request) {
    if (request.depth > 0 && (request.since_seconds || !request.deepen_not.empty())) {
        return fail(ErrorCode::invalid,
                    "deepen and deepen-since (or deepen-not) cannot be used together");
    }
    return {};
}

}  // namespace ashlar::git
