// An index from outside, and a manifest. What validates can be walked in every way.
#include <cstdlib>

#include "base/memory_bytes.h"
#include "git/pack/pack_index.h"
#include "git/pack/pack_store.h"

namespace ashlar::git {
namespace {

void check(bool holds) {
    if (!holds) std::abort();
}

void read(ByteView input) {
    if (auto manifest = decode_pack_manifest(input)) {
        check(encode(*manifest) == to_bytes(input));
    }
    auto index = PackIndex::open(std::make_shared<MemoryBytes>(to_bytes(input)));
    if (!index || !index->validate()) return;
    for (std::uint32_t position = 0; position < index->object_count(); ++position) {
        ObjectId id = *index->id_at(position);
        check(*index->find(id) == position);
        std::uint32_t at = position;
        for (int steps = 0; index->entry_at(at)->base != kNoBase; ++steps) {
            check(steps < 65536);
            at = index->entry_at(at)->base;
        }
    }
}

}  // namespace
}  // namespace ashlar::git

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ashlar::git::read({data, size});
    return 0;
}
