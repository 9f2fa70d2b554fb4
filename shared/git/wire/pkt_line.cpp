#include "git/wire/pkt_line.h"

#include <algorithm>

#include "base/assert.h"

namespace ashlar::git {
namespace {

std::optional<unsigned> digit_value(Byte digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10U;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10U;
    return std::nullopt;
}

Expected<std::size_t> packet_size(ByteView header) {
    std::size_t size = 0;
    for (Byte digit : header.first(kPacketHeaderSize)) {
        std::optional<unsigned> value = digit_value(digit);
        if (!value) {
            return fail(ErrorCode::invalid, "bad packet line length, hexadecimal bytes " +
                                                to_hex(header.first(kPacketHeaderSize)));
        }
        size = size * 16 + *value;
    }
    if (size == 3 || size > kPacketHeaderSize + kPacketPayloadSizeMax) {
        return fail(ErrorCode::invalid, "bad packet line length " + std::to_string(size));
    }
    return size;
}

PacketKind mark_of(std::size_t size) {
    if (size == 0) return PacketKind::flush;
    return size == 1 ? PacketKind::delimiter : PacketKind::response_end;
}

}  // namespace

std::string_view Packet::line() const {
    std::string_view text = as_text(payload);
    if (text.ends_with('\n')) text.remove_suffix(1);
    return text;
}

Expected<std::optional<Packet>> parse_packet(ByteView& input) {
    if (input.size() < kPacketHeaderSize) return std::optional<Packet>();
    ASHLAR_TRY(std::size_t size, packet_size(input));
    if (size < kPacketHeaderSize) {
        input = input.subspan(kPacketHeaderSize);
        return std::optional<Packet>(Packet{mark_of(size), {}});
    }
    if (input.size() < size) return std::optional<Packet>();
    Packet packet{PacketKind::data, input.subspan(kPacketHeaderSize, size - kPacketHeaderSize)};
    input = input.subspan(size);
    return std::optional<Packet>(packet);
}

Expected<std::optional<Packet>> PacketReader::next() {
    if (rest_.empty()) return std::optional<Packet>();
    ASHLAR_TRY(std::optional<Packet> packet, parse_packet(rest_));
    if (!packet) {
        return fail(ErrorCode::invalid, "the request ends inside a packet line, " +
                                            std::to_string(rest_.size()) + " bytes into it");
    }
    return packet;
}

Expected<std::optional<Packet>> PacketParser::next(ByteView& input) {
    if (taken_) {
        pending_.clear();
        taken_ = false;
    }
    if (pending_.empty()) {
        ASHLAR_TRY(std::optional<Packet> packet, parse_packet(input));
        if (packet) return packet;
    }
    // The packet's end has not arrived: keep what there is, but never more than one packet.
    auto take = [&](std::size_t wanted_size) {
        std::size_t count = std::min(input.size(), wanted_size - pending_.size());
        append(pending_, input.first(count));
        input = input.subspan(count);
        return pending_.size() == wanted_size;
    };
    if (pending_.size() < kPacketHeaderSize && !take(kPacketHeaderSize)) {
        return std::optional<Packet>();
    }
    ASHLAR_TRY(std::size_t size, packet_size(pending_));
    if (size > kPacketHeaderSize && !take(size)) return std::optional<Packet>();
    ByteView whole(pending_);
    ASHLAR_TRY(std::optional<Packet> packet, parse_packet(whole));
    ASHLAR_ASSERT(packet.has_value());
    taken_ = true;
    return packet;
}

void append_packet_header(Bytes& to, std::size_t payload_size) {
    ASHLAR_ASSERT(payload_size <= kPacketPayloadSizeMax);
    constexpr std::string_view kDigits = "0123456789abcdef";
    const std::size_t size = payload_size + kPacketHeaderSize;
    for (int shift = 12; shift >= 0; shift -= 4) {
        to.push_back(static_cast<Byte>(kDigits[(size >> shift) & 0xf]));
    }
}

void append_packet(Bytes& to, ByteView payload) {
    append_packet_header(to, payload.size());
    append(to, payload);
}

void append_line(Bytes& to, std::string_view line) {
    append_packet_header(to, line.size() + 1);
    append(to, line);
    to.push_back('\n');
}

void append_flush(Bytes& to) {
    append(to, "0000");
}

void append_delimiter(Bytes& to) {
    append(to, "0001");
}

std::string printable_line(std::string_view text, std::size_t size_max) {
    std::string line(text.substr(0, size_max));
    for (char& character : line) {
        auto code = static_cast<unsigned char>(character);
        if (code < 0x20 || code >= 0x7f) character = '?';
    }
    return line;
}

void append_error(Bytes& to, std::string_view text) {
    constexpr std::size_t kErrorSizeMax = 1000;
    append_line(to, "ERR " + printable_line(text, kErrorSizeMax));
}

}  // namespace ashlar::git
