#include "native/client/fetch_check.h"

namespace ashlar::client {

namespace {

Unexpected broken(const std::string& why) {
    return fail(ErrorCode::invalid, "fetch: " + why);
}

}  // namespace

Expected<FetchCheck> FetchCheck::of_request(ByteView request) {
    FetchCheck check;
    git::PacketReader packets(request);
    while (true) {
        ASHLAR_TRY(const auto packet, packets.next());
        if (!packet) return broken("the request has no end");
        if (packet->is_flush()) return check;
        if (!packet->is_data()) continue;
        const std::string_view line = packet->line();
        if (line.starts_with("deepen") || line.starts_with("shallow ")) check.may_cut_ = true;
    }
}

Expected<void> FetchCheck::take(ByteView piece, Bytes& checked) {
    while (true) {
        ASHLAR_TRY(const auto packet, parser_.next(piece));
        if (!packet) return {};
        ASHLAR_CHECK(take_packet(*packet, checked));
    }
}

Expected<void> FetchCheck::take_packet(const git::Packet& packet, Bytes& checked) {
    if (place_ == Place::ended) return broken("something follows the end of the answer");
    switch (packet.kind) {
        case git::PacketKind::data:
            if (place_ == Place::at_section) ASHLAR_CHECK(begin_section(packet.line()));
            git::append_packet(checked, packet.payload);
            return {};
        case git::PacketKind::delimiter:
            if (place_ != Place::in_section) return broken("a delimiter that parts nothing");
            place_ = Place::at_section;
            git::append_delimiter(checked);
            return {};
        case git::PacketKind::flush:
            place_ = Place::ended;
            git::append_flush(checked);
            return {};
        case git::PacketKind::response_end:
            break;
    }
    return broken("an end of the response that only this side may set");
}

Expected<void> FetchCheck::begin_section(std::string_view name) {
    place_ = Place::in_section;
    if (name == "acknowledgments") return {};
    if (name == "packfile") {
        place_ = Place::in_pack;
        return {};
    }
    if (name == "shallow-info") {
        if (may_cut_) return {};
        return broken("the server cuts off history that nobody asked to be cut");
    }
    if (name.starts_with("ERR ")) {
        place_ = Place::ended;
        return {};
    }
    return broken("a section that was not asked for: " + git::printable_line(name, 80));
}

Expected<void> FetchCheck::finish() const {
    if (place_ == Place::ended && !parser_.inside_packet()) return {};
    return broken("the answer is cut off");
}

}  // namespace ashlar::client
