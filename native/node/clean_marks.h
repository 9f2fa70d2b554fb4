// What this node has found out about a repository: that, with these refs and these packs, it holds
// nothing that no ref reaches. The ledger remembers only that a push once left something behind.
#pragma once

#include "base/key_value.h"
#include "forge/records.h"

namespace ashlar::node {

// Node-local row "nclean" <repository 8>: refs root (32 bytes), pack sequence (8 bytes). It says
// nothing once either has changed: a push that leaves something behind changes one of them, and
// what was there before came back with it.
Bytes clean_mark_key(forge::RepositoryId repository);
Bytes clean_mark(const forge::Repository& repository);
Expected<bool> is_marked_clean(const KeyValueReader& rows, const forge::Repository& repository);

}  // namespace ashlar::node
