#include "support/golden.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

namespace ashlar::test {
namespace {

constexpr std::size_t kDigitsPerLine = 96;

std::filesystem::path golden_path(const std::string& name) {
    const char* source = std::getenv("ASHLAR_SOURCE_DIR");
    return std::filesystem::path(source != nullptr ? source : ASHLAR_SOURCE_DIR) / "tests" /
           "golden" / name;
}

std::string to_hex(const std::uint8_t* bytes, std::size_t size) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string hex;
    for (std::size_t i = 0; i < size; ++i) {
        hex.push_back(kDigits[bytes[i] >> 4]);
        hex.push_back(kDigits[bytes[i] & 15]);
    }
    return hex;
}

// The digits of the file alone; nothing when there is no such file.
std::optional<std::string> read_digits(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    std::string digits;
    for (std::string line; std::getline(file, line);) {
        if (!line.empty() && line.front() == '#') continue;
        for (char character : line) {
            if (character != ' ' && character != '\r' && character != '\t') {
                digits.push_back(character);
            }
        }
    }
    return digits;
}

void write_digits(const std::filesystem::path& path, const std::string& hex) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream file(path, std::ios::binary);
    for (std::size_t at = 0; at < hex.size(); at += kDigitsPerLine) {
        file << hex.substr(at, kDigitsPerLine) << '\n';
    }
}

}  // namespace

std::vector<std::uint8_t> read_golden(const std::string& name) {
    std::vector<std::uint8_t> bytes;
    const std::filesystem::path path = golden_path(name);
    const std::optional<std::string> digits = read_digits(path);
    EXPECT_TRUE(digits) << "no golden file " << path;
    if (!digits) return bytes;
    const bool is_hex = digits->size() % 2 == 0 &&
                        digits->find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
    EXPECT_TRUE(is_hex) << path << " holds something else than pairs of hexadecimal digits";
    if (!is_hex) return bytes;
    for (std::size_t at = 0; at < digits->size(); at += 2) {
        bytes.push_back(
            static_cast<std::uint8_t>(std::strtoul(digits->substr(at, 2).c_str(), nullptr, 16)));
    }
    return bytes;
}

testing::AssertionResult matches_golden(const std::string& name, const std::uint8_t* bytes,
                                        std::size_t size) {
    const std::filesystem::path path = golden_path(name);
    const std::string actual = to_hex(bytes, size);
    if (std::getenv("ASHLAR_WRITE_GOLDEN") != nullptr) {
        write_digits(path, actual);
        return testing::AssertionFailure()
               << "wrote " << path << "; run again without the variable";
    }
    const std::optional<std::string> expected = read_digits(path);
    if (!expected) {
        return testing::AssertionFailure()
               << "no golden file " << path << "; ASHLAR_WRITE_GOLDEN=1 writes it";
    }
    if (*expected == actual) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "bytes differ from " << path
                                       << "\n  golden: " << *expected << "\n  actual: " << actual;
}

}  // namespace ashlar::test
