// Names that people choose, as GitHub allows them, and those kept back because a route or a file
// has them. Names are unique without regard to case and shown as they were given; both are ASCII,
// so that no two look alike.
#pragma once

#include <string>
#include <string_view>

#include "base/expected.h"

namespace ashlar::forge {

inline constexpr std::size_t kLoginLengthMax = 39;
inline constexpr std::size_t kRepositoryNameLengthMax = 100;
inline constexpr std::size_t kDescriptionLengthMax = 350;  // bytes
inline constexpr std::size_t kTokenNameLengthMax = 100;    // bytes
inline constexpr std::size_t kSshKeyTitleLengthMax = 255;  // bytes
inline constexpr std::size_t kSshKeysMax = 100;            // of one account

// Letters, digits and single hyphens inside; not reserved. Fails with `invalid`, saying why.
Expected<void> check_login(std::string_view login);

// Letters, digits, '-', '_' and '.'; neither "." nor ".." nor ending in ".git", ".wiki" or ".lock";
// not reserved. Fails with `invalid`, saying why.
Expected<void> check_repository_name(std::string_view name);

// Valid UTF-8 without control characters, of at most `length_max` bytes. Fails with `invalid`.
Expected<void> check_text(std::string_view what, std::string_view text, std::size_t length_max);

// A login that a route has: "api", "health".
bool is_reserved_login(std::string_view login);

// The form in which names are compared: ASCII letters in lower case.
std::string fold_name(std::string_view name);

// "alice/hello"
std::string full_name(std::string_view owner, std::string_view repository);

}  // namespace ashlar::forge
