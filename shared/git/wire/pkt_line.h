// Packet lines, the framing of git's protocol (gitprotocol-common, "pkt-line Format"): four
// hexadecimal digits that count themselves and the payload; 0000, 0001 and 0002 are marks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/expected.h"

namespace ashlar::git {

inline constexpr std::size_t kPacketHeaderSize = 4;
inline constexpr std::size_t kPacketPayloadSizeMax = 65516;  // 65520 with the header

enum class PacketKind : std::uint8_t { data, flush, delimiter, response_end };

struct Packet {
    PacketKind kind = PacketKind::data;
    ByteView payload;  // of the input that it was parsed from

    bool is_data() const { return kind == PacketKind::data; }
    bool is_flush() const { return kind == PacketKind::flush; }
    bool is_delimiter() const { return kind == PacketKind::delimiter; }
    // The payload without the line feed that may end it.
    std::string_view line() const;
};

// Parses the packet at the front of the input and moves the input behind it. Nothing where the
// input ends before the packet does, and then the input stays as it is: call again with more.
// Fails with `invalid` where the length is no hexadecimal number, is 3, or is over 65520.
Expected<std::optional<Packet>> parse_packet(ByteView& input);

// Reads packets from a body that came whole.
class PacketReader {
  public:
    explicit PacketReader(ByteView body) : rest_(body) {}
    // Nothing at the end of the body; `invalid` where the body ends inside a packet.
    Expected<std::optional<Packet>> next();
    ByteView rest() const { return rest_; }

  private:
    ByteView rest_;
};

// Reads packets from a body that arrives piece by piece; holds at most one packet.
class PacketParser {
  public:
    // The next packet, or nothing when all of the input was taken and more is needed. Moves the
    // input behind what was taken. The packet is valid until the next call, and as long as the
    // input's bytes are.
    Expected<std::optional<Packet>> next(ByteView& input);
    // Whether the last call left part of a packet behind.
    bool inside_packet() const { return !pending_.empty() && !taken_; }

  private:
    Bytes pending_;       // the beginning of a packet whose end has not arrived
    bool taken_ = false;  // pending_ holds the packet that the last call returned
};

// Writers. The payload is at most kPacketPayloadSizeMax bytes; a line gets its line feed here.
void append_packet_header(Bytes& to, std::size_t payload_size);
void append_packet(Bytes& to, ByteView payload);
void append_line(Bytes& to, std::string_view line);
void append_flush(Bytes& to);
void append_delimiter(Bytes& to);
// At most size_max bytes of the text, each that is no printable ASCII character replaced by '?':
// what a client sent never reaches a terminal or a log as it is.
std::string printable_line(std::string_view text, std::size_t size_max);
// "ERR <text>": ends the exchange. What is no printable character of the text is replaced.
void append_error(Bytes& to, std::string_view text);

}  // namespace ashlar::git
