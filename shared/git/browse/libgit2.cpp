#include "git/browse/libgit2.h"

#include <git2.h>

#include "base/assert.h"

namespace ashlar::git {

Libgit2::Libgit2() {
    ASHLAR_ASSERT(git_libgit2_init() > 0);
}

Libgit2::~Libgit2() {
    git_libgit2_shutdown();
}

}  // namespace ashlar::git
