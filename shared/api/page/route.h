// An address of a page, taken apart.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/expected.h"

namespace ashlar::api::page {

// Longer addresses are refused.
inline constexpr std::size_t kPathBytesMax = 16 * 1024;

enum class RouteKind : std::uint8_t {
    repositories,
    owner,
    repository,
    tree,
    blob,
    raw,
    commits,
    commit,
    branches,
    tags,
    network,
    block,
    asset,
    none,  // no page has such an address
};

struct Route {
    RouteKind kind = RouteKind::none;
    std::string owner;
    std::string repository;
    std::string rest;  // decoded: "main/src/a.cpp", a commit's id, an asset's name, a height
};

// `path` is percent-encoded, without the query. Fails with `invalid` on a broken escape, a NUL byte
// or one that is too long.
Expected<Route> parse_route(std::string_view path);

}  // namespace ashlar::api::page
