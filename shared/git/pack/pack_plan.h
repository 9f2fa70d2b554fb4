// Which objects go into a pack, in which order and form.
#pragma once

#include <vector>

#include "git/pack/pack_writer.h"

namespace ashlar::git {

struct PackPlan {
    enum class Form : std::uint8_t {
        whole,            // copied
        offset_delta,     // copied, its base named by the distance in this pack
        reference_delta,  // copied, its base named by id
        made_whole,       // its base does not go out: made from its deltas, and deflated
    };

    struct Entry {
        PackLocation location;
        std::uint32_t base = kNoBase;  // number of the base's entry here, where it goes out too
        Form form = Form::whole;
        std::uint64_t written_at = 0;  // known when it is written
    };

    std::vector<Entry> entries;  // in the order in which they are written
};

// Fails with `not_found` where the catalog lacks an object, with `invalid` where one is named
// twice.
Expected<PackPlan> make_pack_plan(const PackCatalog& catalog, const std::vector<ObjectId>& ids,
                                  const PackWriterOptions& options);

}  // namespace ashlar::git
