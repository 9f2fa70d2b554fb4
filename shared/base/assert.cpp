#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace ashlar {

void assertion_failed(const char* expression, const char* file, int line) {
    // The one place in shared/ that prints: the process has no other last words.
    std::fprintf(stderr, "ashlar: assertion failed: %s (%s:%d)\n", expression, file, line);
    std::abort();
}

}  // namespace ashlar
