// What a server's git shows of a repository's refs, against what is proven of them.
#pragma once

#include "native/client/proven_refs.h"

namespace ashlar::client {

// Asks as git does, in protocol v2 and in v0, and fails with `invalid`, naming the first ref that
// is shown otherwise, where either answer is not exactly what is proven.
Expected<void> compare_git_refs(const HttpClient& server, const RepositoryAddress& address,
                                const ProvenRefs& proven);

}  // namespace ashlar::client
