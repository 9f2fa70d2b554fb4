// What a push is told at its end: where the proof is to be had that its refs are what they are now.
#pragma once

#include <string>

#include "git/wire/receive_pack.h"
#include "native/node/push.h"

namespace ashlar::native {

struct ProofPlace {
    std::string base_url;
    std::string owner;
    std::string repository;
};

// Lines for the person at the terminal; empty where nothing was done.
std::string proof_notice(const ProofPlace& place, const git::PushRequest& request,
                         const node::PushResult& result);

}  // namespace ashlar::native
