#include "api/request.h"

#include <algorithm>

namespace ashlar::api {

namespace {

std::string with_spaces(std::string_view text) {
    std::string result(text);
    for (char& character : result) {
        if (character == '+') character = ' ';
    }
    return result;
}

}  // namespace

std::optional<std::string_view> Request::header(std::string_view name) const {
    for (auto field = headers.rbegin(); field != headers.rend(); ++field) {
        if (field->first == name) return field->second;
    }
    return std::nullopt;
}

Expected<std::string> percent_decode(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded.push_back(text[i]);
            continue;
        }
        auto byte = from_hex(text.substr(i + 1, 2));
        if (!byte || byte->size() != 1) {
            return fail(ErrorCode::invalid, "a broken percent escape in the address");
        }
        decoded.push_back(static_cast<char>(byte->front()));
        i += 2;
    }
    if (decoded.find('\0') != std::string::npos) {
        return fail(ErrorCode::invalid, "a NUL byte in the address");
    }
    return decoded;
}

std::string percent_encode(std::string_view text) {
    constexpr std::string_view kPlain = "-._~/";
    std::string encoded;
    for (const char character : text) {
        const bool plain = (character >= '0' && character <= '9') ||
                           (character >= 'A' && character <= 'Z') ||
                           (character >= 'a' && character <= 'z') ||
                           kPlain.find(character) != std::string_view::npos;
        if (plain) {
            encoded.push_back(character);
        } else {
            encoded.append("%").append(to_hex(as_bytes(std::string_view(&character, 1))));
        }
    }
    return encoded;
}

Expected<std::map<std::string, std::string, std::less<>>> parse_query(std::string_view query) {
    std::map<std::string, std::string, std::less<>> parameters;
    while (!query.empty()) {
        std::string_view part = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), part.size() + 1));
        if (part.empty()) continue;
        std::size_t equals = part.find('=');
        ASHLAR_TRY(std::string name, percent_decode(with_spaces(part.substr(0, equals))));
        std::string value;
        if (equals != std::string_view::npos) {
            ASHLAR_TRY(value, percent_decode(with_spaces(part.substr(equals + 1))));
        }
        parameters.insert_or_assign(std::move(name), std::move(value));
    }
    return parameters;
}

}  // namespace ashlar::api
