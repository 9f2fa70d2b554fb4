// Base64 with padding (RFC 4648, section 4).
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/expected.h"

namespace ashlar {

std::string to_base64(ByteView bytes);
// Padding may be missing; fails with `invalid` on any other character or an impossible length.
Expected<Bytes> from_base64(std::string_view text);

}  // namespace ashlar
