// An answer to a fetch whose pack takes long to find out: meanwhile its client is told how far that
// has come, and is kept from giving up.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/chunk_stream.h"
#include "git/wire/fetch_progress.h"

namespace ashlar::native {

// How far an answer has come. One thread makes it; all who wait for it look.
class MadeProgress final : public git::FetchProgress {
  public:
    void begin(git::SideBand side_band, bool silent) override;
    void report(git::FetchPhase phase, std::uint64_t done, std::uint64_t total) override;
    void made() override { making_ = false; }

    using Clock = std::chrono::steady_clock;
    // What one client was told.
    struct Told {
        std::string line;
        Clock::time_point at = Clock::now();
    };
    // Packets for a client that has read the head of the answer; nothing where there is no news, it
    // was told something a moment ago, or the pack is on its way.
    Bytes packets(Told& told, Clock::time_point now) const;

    // A client is told something at least this often.
    static constexpr std::chrono::seconds kSilenceMax{5};

  private:
    struct Seen {
        git::SideBand side_band = git::SideBand::none;
        bool silent = true;
        git::FetchPhase phase = git::FetchPhase::enumerating;
        std::uint64_t done = 0;
        std::uint64_t total = 0;
    };

    std::atomic<bool> making_{false};
    mutable std::mutex mutex_;
    Seen seen_;
};

// The stream, which begins with the chunk that was pulled from it already (the answer's head).
// While the second takes long, packets() gives the head and then what is to be told, from another
// thread than that which pulls; what comes later stands behind it.
class ToldStream final : public ChunkStream {
  public:
    ToldStream(std::optional<Chunk> head, std::unique_ptr<ChunkStream> rest,
               std::shared_ptr<const MadeProgress> progress);

    Expected<std::optional<Chunk>> next() override;

    // Nothing once the stream has gone on behind its head. It may outlive the stream.
    std::function<Bytes()> packets() const;

  private:
    struct Beginning {
        std::mutex mutex;
        std::optional<Chunk> head;
        bool is_over = false;
        std::shared_ptr<const MadeProgress> progress;
        MadeProgress::Told told;
    };

    const std::shared_ptr<Beginning> beginning_;
    std::unique_ptr<ChunkStream> rest_;
    std::optional<Expected<std::optional<Chunk>>> second_;  // when the head went out before it
    bool went_on_ = false;
};

}  // namespace ashlar::native
