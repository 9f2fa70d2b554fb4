#include "native/client/max_age.h"

#include <charconv>
#include <cstdlib>
#include <string_view>

namespace ashlar::client {

namespace {
constexpr std::uint64_t kSecondsMax = std::uint64_t{1} << 40;
}

Expected<std::uint64_t> max_age_ms_of_environment() {
    const char* value = std::getenv("ASHLAR_MAX_AGE");
    if (value == nullptr || *value == '\0') return kMaxAgeSecondsDefault * 1000;
    const std::string_view text(value);
    std::uint64_t seconds = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() ||
        seconds > kSecondsMax) {
        return fail(ErrorCode::invalid, "ASHLAR_MAX_AGE must be a number of seconds");
    }
    return seconds * 1000;
}

Expected<void> check_age(const chain::LightClient& light, std::uint64_t now_ms,
                         std::uint64_t max_age_ms) {
    const std::uint64_t age_ms = light.age_ms(now_ms);
    if (age_ms <= max_age_ms) return {};
    return fail(ErrorCode::conflict, "the newest state that the server shows is " +
                                         std::to_string(age_ms / 1000) + " seconds old, and " +
                                         std::to_string(max_age_ms / 1000) +
                                         " are allowed: it is behind, or shows an old state");
}

}  // namespace ashlar::client
