// A signature scheme for large simulations: as good as a name under a letter that nobody opens, but
// deterministic and fast. Whoever in the simulation forges writes random bytes, which do not pass.
#pragma once

#include <cstring>

#include "consensus/signatures.h"
#include "simulation/random.h"

namespace ashlar::simulation {

inline consensus::Signature cheap_signature(const consensus::PublicKey& key, ByteView message) {
    std::uint64_t state = 0;
    auto absorb = [&](ByteView bytes) {
        for (std::size_t i = 0; i < bytes.size(); i += 8) {
            std::uint64_t word = 0;
            std::memcpy(&word, bytes.data() + i, std::min<std::size_t>(8, bytes.size() - i));
            state = mix(state ^ word) + 0x9e3779b97f4a7c15ULL;
        }
    };
    absorb(key.view());
    absorb(message);
    consensus::Signature signature;
    for (std::size_t i = 0; i < 8; ++i) {
        std::uint64_t word = mix(state + i);
        std::memcpy(signature.bytes.data() + 8 * i, &word, 8);
    }
    return signature;
}

class CheapVerifier final : public consensus::Verifier {
  public:
    bool verify_all(ByteView message,
                    std::span<const consensus::SignedBy> signatures) const override {
        for (const consensus::SignedBy& by : signatures) {
            if (!(cheap_signature(by.key, message) == by.signature)) return false;
        }
        return true;
    }
};

class CheapSigner final : public consensus::Signer {
  public:
    explicit CheapSigner(const consensus::PublicKey& key) : key_(key) {}
    const consensus::PublicKey& public_key() const override { return key_; }
    consensus::Signature sign(ByteView message) const override {
        return cheap_signature(key_, message);
    }

  private:
    consensus::PublicKey key_;
};

}  // namespace ashlar::simulation
