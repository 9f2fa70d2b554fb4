// Packs that are stored and in no repository yet must not be taken for leftovers: nothing is
// removed while a push is about to publish, and a pack that was published stays pinned until its
// transaction is final or refused; one that a block names, until that block is committed or left
// behind. (One pack may come by two pushes at once, or belong to another repository already, so its
// name alone does not say whose it is.)
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "git/pack/pack_store.h"

namespace ashlar::node {

class PackPins {
  public:
    class Pin {
      public:
        Pin(PackPins& pins, git::PackDigest digest) : pins_(pins), digest_(digest) {}
        ~Pin() { pins_.unpin(digest_); }
        Pin(const Pin&) = delete;
        Pin& operator=(const Pin&) = delete;

      private:
        PackPins& pins_;
        const git::PackDigest digest_;
    };

    // Runs `publish`, which stores a pack and gives its name, and pins that.
    using Publish = std::function<Expected<git::PackManifest>()>;
    struct Published {
        git::PackManifest manifest;
        std::unique_ptr<Pin> pin;
    };
    Expected<Published> publish(const Publish& publish);

    // Runs `work`, which may remove packs that are not pinned, unless a push is about to publish;
    // nothing is pinned meanwhile. Whether it ran.
    using IsPinned = std::function<bool(const git::PackDigest&)>;
    bool while_nothing_is_published(const std::function<void(const IsPinned&)>& work);

    // Whether a pack that belongs to nothing may be removed: it is not pinned, and was asked about
    // first, or found pinned, at least `unattached_ms` ago. To be asked within the above.
    bool may_be_removed(const git::PackDigest& digest, std::uint64_t unattached_ms);
    // The pack belongs to a repository; when it no longer does, its time begins anew.
    void is_attached(const git::PackDigest& digest);
    // Runs `find`; where that finds the pack it is pinned, and its time begins anew. Null where it
    // does not. Nothing is removed meanwhile.
    Expected<std::unique_ptr<Pin>> pin_if(const git::PackDigest& digest,
                                          const std::function<Expected<bool>()>& find);

  private:
    using Time = std::chrono::steady_clock::time_point;
    std::unique_ptr<Pin> pin(const git::PackDigest& digest);
    void unpin(const git::PackDigest& digest);
    bool is_pinned(const git::PackDigest& digest);

    std::mutex mutex_;
    std::mutex counts_mutex_;  // inside the other; so letting go of a pin waits for no removal
    std::map<git::PackDigest, std::size_t> counts_;
    std::map<git::PackDigest, Time> unattached_since_;
    std::size_t publishing_ = 0;
};

}  // namespace ashlar::node
