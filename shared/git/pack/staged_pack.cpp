#include "git/pack/pack_reception.h"
#include "git/pack/staged_view.h"

namespace ashlar::git {

std::shared_ptr<const StoredPack> view_staged_pack(const PackStaging& staging,
                                                   const ReceivedPack& received) {
    auto pack = std::make_shared<StoredPack>();
    pack->manifest.size = received.pack_size;
    pack->manifest.object_count = received.object_count;
    pack->manifest.index_size = received.index.size();
    pack->body = view_of(staging);
    pack->index = view_of(ByteView(received.index));
    return pack;
}

}  // namespace ashlar::git
