// One download of a pack whose manifest is known: extents are asked for ahead, from several
// validators in turn, checked against the manifest, and received in order.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <vector>

#include "native/validator/checked_packs.h"
#include "native/validator/request_table.h"

namespace ashlar::validator {

// Whether the manifest is that of the name, and fits its own size.
bool is_manifest_of(const codec::PackManifestAnswer& manifest, const git::PackDigest& pack);

class PackDownload {
  public:
    struct Limits {
        std::size_t window;           // extents that are asked for and not used yet
        std::uint32_t answer_ms_max;  // for each
        // Who is waited for for longer than this, for what it has sent, is asked for no more, where
        // others are left.
        std::uint32_t grace_ms;
        std::uint32_t bytes_per_ms_min;
    };
    // Asked before each extent, with what was received: fails where the download is to end.
    using MayGoOn = std::function<Expected<void>(std::uint64_t received)>;
    using AskExtent =
        std::function<codec::PeerRequestId(const PublicKey& peer, std::uint32_t extent)>;

    // There is at least one peer.
    PackDownload(CheckedPacks& checked_packs, RequestTable& requests,
                 const codec::PackManifestAnswer& manifest, std::vector<PublicKey> peers,
                 AskExtent ask, MayGoOn may_go_on, const Limits& limits);
    ~PackDownload();
    PackDownload(const PackDownload&) = delete;
    PackDownload& operator=(const PackDownload&) = delete;

    // Fails with `unavailable` where no peer is left that answers, as PackIntake does, and as it is
    // told to.
    Expected<std::shared_ptr<const KnownPack>> run();

  private:
    struct Asked {
        codec::PeerRequestId request;
        PublicKey peer;
        std::uint32_t extent = 0;
    };
    void ask_ahead();
    void ask(std::uint32_t extent, bool first);
    void leave(const PublicKey& peer);
    bool is_slow(const PublicKey& peer) const;
    Expected<Bytes> next_extent();

    RequestTable& requests_;
    const codec::PackManifestAnswer& manifest_;
    std::vector<PublicKey> peers_;
    const AskExtent ask_;
    const MayGoOn may_go_on_;
    const Limits limits_;
    PackIntake intake_;
    struct Pace {
        std::chrono::steady_clock::duration waited{};
        std::uint64_t bytes = 0;
    };
    std::map<PublicKey, Pace> paces_;
    std::deque<Asked> asked_;  // ascending by extent, without a gap
    std::uint32_t next_to_ask_ = 0;
    std::size_t turn_ = 0;
};

}  // namespace ashlar::validator
