#include "native/node/repository_view.h"

#include "git/pack/packed_objects.h"

namespace ashlar::node {

std::unique_ptr<git::ObjectSource> RepositoryView::objects() const {
    return std::make_unique<git::PackedObjects>(packs);
}

}  // namespace ashlar::node
