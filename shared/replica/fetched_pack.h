// A pack of a repository, out of parts that are fetched as they are read.
#pragma once

#include "git/pack/pack_store.h"
#include "replica/contents.h"

namespace ashlar::replica {

// Where the parts of a repository are read from.
std::string repository_address(std::string_view owner, std::string_view repository,
                               std::string_view part);

// Its manifest and its whole index are there; its body is read extent by extent. Fails with
// `needs_data`, or with `invalid` where the parts do not fit together.
Expected<std::shared_ptr<const git::StoredPack>> open_fetched_pack(
    const std::shared_ptr<Contents>& contents, const std::string& owner,
    const std::string& repository, const forge::PackReference& pack);

}  // namespace ashlar::replica
