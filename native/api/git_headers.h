// The headers of git's answers (gitprotocol-http, "Smart Server Response"): nothing is cached.
#pragma once

#include <string>

#include "native/http/http_handler.h"

namespace ashlar::native {

inline http::HttpReply git_reply(std::string content_type) {
    http::HttpReply reply;
    reply.response.headers = {{"content-type", std::move(content_type)},
                              {"cache-control", "no-cache, max-age=0, must-revalidate"},
                              {"pragma", "no-cache"},
                              {"expires", "Fri, 01 Jan 1980 00:00:00 GMT"},
                              {"x-content-type-options", "nosniff"}};
    return reply;
}

}  // namespace ashlar::native
