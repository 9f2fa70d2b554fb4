// What the two halves of Connection share: connection.cpp reads requests, connection_reply.cpp
// answers them. For these two files only.
#pragma once

#include <cstdint>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>

#include "native/http/connection.h"

namespace ashlar::http {

// Runs a handler's step; an exception that it lets out ends this request alone.
template <typename Step>
void guarded(std::optional<HttpReply>& failure, Step step) {
    try {
        step();
    } catch (const std::exception& exception) {
        std::fprintf(stderr, "ashlar: a request failed: %s\n", exception.what());
        failure = text_reply(500, "the server failed on this request");
    }
}

struct Connection::ReplyPlan {
    HttpReply reply;
    ResponseFrame frame;
    // What goes out next, in one piece: framing and short parts, something long, and what follows
    // it.
    std::string pending;
    Bytes held;
    std::string behind;
    std::string& text() { return held.empty() ? pending : behind; }
    bool client_lost = false;
    std::uint64_t body_left = 0;  // with Framing::length: never more than was announced
};

}  // namespace ashlar::http
