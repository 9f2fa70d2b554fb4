#include "git/wire/pkt_line.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ashlar::git {
namespace {

TEST(PktLine, is_written_as_the_document_shows) {
    Bytes written;
    append_line(written, "a");
    append_packet(written, as_bytes("a"));
    append_line(written, "foobar");
    append_packet(written, {});
    append_flush(written);
    append_delimiter(written);
    EXPECT_EQ(as_text(written), "0006a\n0005a000bfoobar\n000400000001");
}

TEST(PktLine, of_the_largest_size_is_written_and_read) {
    Bytes written;
    append_packet(written, Bytes(kPacketPayloadSizeMax, 'x'));
    EXPECT_EQ(as_text(written).substr(0, 4), "fff0");
    PacketReader reader(written);
    EXPECT_EQ(reader.next()->value().payload.size(), kPacketPayloadSizeMax);
}

TEST(PktLine, loses_one_line_feed_only) {
    PacketReader reader(as_bytes("0007a\n\n"));
    EXPECT_EQ(reader.next()->value().line(), "a\n");
}

TEST(PacketReader, tells_marks_from_data) {
    PacketReader reader(
        as_bytes("000000010002"
                 "0004"
                 "0005a"));
    EXPECT_EQ(reader.next()->value().kind, PacketKind::flush);
    EXPECT_EQ(reader.next()->value().kind, PacketKind::delimiter);
    EXPECT_EQ(reader.next()->value().kind, PacketKind::response_end);
    EXPECT_EQ(reader.next()->value().kind, PacketKind::data);
    EXPECT_EQ(reader.next()->value().line(), "a");
    EXPECT_FALSE(reader.next()->has_value());
}

TEST(PacketReader, refuses_lengths_that_are_none) {
    for (std::string_view bad : {"0003", "fff1", "ffff", "00 5a", "-005", "zzzz", "0x05"}) {
        PacketReader reader(as_bytes(bad));
        EXPECT_EQ(reader.next().error().code, ErrorCode::invalid) << bad;
    }
}

TEST(PacketReader, accepts_upper_case_digits) {
    PacketReader reader(as_bytes("000Ahello\n"));
    EXPECT_EQ(reader.next()->value().line(), "hello");
}

TEST(PacketReader, refuses_a_body_that_ends_inside_a_packet) {
    for (std::string_view bad : {"0", "000", "0006a"}) {
        PacketReader reader(as_bytes(bad));
        EXPECT_EQ(reader.next().error().code, ErrorCode::invalid) << bad;
    }
}

// What a parser makes of a stream that comes in pieces of one size.
std::vector<std::string> parse_in_pieces(std::string_view stream, std::size_t piece_size) {
    PacketParser parser;
    std::vector<std::string> lines;
    for (std::size_t start = 0; start < stream.size(); start += piece_size) {
        ByteView input = as_bytes(stream.substr(start, piece_size));
        while (true) {
            Expected<std::optional<Packet>> packet = parser.next(input);
            if (!packet) return {"error"};
            if (!packet->has_value()) break;
            lines.push_back((*packet)->is_data() ? std::string((*packet)->line()) : "mark");
        }
        EXPECT_TRUE(input.empty());
    }
    EXPECT_FALSE(parser.inside_packet());
    return lines;
}

TEST(PacketParser, gives_the_same_packets_whatever_the_pieces) {
    const std::string stream =
        "0006a\n0000000bfoobar\n00010004"
        "0009hello";
    const std::vector<std::string> expected = {"a", "mark", "foobar", "mark", "", "hello"};
    for (std::size_t size = 1; size <= stream.size(); ++size) {
        EXPECT_EQ(parse_in_pieces(stream, size), expected) << size;
    }
}

TEST(PacketParser, leaves_what_follows_the_packet) {
    PacketParser parser;
    ByteView input = as_bytes("0000PACK");
    EXPECT_TRUE(parser.next(input)->value().is_flush());
    EXPECT_EQ(as_text(input), "PACK");
}

TEST(PacketParser, refuses_a_bad_length_in_pieces_too) {
    EXPECT_EQ(parse_in_pieces("0003", 1), std::vector<std::string>{"error"});
}

TEST(PktLine, shows_no_control_characters_in_errors) {
    Bytes written;
    append_error(written, "bad \x1b[31m\nref");
    EXPECT_EQ(as_text(written), "0016ERR bad ?[31m?ref\n");
}

}  // namespace
}  // namespace ashlar::git
