// Content that is named by its digest: what is there is checked once and held for a while, what is
// not there is noted down for the host.
#pragma once

#include <list>
#include <map>
#include <unordered_map>
#include <vector>

#include "codec/sync.h"
#include "crypto/digest.h"
#include "replica/content_store.h"

namespace ashlar::replica {

// What an address stands for, and what its content is checked by.
struct Wanted {
    enum class Kind { epoch, checkpoint, refs, manifest, index, extent };
    Kind kind = Kind::checkpoint;
    std::string owner;
    std::string repository;
    crypto::Digest digest;        // of the refs, the pack (of a manifest), the index, the extent
    forge::Repository record{};   // whose refs
    forge::PackReference pack{};  // whose parts
    // Of a checkpoint: the highest that was seen when it was first asked for. Older than that it is
    // a replay; what is seen in the meantime from others does not make it one.
    ledger::Height height_min{};
};

// How many bytes an answer may have that is what is wanted.
std::uint64_t bytes_max(const Wanted& wanted);

struct ContentsOptions {
    // Of checked content that is held in memory.
    std::uint64_t held_bytes_max = std::uint64_t{64} << 20;
};

// How many things may be asked for at once.
inline constexpr std::size_t kWantedMax = 4096;

class Contents {
  public:
    // The store must outlive this.
    explicit Contents(ContentStore& store, ContentsOptions options = {})
        : store_(store), options_(options) {}

    // Checked content. Fails with `needs_data` where the host has to fetch it, and with the host's
    // error where that could not.
    Expected<std::shared_ptr<const Bytes>> get(const std::string& address, const Wanted& wanted);
    // Notes down what is no content (an epoch, a checkpoint), or is wanted by another digest now.
    Unexpected want(const std::string& address, const Wanted& wanted);

    // What was noted down since the last call and is still wanted, in the order of addresses.
    std::vector<std::string> take_wanted();
    // Nothing where nobody wants it.
    const Wanted* find_wanted(const std::string& address) const;
    // Content that arrived. Fails with `invalid` where it is not what was wanted; then it still is.
    Expected<void> take(const std::string& address, Bytes content);
    void forget_wanted(const std::string& address) { wanted_.erase(address); }
    // The host could not fetch it: whoever asks next is told why.
    void refuse(const std::string& address, Error error);
    // Of addresses that begin with this.
    void forget_refusals(const std::string& prefix);

  private:
    struct Held {
        std::string name;  // address and digest: two servers may list two indexes of one pack
        std::shared_ptr<const Bytes> content;
    };
    void hold(const std::string& name, std::shared_ptr<const Bytes> content);

    ContentStore& store_;
    const ContentsOptions options_;
    std::map<std::string, Wanted> wanted_;
    std::vector<std::string> fresh_;  // not handed out yet
    std::map<std::string, Error> refused_;
    std::list<Held> held_;  // most recently used first
    std::unordered_map<std::string, std::list<Held>::iterator> held_at_;
    std::uint64_t held_bytes_ = 0;
};

// Fails with `invalid` where the content is not what is wanted.
Expected<void> check_content(const Wanted& wanted, ByteView content);

}  // namespace ashlar::replica
