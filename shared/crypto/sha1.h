// SHA-1, because git's object ids are. What comes from outside is hashed with collision detection
// (Stevens and Shumow, "Speeding up detection of SHA-1 collision attacks using unavoidable attack
// conditions", 2017); checksums of our own are not.
#pragma once

#include <array>
#include <memory>

#include "base/bytes.h"
#include "base/expected.h"

namespace ashlar::crypto {

using Sha1Digest = std::array<Byte, 20>;

enum class CollisionDetection { off, on };

class Sha1 {
  public:
    // `best`: by the processor's own instructions where it has them. The other one is for tests.
    enum class Implementation { best, portable };

    explicit Sha1(CollisionDetection detection,
                  Implementation implementation = Implementation::best);
    ~Sha1();
    Sha1(Sha1&&) noexcept;
    Sha1& operator=(Sha1&&) noexcept;
    // A copy of the running hash.
    Sha1(const Sha1&);
    Sha1& operator=(const Sha1&);

    Sha1& update(ByteView bytes);
    // Ends the hash. With detection on, fails with `invalid` where the input is one half of a
    // collision attack. The hasher may not be used afterwards.
    Expected<Sha1Digest> finish();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace ashlar::crypto
