// A repository at one final state: what every read of it starts from. It stays as it is while
// somebody holds it, whatever is pushed meanwhile.
#pragma once

#include <memory>

#include "chain/state_reader.h"
#include "git/object/object_source.h"
#include "git/pack/pack_catalog.h"
#include "git/ref_source.h"

namespace ashlar::node {

struct RepositoryView {
    std::shared_ptr<const chain::StateReader> state;
    forge::Account owner;
    // As the ledger has it, except that may_hold_unreachable is off where this node has found out
    // that there is nothing of the kind (any more).
    forge::Repository repository;
    std::shared_ptr<const git::RefSource> refs;
    // Shared by all who read the same list of packs.
    std::shared_ptr<const git::PackCatalog> packs;

    // Each reader (one thread at a time) has its own.
    std::unique_ptr<git::ObjectSource> objects() const;
};

}  // namespace ashlar::node
