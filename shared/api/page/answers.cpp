#include "api/page/answers.h"

#include <algorithm>

namespace ashlar::api::page {

namespace {

constexpr std::string_view kPagePolicy =
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'";
constexpr std::string_view kRawPolicy =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'none'";

void add(Response& response, std::string_view name, std::string_view value) {
    response.headers.emplace_back(name, value);
}

std::string_view cache_control(Caching caching) {
    switch (caching) {
        case Caching::revalidate:
            return "public, no-cache";
        case Caching::revalidate_alone:
            return "private, no-cache";
        case Caching::forever:
            return "public, max-age=31536000, immutable";
        case Caching::never:
            return "no-store";
    }
    return "no-store";
}

std::string quoted(std::string_view etag) {
    return "\"" + std::string(etag) + "\"";
}

void add_caching(Response& response, std::string_view etag, Caching caching) {
    add(response, "cache-control", cache_control(caching));
    if (caching != Caching::forever) add(response, "vary", "authorization, cookie");
    if (!etag.empty()) add(response, "etag", quoted(etag));
}

void add_security(Response& response, std::string_view policy) {
    add(response, "content-security-policy", policy);
    add(response, "x-content-type-options", "nosniff");
    add(response, "x-frame-options", "DENY");
    add(response, "referrer-policy", "same-origin");
    add(response, "cross-origin-opener-policy", "same-origin");
    add(response, "cross-origin-resource-policy", "same-origin");
    add(response, "permissions-policy", "camera=(), geolocation=(), microphone=()");
}

Response make(int status, std::string_view content_type, Bytes body) {
    Response response;
    response.status = status;
    add(response, "content-type", content_type);
    response.body = std::move(body);
    return response;
}

}  // namespace

Response html_response(int status, pages::Html html, std::string_view etag, Caching caching,
                       Scripts scripts) {
    Response response = make(status, "text/html; charset=utf-8", to_bytes(html.text));
    add_caching(response, etag, caching);
    std::string policy(kPagePolicy);
    if (scripts == Scripts::own) policy.append("; script-src 'self'; connect-src 'self'");
    add_security(response, policy);
    return response;
}

Response file_response(std::string_view content_type, Bytes content, std::string_view etag,
                       Caching caching) {
    Response response = make(200, content_type, std::move(content));
    add_caching(response, etag, caching);
    add_security(response, kRawPolicy);
    return response;
}

Response redirection(std::string_view location) {
    Response response = make(302, "text/plain; charset=utf-8", to_bytes("See the new address.\n"));
    add(response, "location", location);
    add_caching(response, "", Caching::never);
    add_security(response, kPagePolicy);
    return response;
}

bool is_unchanged(const Request& request, std::string_view etag) {
    auto held = request.header("if-none-match");
    if (!held || etag.empty()) return false;
    std::string_view rest = *held;
    while (!rest.empty()) {
        std::string_view one = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(rest.size(), one.size() + 1));
        while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
        while (!one.empty() && one.back() == ' ') one.remove_suffix(1);
        if (one == "*") return true;
        // A proxy that compressed the page on the way made the tag a weak one.
        if (one.substr(0, 2) == "W/") one.remove_prefix(2);
        if (one == quoted(etag)) return true;
    }
    return false;
}

Response not_modified(std::string_view etag, Caching caching) {
    Response response;
    response.status = 304;
    add_caching(response, etag, caching);
    add_security(response, kPagePolicy);
    return response;
}

void drop_body(Response& response) {
    auto* body = std::get_if<Bytes>(&response.body);
    if (body == nullptr || response.status == 304) return;
    add(response, "content-length", std::to_string(body->size()));
    body->clear();
}

}  // namespace ashlar::api::page
