// ASHLAR_ASSERT: our own code is wrong. Always on, never for input: a validator stops rather than
// sign nonsense, and in WebAssembly the instance is rebuilt from its last verified state.
#pragma once

namespace ashlar {

[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);

}  // namespace ashlar

#define ASHLAR_ASSERT(expression)        \
    ((expression) ? static_cast<void>(0) \
                  : ::ashlar::assertion_failed(#expression, __FILE__, __LINE__))
