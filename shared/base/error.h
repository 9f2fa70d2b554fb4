// The one table of error codes. A code exists only where some caller acts on it; the text for a
// person is made from the code and the detail, at the edge.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ashlar {

enum class ErrorCode : std::uint8_t {
    invalid,          // input is malformed; the detail says which value and why
    not_found,        // what was named does not exist, or may not be seen by whoever asks
    already_exists,   // a name is taken
    unauthenticated,  // who asks is not known
    forbidden,        // who asks is known and lacks the right
    conflict,         // the state moved on since the caller looked (a stale ref, an old height)
    limit_exceeded,   // a named limit was reached; the detail names it
    corrupt,          // stored data does not match its checksum or format; never served
    unsupported,      // well formed, and not served here
    unavailable,      // cannot be done now (no quorum, overload, disk full); trying again may help
    needs_data,       // a read lacks data that a host can fetch; run it again when it has
};

// Stable lower-case word for logs, metrics and tests, such as "not_found".
std::string_view to_string(ErrorCode code);

struct Error {
    ErrorCode code = ErrorCode::invalid;
    std::string detail;

    // "not_found: repository alice/hello"
    std::string message() const;
    friend bool operator==(const Error&, const Error&) = default;
};

}  // namespace ashlar
