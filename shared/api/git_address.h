// Which of git's resources an address names:
//
//   /{owner}/{repo}.git/info/refs    /{owner}/{repo}/info/refs    /git/{owner}/{repo}/info/refs
//
// and git-upload-pack, git-receive-pack, bundles/<digest>.bundle, packs/<digest>.pack, and the
// files that a dumb client would ask for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/digest.h"

namespace ashlar::api {

enum class GitResource : std::uint8_t {
    info_refs,
    upload_pack,
    receive_pack,
    bundle,
    pack,
    dumb_file
};

struct GitAddress {
    std::string owner;
    std::string repository;  // without ".git"
    GitResource resource = GitResource::info_refs;
    crypto::Digest digest;  // of a bundle or a pack
};

// Nothing where the path is none of git's. The path is percent-encoded, as sent.
std::optional<GitAddress> parse_git_address(std::string_view path);

}  // namespace ashlar::api
