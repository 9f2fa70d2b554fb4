#include "api/page/route.h"

#include <algorithm>
#include <array>
#include <utility>

#include "api/request.h"

namespace ashlar::api::page {

namespace {

// The first part of the path, which is removed from it.
std::string_view take_part(std::string_view& path) {
    std::string_view part = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), part.size() + 1));
    return part;
}

RouteKind kind_of(std::string_view word, bool has_rest) {
    struct Known {
        std::string_view word;
        RouteKind kind;
        bool takes_rest;
        bool needs_rest;
    };
    static constexpr std::array<Known, 7> kKnown{{{"tree", RouteKind::tree, true, true},
                                                  {"blob", RouteKind::blob, true, true},
                                                  {"raw", RouteKind::raw, true, true},
                                                  {"commits", RouteKind::commits, true, false},
                                                  {"commit", RouteKind::commit, true, true},
                                                  {"branches", RouteKind::branches, false, false},
                                                  {"tags", RouteKind::tags, false, false}}};
    for (const Known& known : kKnown) {
        if (known.word != word) continue;
        bool fits = has_rest ? known.takes_rest : !known.needs_rest;
        return fits ? known.kind : RouteKind::none;
    }
    return RouteKind::none;
}

}  // namespace

Expected<Route> parse_route(std::string_view path) {
    if (path.size() > kPathBytesMax) return fail(ErrorCode::invalid, "the address is too long");
    while (!path.empty() && path.front() == '/') path.remove_prefix(1);
    while (!path.empty() && path.back() == '/') path.remove_suffix(1);
    Route route;
    if (path.empty()) {
        route.kind = RouteKind::repositories;
        return route;
    }
    ASHLAR_TRY(route.owner, percent_decode(take_part(path)));
    if (route.owner == "assets") {
        route.kind = RouteKind::asset;
        route.rest = path;
        return route;
    }
    if (route.owner == "network") {
        route.kind = path.empty() ? RouteKind::network : RouteKind::none;
        if (take_part(path) == "blocks" && !path.empty()) {
            route.kind = RouteKind::block;
            route.rest = path;
        }
        return route;
    }
    if (path.empty()) {
        route.kind = RouteKind::owner;
        return route;
    }
    ASHLAR_TRY(route.repository, percent_decode(take_part(path)));
    if (path.empty()) {
        route.kind = RouteKind::repository;
        return route;
    }
    std::string_view word = take_part(path);
    ASHLAR_TRY(route.rest, percent_decode(path));
    route.kind = kind_of(word, !route.rest.empty());
    return route;
}

}  // namespace ashlar::api::page
