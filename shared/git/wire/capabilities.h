// What the server says it can do, in the words of the protocol.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "git/wire/service.h"

namespace ashlar::git {

// The list behind the NUL of the first ref, in v0 and v1; head_target is empty where HEAD names no
// ref that exists.
std::string upload_pack_capabilities(const ServerIdentity& identity, std::string_view head_target);
std::string receive_pack_capabilities(const ServerIdentity& identity);

// The lines of a v2 advertisement, commands included.
std::vector<std::string> version_2_capabilities(const ServerIdentity& identity);

}  // namespace ashlar::git
