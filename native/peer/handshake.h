// How two validators come to trust a connection: Noise XX, whose static keys are bound to the
// validators' Ed25519 identities by signature. A state machine: the host carries the bytes.
//
// Each message has one exact size, and the whole handshake one deadline (the host's). The identity
// is looked up before its signature is checked, so a stranger costs little.
#pragma once

#include <functional>
#include <optional>

#include "crypto/ed25519.h"
#include "crypto/noise.h"
#include "ledger/ids.h"

namespace ashlar::peer {

using crypto::PublicKey;

// An Ed25519 key, and its signature on the Noise static key.
inline constexpr std::size_t kIdentityBytes = PublicKey::kSize + crypto::Signature::kSize;

// Sizes of the three messages: keys, the encrypted identity, tags.
inline constexpr std::array<std::size_t, 3> kHandshakeBytes = {
    crypto::kNoiseKeyBytes,
    2 * crypto::kNoiseKeyBytes + crypto::kNoiseTagBytes + kIdentityBytes + crypto::kNoiseTagBytes,
    crypto::kNoiseKeyBytes + crypto::kNoiseTagBytes + kIdentityBytes + crypto::kNoiseTagBytes};

// Who this validator is to others. The Noise key pair is fresh for each process.
struct LocalIdentity {
    ledger::ChainId chain;
    PublicKey key;
    crypto::NoiseKeyPair noise;
    // The key's signatures on `noise`, one for each role, so that neither can be mirrored.
    crypto::Signature as_initiator;
    crypto::Signature as_responder;
};
LocalIdentity make_local_identity(const ledger::ChainId& chain, const crypto::SigningKey& key,
                                  const crypto::NoiseKey& noise_secret);

class Handshake {
  public:
    // Says whether a key belongs to somebody to talk to.
    using IsKnown = std::function<bool(const PublicKey&)>;

    // `expected` is whom an initiator means to reach. The ephemeral secret is fresh.
    Handshake(crypto::NoiseRole role, const LocalIdentity& local,
              const crypto::NoiseKey& ephemeral_secret, std::optional<PublicKey> expected,
              IsKnown is_known);

    bool is_my_turn() const { return noise_.is_my_turn(); }
    bool is_finished() const { return noise_.is_finished(); }
    // The size of the message that comes next, whoever says it.
    std::size_t next_bytes() const { return kHandshakeBytes[said_]; }

    Bytes write();
    // Fails with `invalid` where the message does not authenticate, `forbidden` where it comes
    // from somebody unknown, or from another than was meant.
    Expected<void> read(ByteView message);

    // Once finished.
    const PublicKey& remote() const;
    crypto::NoiseHandshake::Session session() const { return noise_.split(); }

  private:
    Expected<void> check_identity(ByteView payload);

    crypto::NoiseRole role_;
    const LocalIdentity& local_;
    std::optional<PublicKey> expected_;
    IsKnown is_known_;
    crypto::NoiseHandshake noise_;
    std::optional<PublicKey> remote_;
    std::size_t said_ = 0;
};

}  // namespace ashlar::peer
