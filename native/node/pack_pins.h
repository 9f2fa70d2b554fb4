// Packs that are stored and in no repository yet: a push holds a pin on its pack from before it is
// published until its transaction is final or refused, so that nobody removes it in between (the
// same pack may come by two pushes at once, or belong to another repository already).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "git/pack/pack_store.h"

namespace ashlar::node {

class PackPins {
  public:
    class Pin {
      public:
        Pin(PackPins& pins, git::PackDigest digest);
        ~Pin();
        Pin(const Pin&) = delete;
        Pin& operator=(const Pin&) = delete;

      private:
        PackPins& pins_;
        git::PackDigest digest_;
    };

    [[nodiscard]] std::unique_ptr<Pin> pin(const git::PackDigest& digest);
    // Runs `remove` unless the pack is pinned; nobody can pin it meanwhile. Whether it ran.
    bool remove_unless_pinned(const git::PackDigest& digest, const std::function<void()>& remove);

  private:
    std::mutex mutex_;
    std::map<git::PackDigest, std::size_t> counts_;
};

}  // namespace ashlar::node
