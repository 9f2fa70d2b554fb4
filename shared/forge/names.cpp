#include "forge/names.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"

namespace ashlar::forge {

namespace {

// First parts of paths that the server itself answers, now or by the documents that it follows.
constexpr std::array<std::string_view, 46> kReservedLogins = {
    "about",         "account", "api",         "apps",     "archive",       "assets",
    "ashlar",        "blog",    "browse",      "ci",       "docs",          "edge",
    "events",        "explore", "favicon.ico", "features", "git",           "health",
    "help",          "info",    "issues",      "join",     "login",         "logout",
    "metrics",       "network", "new",         "nobody",   "notifications", "orgs",
    "organizations", "proof",   "pulls",       "raw",      "receipts",      "robots.txt",
    "root",          "search",  "security",    "settings", "signup",        "static",
    "sync",          "system",  "users",       "ws"};

constexpr std::array<std::string_view, 3> kReservedSuffixes = {".git", ".wiki", ".lock"};

bool is_letter_or_digit(char character) {
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           (character >= '0' && character <= '9');
}

// The length of the UTF-8 sequence that `text` begins with; 0 where that is none, is overlong, or
// encodes a surrogate or a number beyond Unicode.
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<Byte>(text[i]); };
    const auto follows = [&](std::size_t i) { return i < text.size() && (byte(i) & 0xc0) == 0x80; };
    const Byte first = byte(0);
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
    if (first >= 0xe0 && first <= 0xef) {
        if (!follows(1) || !follows(2)) return 0;
        if (first == 0xe0 && byte(1) < 0xa0) return 0;
        if (first == 0xed && byte(1) > 0x9f) return 0;
        return 3;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        if (!follows(1) || !follows(2) || !follows(3)) return 0;
        if (first == 0xf0 && byte(1) < 0x90) return 0;
        if (first == 0xf4 && byte(1) > 0x8f) return 0;
        return 4;
    }
    return 0;
}

}  // namespace

std::string fold_name(std::string_view name) {
    std::string folded(name);
    for (char& character : folded) {
        if (character >= 'A' && character <= 'Z') {
            character = static_cast<char>(character - 'A' + 'a');
        }
    }
    return folded;
}

bool is_reserved_login(std::string_view login) {
    return std::find(kReservedLogins.begin(), kReservedLogins.end(), fold_name(login)) !=
           kReservedLogins.end();
}

Expected<void> check_login(std::string_view login) {
    const auto invalid = [](std::string why) {
        return fail(ErrorCode::invalid, "login " + std::move(why));
    };
    if (login.empty()) return invalid("is empty");
    if (login.size() > kLoginLengthMax) {
        return invalid("is longer than " + std::to_string(kLoginLengthMax) + " characters");
    }
    for (std::size_t i = 0; i < login.size(); ++i) {
        if (is_letter_or_digit(login[i])) continue;
        if (login[i] != '-') return invalid("may have letters, digits and single hyphens only");
        if (i == 0 || i + 1 == login.size()) return invalid("may not begin or end with a hyphen");
        if (login[i - 1] == '-') return invalid("may not have two hyphens in a row");
    }
    if (is_reserved_login(login)) return invalid("\"" + std::string(login) + "\" is reserved");
    return {};
}

Expected<void> check_repository_name(std::string_view name) {
    const auto invalid = [](std::string why) {
        return fail(ErrorCode::invalid, "repository name " + std::move(why));
    };
    if (name.empty()) return invalid("is empty");
    if (name.size() > kRepositoryNameLengthMax) {
        return invalid("is longer than " + std::to_string(kRepositoryNameLengthMax) +
                       " characters");
    }
    for (const char character : name) {
        if (is_letter_or_digit(character) || character == '-' || character == '_' ||
            character == '.') {
            continue;
        }
        return invalid("may have letters, digits, '-', '_' and '.' only");
    }
    if (name == "." || name == "..") return invalid("\"" + std::string(name) + "\" is reserved");
    const std::string folded = fold_name(name);
    for (const std::string_view suffix : kReservedSuffixes) {
        if (folded.size() >= suffix.size() &&
            std::string_view(folded).substr(folded.size() - suffix.size()) == suffix) {
            return invalid("may not end with \"" + std::string(suffix) + "\"");
        }
    }
    return {};
}

Expected<void> check_text(std::string_view what, std::string_view text, std::size_t length_max) {
    const auto invalid = [&](const std::string& why) {
        return fail(ErrorCode::invalid, std::string(what) + " " + why);
    };
    if (text.size() > length_max) {
        return invalid("is longer than " + std::to_string(length_max) + " bytes");
    }
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0) return invalid("is not valid UTF-8");
        const Byte first = static_cast<Byte>(text[0]);
        const bool c1 = length == 2 && first == 0xc2 && static_cast<Byte>(text[1]) < 0xa0;
        if (first < 0x20 || first == 0x7f || c1) return invalid("holds a control character");
        text.remove_prefix(length);
    }
    return {};
}

std::string full_name(std::string_view owner, std::string_view repository) {
    return std::string(owner) + "/" + std::string(repository);
}

}  // namespace ashlar::forge
