#include "git/walk/object_filter.h"

#include <algorithm>
#include <charconv>

namespace ashlar::git {
namespace {

constexpr std::size_t kCombineNestingMax = 8;

Unexpected bad_filter(std::string_view spec, std::string_view why) {
    constexpr std::size_t kShownMax = 100;
    return fail(ErrorCode::invalid, "invalid filter-spec '" +
                                        std::string(spec.substr(0, kShownMax)) +
                                        "': " + std::string(why));
}

// A number, maybe with 'k', 'm' or 'g' behind it.
std::optional<std::uint64_t> scaled_number(std::string_view text) {
    std::uint64_t value = 0;
    const char* end = text.data() + text.size();
    auto parsed = std::from_chars(text.data(), end, value);
    if (parsed.ec != std::errc()) return std::nullopt;
    unsigned shift = 0;
    if (parsed.ptr != end) {
        switch (*parsed.ptr | 0x20) {
            case 'k':
                shift = 10;
                break;
            case 'm':
                shift = 20;
                break;
            case 'g':
                shift = 30;
                break;
            default:
                return std::nullopt;
        }
        if (parsed.ptr + 1 != end) return std::nullopt;
    }
    if (shift > 0 && value >> (64 - shift) != 0) return std::nullopt;
    return value << shift;
}

Expected<std::string> url_decoded(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            result.push_back(text[i]);
            continue;
        }
        Expected<Bytes> byte = from_hex(text.substr(i + 1, 2));
        if (!byte || byte->size() != 1) return bad_filter(text, "bad %-escape");
        result.push_back(static_cast<char>(byte->front()));
        i += 2;
    }
    return result;
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

}  // namespace

Expected<ObjectFilter> ObjectFilter::parse(std::string_view spec) {
    if (spec.size() > kFilterSpecSizeMax) {
        return fail(ErrorCode::limit_exceeded,
                    "a filter-spec may have " + std::to_string(kFilterSpecSizeMax) + " bytes");
    }
    ObjectFilter filter;
    ASHLAR_CHECK(filter.add(spec, 0));
    return filter;
}

Expected<void> ObjectFilter::add(std::string_view spec, std::size_t nesting) {
    std::string_view rest = spec;
    if (take_prefix(rest, "combine:")) {
        if (nesting == kCombineNestingMax) return bad_filter(spec, "nested too deep");
        while (true) {
            const std::size_t end = rest.find('+');
            ASHLAR_TRY(std::string part, url_decoded(rest.substr(0, end)));
            ASHLAR_CHECK(add(part, nesting + 1));
            if (end == std::string_view::npos) return {};
            rest.remove_prefix(end + 1);
        }
    }
    if (rules_.size() == kFilterPartsMax) return bad_filter(spec, "too many parts");
    FilterRule rule;
    if (rest == "blob:none") {
        rule.kind = FilterRule::Kind::blob_none;
    } else if (take_prefix(rest, "blob:limit=")) {
        rule.kind = FilterRule::Kind::blob_limit;
        std::optional<std::uint64_t> limit = scaled_number(rest);
        if (!limit) return bad_filter(spec, "the limit is no number");
        rule.limit = *limit;
    } else if (take_prefix(rest, "tree:")) {
        rule.kind = FilterRule::Kind::tree_depth;
        std::optional<std::uint64_t> depth = scaled_number(rest);
        if (!depth) return bad_filter(spec, "the depth is no number");
        rule.limit = *depth;
    } else if (take_prefix(rest, "object:type=")) {
        rule.kind = FilterRule::Kind::object_type;
        std::optional<ObjectType> type = object_type_from(rest);
        if (!type) return bad_filter(spec, "no type of objects");
        rule.type = *type;
    } else if (take_prefix(rest, "sparse:oid=") && !rest.empty()) {
        rule.kind = FilterRule::Kind::sparse;
        rule.sparse_name = rest;
    } else {
        return bad_filter(spec,
                          "known are blob:none, blob:limit=, tree:, object:type=,"
                          " sparse:oid= and combine:");
    }
    rules_.push_back(std::move(rule));
    return {};
}

bool ObjectFilter::keeps_type(ObjectType type) const {
    return std::all_of(rules_.begin(), rules_.end(), [&](const FilterRule& rule) {
        return rule.kind != FilterRule::Kind::object_type || rule.type == type;
    });
}

bool ObjectFilter::keeps_tree_at(std::uint64_t depth) const {
    return keeps_type(ObjectType::tree) && depth < depth_limit().value_or(depth + 1);
}

bool ObjectFilter::keeps_blobs_at(std::uint64_t depth) const {
    const bool has_none = std::any_of(rules_.begin(), rules_.end(), [](const FilterRule& rule) {
        return rule.kind == FilterRule::Kind::blob_none;
    });
    return !has_none && keeps_type(ObjectType::blob) && depth < depth_limit().value_or(depth + 1);
}

bool ObjectFilter::keeps_entries_at(std::uint64_t depth) const {
    return keeps_tree_at(depth) || keeps_blobs_at(depth);
}

std::optional<std::uint64_t> ObjectFilter::blob_size_limit() const {
    std::optional<std::uint64_t> limit;
    for (const FilterRule& rule : rules_) {
        if (rule.kind != FilterRule::Kind::blob_limit) continue;
        limit = std::min(limit.value_or(rule.limit), rule.limit);
    }
    return limit;
}

std::optional<std::uint64_t> ObjectFilter::depth_limit() const {
    std::optional<std::uint64_t> limit;
    for (const FilterRule& rule : rules_) {
        if (rule.kind != FilterRule::Kind::tree_depth) continue;
        limit = std::min(limit.value_or(rule.limit), rule.limit);
    }
    return limit;
}

bool ObjectFilter::keeps_every_tree() const {
    return keeps_type(ObjectType::tree) && !depth_limit();
}

bool ObjectFilter::depends_on_path() const {
    return std::any_of(rules_.begin(), rules_.end(), [](const FilterRule& rule) {
        return rule.kind == FilterRule::Kind::sparse;
    });
}

ObjectFilter::SparseState ObjectFilter::folder_state(std::string_view path,
                                                     SparseState of_folder_above) const {
    SparseState state = of_folder_above;
    for (std::size_t i = 0; i < rules_.size(); ++i) {
        if (!rules_[i].patterns) continue;
        const SparseState bit = SparseState{1} << i;
        std::optional<bool> match = rules_[i].patterns->match(path, PathKind::folder);
        if (match) state = *match ? state | bit : state & ~bit;
    }
    return state;
}

bool ObjectFilter::keeps_path(std::string_view path, SparseState of_folder) const {
    for (std::size_t i = 0; i < rules_.size(); ++i) {
        if (!rules_[i].patterns) continue;
        const bool inherited = (of_folder >> i & 1) != 0;
        if (!rules_[i].patterns->match(path, PathKind::file).value_or(inherited)) return false;
    }
    return true;
}

}  // namespace ashlar::git
