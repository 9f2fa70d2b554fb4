// Sends packs that are being pushed here to the other validators: a large one as it arrives, a
// small one whole as soon as it is stored.
//
// The bytes are read back from where they are staged, then from the stored pack; so each validator
// is sent to at its own pace, within the room that it says it has, and none of them costs memory or
// slows the push. Who stops reading is left alone after a while: it will ask for the pack by name.
#pragma once

#include <array>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "native/node/pack_spreader.h"
#include "native/validator/checked_packs.h"
#include "native/validator/request_table.h"
#include "native/validator/transport.h"

namespace ashlar::validator {

// Up to this size a pack is sent whole when it is stored, and not before.
inline constexpr std::uint64_t kSmallPackBytes = git::kPackExtentSize;
// What a receiver has room for before it says more.
inline constexpr std::uint64_t kSpreadWindowBytes = std::uint64_t{2} << 20;
inline constexpr std::size_t kSpreadPieceBytes = std::size_t{256} << 10;

struct SpreadOptions {
    std::size_t spreads_max = 8;  // at once; others are fetched by name
    // Without new room for so long after the push has ended, a validator is left alone; and after
    // this, and the time that the pack takes at this rate, in any case.
    std::uint32_t patience_ms = 30'000;
    std::uint32_t bytes_per_ms_min = 256;
};

class SpreadSender final : public node::PackSpreader {
  public:
    SpreadSender(CheckedPacks& checked_packs, Transport& transport, const SpreadOptions& options);
    ~SpreadSender() override;
    SpreadSender(const SpreadSender&) = delete;
    SpreadSender& operator=(const SpreadSender&) = delete;

    // This outlives what is returned.
    std::unique_ptr<node::PackSpread> begin(forge::RepositoryId repository,
                                            const git::PackStaging& staging) override;

    void take(const PublicKey& from, const codec::SpreadCredit& credit);
    void take(const PublicKey& from, const codec::SpreadRefusal& refusal);
    void peers_changed(std::vector<PublicKey> connected);
    void stop();

  private:
    class Handle;
    struct Follower {
        std::uint64_t sent = 0;
        std::uint64_t room = kSpreadWindowBytes;  // up to this offset
        RequestTable::Time moved_at;
    };
    struct Outgoing;

    void run();
    bool send_some(Outgoing& outgoing);
    std::optional<Bytes> read_piece(Outgoing& outgoing, std::uint64_t offset, std::size_t size);
    // With mutex_ held.
    void begin_sending(const std::shared_ptr<Outgoing>& outgoing);
    void wake();
    bool is_over(const Outgoing& outgoing, RequestTable::Time now) const;
    void send(const PublicKey& to, const codec::PeerMessage& message);

    CheckedPacks& checked_packs_;
    Transport& transport_;
    const SpreadOptions options_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::map<codec::SpreadId, std::shared_ptr<Outgoing>> outgoing_;
    codec::SpreadId last_;
    std::vector<PublicKey> peers_;
    bool changed_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace ashlar::validator
