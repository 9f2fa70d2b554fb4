// A request in, a response out: the same on a validator, at the edge and in a browser. HTTP's own
// framing (chunks, encodings, keep-alive) is the host's.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/chunk_stream.h"

namespace ashlar::api {

// Header names are lower-case here; the last of several with one name wins.
using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
    std::string method;  // "GET"
    std::string path;    // as sent, percent-encoded, without the query; begins with '/'
    std::string query;   // as sent, without '?'
    Headers headers;
    Bytes body;  // whole and bounded by the host; empty where the host streams it

    // The value of a header by its lower-case name.
    std::optional<std::string_view> header(std::string_view name) const;
};

struct Response {
    int status = 200;
    Headers headers;
    std::variant<Bytes, std::unique_ptr<ChunkStream>> body;
};

// "a%20b" to "a b". Fails with `invalid` on a broken escape or a NUL byte.
Expected<std::string> percent_decode(std::string_view text);
// "a b/c" to "a%20b/c": letters, digits and "-._~/" stay.
std::string percent_encode(std::string_view text);

// The parameters of a query string, decoded, '+' as a space. Fails with `invalid`.
Expected<std::map<std::string, std::string, std::less<>>> parse_query(std::string_view query);

}  // namespace ashlar::api
