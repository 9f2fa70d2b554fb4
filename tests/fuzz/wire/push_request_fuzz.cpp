// The command section of a push, push certificates included: the first byte says how long the
// pieces are that it comes in. Whole or in pieces, it is the same push.
#include <algorithm>
#include <cstdlib>

#include "git/wire/receive_pack.h"

namespace {

using namespace ashlar;
using namespace ashlar::git;

struct Parsed {
    bool accepted = false;
    std::size_t rest_size = 0;
    PushRequest request;
};

Parsed parse(ByteView body, std::size_t piece_size) {
    PushLimits limits;
    limits.updates_max = 100;
    limits.options_max = 10;
    limits.option_size_max = 100;
    PushRequestParser parser(limits);
    Parsed parsed;
    while (!body.empty()) {
        ByteView piece = body.first(std::min(piece_size, body.size()));
        const std::size_t size = piece.size();
        auto ended = parser.feed(piece);
        body = body.subspan(size - piece.size());
        if (!ended || *ended) {
            parsed.accepted = ended.has_value();
            break;
        }
    }
    parsed.rest_size = body.size();
    parsed.request = parser.request();
    return parsed;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    ByteView body(data + 1, size - 1);
    const Parsed whole = parse(body, body.size() + 1);
    const Parsed pieces = parse(body, std::size_t{data[0]} + 1);
    if (whole.accepted != pieces.accepted || whole.request.updates != pieces.request.updates ||
        whole.request.push_options != pieces.request.push_options ||
        (whole.accepted && whole.rest_size != pieces.rest_size)) {
        std::abort();
    }
    if (refusals_of(whole.request).size() != whole.request.updates.size()) std::abort();
    // Answers are packets, whatever the names in them.
    const Bytes failure = encode_push_failure(whole.request, as_text(body.first(body.size() / 2)));
    PacketReader reader(failure);
    while (true) {
        auto packet = reader.next();
        if (!packet) std::abort();
        if (!packet->has_value()) break;
    }
    return 0;
}
