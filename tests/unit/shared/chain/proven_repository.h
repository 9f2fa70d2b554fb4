// A chain with a repository whose refs there is something to prove of.
#pragma once

#include "chain_harness.h"

namespace ashlar::chain {

struct ProvenRepository {
    ChainHarness chain;
    forge::RepositoryId id;

    ProvenRepository() {
        id = chain.repository("hello");
        chain.repository("other");
        forge::UpdateRefs push = chain.push(id, "refs/heads/main", std::nullopt, object(1));
        push.updates.push_back({"refs/heads/topic", std::nullopt, object(2), std::nullopt});
        push.updates.push_back({"refs/tags/v1", std::nullopt, object(3), object(4)});
        chain.run_one(push);
    }
    const KeyValueReader& rows() const { return *chain.store; }
};

}  // namespace ashlar::chain
