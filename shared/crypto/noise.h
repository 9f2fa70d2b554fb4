// Noise_XX_25519_ChaChaPoly_BLAKE2b (The Noise Protocol Framework, revision 34), by libsodium: how
// two validators agree on keys that nobody else has. A pure state machine: the host carries the
// messages, and brings fresh ephemeral secrets.
//
//   -> e
//   <- e, ee, s, es
//   -> s, se
#pragma once

#include <array>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "base/expected.h"

namespace ashlar::crypto {

inline constexpr std::size_t kNoiseMessageBytesMax = 65535;
inline constexpr std::size_t kNoiseTagBytes = 16;
inline constexpr std::size_t kNoiseKeyBytes = 32;

using NoiseKey = std::array<Byte, kNoiseKeyBytes>;
using NoiseHash = std::array<Byte, 64>;

// An X25519 key pair; the secret is wiped when it goes.
struct NoiseKeyPair {
    NoiseKey secret{};
    NoiseKey public_key{};

    static NoiseKeyPair from_secret(const NoiseKey& secret);
    NoiseKeyPair() = default;
    NoiseKeyPair(const NoiseKeyPair&) = default;
    NoiseKeyPair& operator=(const NoiseKeyPair&) = default;
    ~NoiseKeyPair();
};

// One direction of an established session, or the handshake's own cipher. Nonces count up from 0
// and are never used twice: what arrives out of order, twice or changed does not decrypt.
class NoiseCipher {
  public:
    explicit NoiseCipher(const NoiseKey& key) : key_(key) {}
    ~NoiseCipher();
    NoiseCipher(const NoiseCipher&) = default;
    NoiseCipher& operator=(const NoiseCipher&) = default;

    // The plaintext is at most kNoiseMessageBytesMax - kNoiseTagBytes bytes.
    Bytes encrypt(ByteView associated, ByteView plaintext);
    // Fails with `invalid`; the session is then over.
    Expected<Bytes> decrypt(ByteView associated, ByteView ciphertext);

  private:
    std::array<Byte, 12> next_nonce();

    NoiseKey key_;
    std::uint64_t count_ = 0;
};

enum class NoiseRole { initiator, responder };

class NoiseHandshake {
  public:
    // The prologue is what both sides must already agree on. The ephemeral key pair is fresh for
    // each handshake.
    NoiseHandshake(NoiseRole role, ByteView prologue, NoiseKeyPair static_keys,
                   NoiseKeyPair ephemeral_keys);

    bool is_my_turn() const;
    bool is_finished() const { return step_ == 3; }

    // The next message of the pattern, with a payload (in clear in the first message, else
    // encrypted). It must be this side's turn.
    Bytes write(ByteView payload);
    // Takes the other side's message and gives its payload. Fails with `invalid`; the handshake is
    // then over.
    Expected<Bytes> read(ByteView message);

    // Known to the initiator after the second message, to the responder after the third.
    const std::optional<NoiseKey>& remote_static() const { return remote_static_; }
    // The hash of all that was said, equal on both sides when finished.
    const NoiseHash& hash() const { return hash_; }

    struct Session {
        NoiseCipher send;
        NoiseCipher receive;
    };
    // Once finished.
    Session split() const;

  private:
    void mix_hash(ByteView data);
    Expected<void> mix_shared(const NoiseKey& secret, const NoiseKey& public_key);
    Bytes encrypt_and_hash(ByteView plaintext);
    Expected<Bytes> decrypt_and_hash(ByteView ciphertext);
    Expected<void> read_ephemeral(ByteView& message);
    Expected<void> read_static(ByteView& message);

    NoiseRole role_;
    NoiseKeyPair static_;
    NoiseKeyPair ephemeral_;
    std::optional<NoiseKey> remote_static_;
    NoiseKey remote_ephemeral_{};
    NoiseHash hash_{};
    NoiseHash chaining_key_{};
    std::optional<NoiseCipher> cipher_;
    int step_ = 0;  // messages that were said
};

}  // namespace ashlar::crypto
