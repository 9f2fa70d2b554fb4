// How the commands that ask a server do so, and read what it says.
#pragma once

#include <string>
#include <string_view>

#include "native/api/json_reader.h"
#include "native/command/client_commands.h"

namespace ashlar::native {

// Tells the person, and gives the exit code.
int failed(const Error& error);

// The JSON of an answer with a status of 200 to 299; printed where the options ask for JSON. Fails
// with what the server said, or `unavailable` where none answers. `path` is the whole of it.
Expected<JsonValue> ask(const ClientOptions& options, std::string_view method,
                        const std::string& path, const std::string& json);

// Empty, false or null where there is no such member of that kind.
std::string text_member(const JsonValue& value, std::string_view name);
bool boolean_member(const JsonValue& value, std::string_view name);
std::uint64_t number_member(const JsonValue& value, std::string_view name);
const JsonArray* array_member(const JsonValue& value, std::string_view name);

// Percent-encodes all but letters, digits and "-_.".
std::string encode_segment(std::string_view text);

}  // namespace ashlar::native
