// What accounts, tokens and repositories are called. Ids are counters in the state: never reused,
// and unchanged by a rename.
#pragma once

#include "base/strong_id.h"

namespace ashlar::forge {

using AccountId = StrongId<struct AccountIdTag>;
using TokenId = StrongId<struct TokenIdTag>;
using RepositoryId = StrongId<struct RepositoryIdTag>;
using SshKeyId = StrongId<struct SshKeyIdTag>;

}  // namespace ashlar::forge
