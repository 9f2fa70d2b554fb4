/* What xdiff (the folder of libgit2's sources that compares lines) asks of the rest of libgit2,
   which is not built: memory, and a type for the patterns that nobody gives it. */
#ifndef ASHLAR_XDIFF_REGEXP_H
#define ASHLAR_XDIFF_REGEXP_H

#include <ctype.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define git__malloc(size) malloc(size)
#define git__realloc(memory, size) realloc(memory, size)
#define git__free(memory) free(memory)
#define GIT_INLINE(type) static inline type
#define GIT_UNUSED(parameter) ((void)(parameter))
#define GIT_ASSERT(expression) \
    do {                       \
        if (!(expression)) {   \
            return -1;         \
        }                      \
    } while (0)

typedef struct {
    int unused;
} git_regexp;
typedef struct {
    int unused;
} git_regmatch;

#endif
