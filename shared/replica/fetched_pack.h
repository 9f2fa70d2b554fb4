// A pack of a repository, out of parts that are fetched as they are read.
#pragma once

#include "git/pack/pack_store.h"
#include "replica/contents.h"
#include "replica/entry_checks.h"

namespace ashlar::replica {

// Where the parts of a repository are read from.
std::string repository_address(std::string_view owner, std::string_view repository,
                               std::string_view part);

struct FetchedPack {
    std::shared_ptr<const git::StoredPack> stored;   // as the server describes it
    std::shared_ptr<const git::StoredPack> checked;  // gives away only what was checked
    std::shared_ptr<EntryChecks> checks;
};

// Its manifest and its whole index are there; its body is read extent by extent. Fails with
// `needs_data`, or with `invalid` where the parts do not fit together. `shared` hears of checks
// that are worth keeping.
Expected<FetchedPack> open_fetched_pack(const std::shared_ptr<Contents>& contents,
                                        const std::string& owner, const std::string& repository,
                                        const forge::PackReference& pack,
                                        const std::shared_ptr<SharedChecks>& shared);

}  // namespace ashlar::replica
