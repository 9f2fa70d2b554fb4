// An annotated tag, parsed: views into its content, which must outlive them.
#pragma once

#include <optional>
#include <string_view>

#include "git/object/commit.h"
#include "git/object/reference.h"

namespace ashlar::git {

struct TagView {
    ObjectReference target;
    std::string_view name;
    std::optional<IdentityView> tagger;  // tags of git's first months have none
    std::string_view message;
};

// Fails with `invalid` where target, type or name cannot be read.
Expected<TagView> parse_tag(ByteView content);

}  // namespace ashlar::git
