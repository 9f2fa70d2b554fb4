// A pack from outside: the first byte says how it is cut into pieces; the trailer is made right, so
// that what lies behind it is reached. What is taken must be what its index says.
#include <algorithm>
#include <cstdlib>

#include "git/pack/pack_receiver.h"
#include "git/pack/packed_objects.h"
#include "support/memory_pack_store.h"

namespace ashlar::git {
namespace {

void check(bool holds) {
    if (!holds) std::abort();
}

void check_taken(const PackStaging& staging, const ReceivedPack& received) {
    auto catalog = PackCatalog::open({view_staged_pack(staging, received)});
    check(catalog.has_value());
    check((*catalog)->index(0).validate().has_value());
    PackedObjects objects(*catalog);
    for (std::uint32_t position = 0; position < (*catalog)->index(0).object_count(); ++position) {
        ObjectId id = *(*catalog)->id_at({0, position});
        auto object = objects.read(id, kObjectSizeMaxDefault);
        check(object.has_value());
        check(*object_id_of((*object)->type, (*object)->content) == id);
    }
}

void receive(ByteView input) {
    std::size_t piece = std::size_t{input[0]} * 4 + 1;
    Bytes pack = to_bytes(input.subspan(1));
    if (pack.size() >= kPackTrailerSize) {
        pack.resize(pack.size() - kPackTrailerSize);
        crypto::Sha1 hash(crypto::CollisionDetection::off);
        append(pack, ByteView(*hash.update(pack).finish()));
    }
    MemoryPackStore store;
    auto staging = store.stage();
    PackReceiver::Options options;
    options.limits.object_count_max = 1000;
    options.limits.held_object_size_max = 1 << 20;
    options.limits.object_size_max = 1 << 20;
    options.limits.inflated_bytes_max = 1 << 24;
    options.limits.delta_work_bytes_max = 1 << 25;
    PackReceiver receiver(**staging, nullptr, options);
    for (ByteView rest = pack; !rest.empty();) {
        if (!receiver.write(rest.first(std::min(piece, rest.size())))) return;
        rest = rest.subspan(std::min(piece, rest.size()));
    }
    auto received = receiver.finish();
    if (received) check_taken(**staging, *received);
}

}  // namespace
}  // namespace ashlar::git

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 0) ashlar::git::receive({data, size});
    return 0;
}
