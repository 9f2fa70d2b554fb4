// Cap'n Proto 0.9's headers compare a C string with a kj::StringPtr by turning StringPtr's own
// operator round, which C++20 no longer does where there is an operator!= too (P2468R2). Compilers
// that know that rule get the operators that are missing; included ahead of the headers.
#pragma once

#include <kj/string.h>

namespace kj {

inline bool operator==(const char* left, const StringPtr& right) {
    return right.operator==(left);
}
inline bool operator!=(const char* left, const StringPtr& right) {
    return !right.operator==(left);
}

}  // namespace kj
