// Expected<T>: a value, or an Error about input or state. Exceptions never cross a layer.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "base/error.h"

namespace ashlar {

template <typename T>
using Expected = tl::expected<T, Error>;

using Unexpected = tl::unexpected<Error>;

// return fail(ErrorCode::not_found, "repository " + name);
inline Unexpected fail(ErrorCode code, std::string detail) {
    return Unexpected(Error{code, std::move(detail)});
}

}  // namespace ashlar

#define ASHLAR_CONCATENATE_INNER(left, right) left##right
#define ASHLAR_CONCATENATE(left, right) ASHLAR_CONCATENATE_INNER(left, right)

// ASHLAR_TRY(auto value, expression): the value, or return the error to the caller.
#define ASHLAR_TRY(declaration, expression) \
    ASHLAR_TRY_INNER(ASHLAR_CONCATENATE(ashlar_try_, __LINE__), declaration, expression)
#define ASHLAR_TRY_INNER(temporary, declaration, expression)                   \
    auto temporary = (expression);                                             \
    if (!temporary) return ::ashlar::Unexpected(std::move(temporary).error()); \
    declaration = std::move(*temporary)

// ASHLAR_CHECK(expression): return the error of an Expected<void>, or go on.
#define ASHLAR_CHECK(expression)                                                         \
    do {                                                                                 \
        auto ashlar_check = (expression);                                                \
        if (!ashlar_check) return ::ashlar::Unexpected(std::move(ashlar_check).error()); \
    } while (false)
