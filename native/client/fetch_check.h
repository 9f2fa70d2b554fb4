// Watches a server's answer to a fetch (gitprotocol-v2, "fetch") on its way to git.
//
// Objects need no watching, for git names them by their hashes and walks from the ids that were
// proven. But an answer may also say that histories are cut off ("shallow-info"), which git
// believes: from a server that nobody trusts that counts only where a cut was asked for. Sections
// that name refs or other addresses ("wanted-refs", "packfile-uris") are never asked for, and
// refused.
#pragma once

#include <optional>

#include "git/wire/pkt_line.h"

namespace ashlar::client {

class FetchCheck {
  public:
    // The request, whole. Fails with `invalid` where it is none in protocol v2.
    static Expected<FetchCheck> of_request(ByteView request);

    // The packets that have come whole with this piece, appended to `checked`. Fails with
    // `invalid`; then nothing more may be passed on.
    Expected<void> take(ByteView piece, Bytes& checked);
    // Fails with `invalid` where the answer is cut off.
    Expected<void> finish() const;
    // Whether what comes next stands in a side band.
    bool in_pack() const { return place_ == Place::in_pack; }

  private:
    enum class Place { at_section, in_section, in_pack, ended };

    Expected<void> take_packet(const git::Packet& packet, Bytes& checked);
    Expected<void> begin_section(std::string_view name);

    bool may_cut_ = false;
    Place place_ = Place::at_section;
    git::PacketParser parser_;
};

}  // namespace ashlar::client
