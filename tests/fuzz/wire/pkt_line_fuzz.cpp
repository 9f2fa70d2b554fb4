// Packet lines, whole and in pieces: the first byte says how long the pieces are. Both ways give
// the same packets.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "git/wire/pkt_line.h"

namespace {

using namespace ashlar;

std::string text_of(const git::Packet& packet) {
    return std::to_string(static_cast<int>(packet.kind)) + std::string(as_text(packet.payload));
}

std::vector<std::string> in_pieces(ByteView stream, std::size_t piece_size) {
    git::PacketParser parser;
    std::vector<std::string> packets;
    while (!stream.empty()) {
        ByteView piece = stream.first(std::min(piece_size, stream.size()));
        stream = stream.subspan(piece.size());
        while (true) {
            auto packet = parser.next(piece);
            if (!packet) return packets;
            if (!packet->has_value()) break;
            packets.push_back(text_of(**packet));
        }
        if (!piece.empty()) std::abort();
    }
    return packets;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    ByteView stream(data + 1, size - 1);
    std::vector<std::string> whole;
    git::PacketReader reader(stream);
    while (true) {
        auto packet = reader.next();
        if (!packet || !packet->has_value()) break;
        whole.push_back(text_of(**packet));
    }
    if (in_pieces(stream, std::size_t{data[0]} + 1) != whole) std::abort();
    return 0;
}
