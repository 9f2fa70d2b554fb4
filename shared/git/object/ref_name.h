// The names of refs, by the rules of git-check-ref-format.
#pragma once

#include <string_view>

#include "base/expected.h"

namespace ashlar::git {

inline constexpr std::size_t kRefNameSizeMax = 1024;

// Fails with `invalid` and the rule that is broken, unless the name is one that a ref may have:
// at least two components ("refs/heads/main"), none of which is empty, begins with '.' or ends
// with ".lock"; no "..", "@{", control character, space, or one of ~^:?*[\ ; no '.' at the end;
// not longer than kRefNameSizeMax.
Expected<void> check_ref_name(std::string_view name);

// As above, and beginning with "refs/": what a push may create.
Expected<void> check_pushed_ref_name(std::string_view name);

}  // namespace ashlar::git
