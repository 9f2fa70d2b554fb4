// HTTP's side of an answer: security headers, caching, conditional requests, HEAD.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "api/request.h"
#include "pages/value.h"

namespace ashlar::api::page {

enum class Caching : std::uint8_t {
    revalidate,        // shared caches may keep it, and ask again each time
    revalidate_alone,  // only the browser of whoever may see it
    forever,           // named by its content
    never,
};

// Whether a page may load the script of the site's own, and ask the site again from it.
enum class Scripts : std::uint8_t { none, own };

// A strong entity tag, without quotes; empty: none.
Response html_response(int status, pages::Html html, std::string_view etag, Caching caching,
                       Scripts scripts = Scripts::none);
// Files never run as ours: they come in a sandbox of their own, unsniffed.
Response file_response(std::string_view content_type, Bytes content, std::string_view etag,
                       Caching caching);
Response redirection(std::string_view location);

// Whether the request holds this entity tag already (If-None-Match).
bool is_unchanged(const Request& request, std::string_view etag);
Response not_modified(std::string_view etag, Caching caching);

// HEAD: the same headers with the length of what GET would send.
void drop_body(Response& response);

}  // namespace ashlar::api::page
