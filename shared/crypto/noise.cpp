#include "crypto/noise.h"

#include <sodium/crypto_aead_chacha20poly1305.h>
#include <sodium/crypto_generichash_blake2b.h>
#include <sodium/crypto_scalarmult_curve25519.h>
#include <sodium/utils.h>

#include <algorithm>

#include "base/assert.h"

namespace ashlar::crypto {

namespace {

constexpr std::string_view kProtocolName = "Noise_XX_25519_ChaChaPoly_BLAKE2b";
constexpr std::size_t kBlockBytes = 128;  // of BLAKE2b, for HMAC

NoiseHash blake2b(ByteView first, ByteView second) {
    crypto_generichash_blake2b_state state;
    NoiseHash hash;
    crypto_generichash_blake2b_init(&state, nullptr, 0, hash.size());
    crypto_generichash_blake2b_update(&state, first.data(), first.size());
    crypto_generichash_blake2b_update(&state, second.data(), second.size());
    crypto_generichash_blake2b_final(&state, hash.data(), hash.size());
    return hash;
}

// HMAC (RFC 2104) over BLAKE2b-512; the key is never longer than a block here.
NoiseHash hmac(ByteView key, ByteView data) {
    std::array<Byte, kBlockBytes> inner;
    std::array<Byte, kBlockBytes> outer;
    for (std::size_t i = 0; i < kBlockBytes; ++i) {
        Byte byte = i < key.size() ? key[i] : Byte{0};
        inner[i] = static_cast<Byte>(byte ^ 0x36);
        outer[i] = static_cast<Byte>(byte ^ 0x5c);
    }
    NoiseHash hash = blake2b(outer, blake2b(inner, data));
    sodium_memzero(inner.data(), inner.size());
    sodium_memzero(outer.data(), outer.size());
    return hash;
}

// Noise's HKDF with two outputs.
std::pair<NoiseHash, NoiseHash> derive(ByteView chaining_key, ByteView input) {
    NoiseHash temporary = hmac(chaining_key, input);
    NoiseHash first = hmac(temporary, Bytes{1});
    Bytes rest = to_bytes(ByteView(first));
    rest.push_back(2);
    NoiseHash second = hmac(temporary, rest);
    return {first, second};
}

// The leftmost 32 of 64 bytes, as the framework says for 64-byte hashes.
NoiseKey key_of(const NoiseHash& hash) {
    NoiseKey key;
    std::copy_n(hash.begin(), key.size(), key.begin());
    return key;
}

Unexpected broken(const char* what) {
    return fail(ErrorCode::invalid, std::string("the handshake's message ") + what);
}

}  // namespace

NoiseKeyPair NoiseKeyPair::from_secret(const NoiseKey& secret) {
    NoiseKeyPair keys;
    keys.secret = secret;
    crypto_scalarmult_curve25519_base(keys.public_key.data(), secret.data());
    return keys;
}

NoiseKeyPair::~NoiseKeyPair() {
    sodium_memzero(secret.data(), secret.size());
}

NoiseCipher::~NoiseCipher() {
    sodium_memzero(key_.data(), key_.size());
}

std::array<Byte, 12> NoiseCipher::next_nonce() {
    ASHLAR_ASSERT(count_ != ~std::uint64_t{0});
    std::array<Byte, 12> nonce{};
    for (std::size_t i = 0; i < 8; ++i) nonce[4 + i] = static_cast<Byte>(count_ >> (8 * i));
    ++count_;
    return nonce;
}

Bytes NoiseCipher::encrypt(ByteView associated, ByteView plaintext) {
    ASHLAR_ASSERT(plaintext.size() + kNoiseTagBytes <= kNoiseMessageBytesMax);
    Bytes ciphertext(plaintext.size() + kNoiseTagBytes);
    std::array<Byte, 12> nonce = next_nonce();
    crypto_aead_chacha20poly1305_ietf_encrypt(
        ciphertext.data(), nullptr, plaintext.data(), plaintext.size(), associated.data(),
        associated.size(), nullptr, nonce.data(), key_.data());
    return ciphertext;
}

Expected<Bytes> NoiseCipher::decrypt(ByteView associated, ByteView ciphertext) {
    if (ciphertext.size() < kNoiseTagBytes || ciphertext.size() > kNoiseMessageBytesMax) {
        return fail(ErrorCode::invalid, "an encrypted message of a wrong size");
    }
    Bytes plaintext(ciphertext.size() - kNoiseTagBytes);
    std::array<Byte, 12> nonce = next_nonce();
    if (crypto_aead_chacha20poly1305_ietf_decrypt(
            plaintext.data(), nullptr, nullptr, ciphertext.data(), ciphertext.size(),
            associated.data(), associated.size(), nonce.data(), key_.data()) != 0) {
        return fail(ErrorCode::invalid, "an encrypted message does not authenticate");
    }
    return plaintext;
}

NoiseHandshake::NoiseHandshake(NoiseRole role, ByteView prologue, NoiseKeyPair static_keys,
                               NoiseKeyPair ephemeral_keys)
    : role_(role), static_(std::move(static_keys)), ephemeral_(std::move(ephemeral_keys)) {
    std::copy(kProtocolName.begin(), kProtocolName.end(), hash_.begin());
    chaining_key_ = hash_;
    mix_hash(prologue);
}

bool NoiseHandshake::is_my_turn() const {
    return !is_finished() && (step_ % 2 == 0) == (role_ == NoiseRole::initiator);
}

void NoiseHandshake::mix_hash(ByteView data) {
    hash_ = blake2b(hash_, data);
}

Expected<void> NoiseHandshake::mix_shared(const NoiseKey& secret, const NoiseKey& public_key) {
    NoiseKey shared;
    // Fails where the other side sent a point of small order, whose secret anybody would know.
    if (crypto_scalarmult_curve25519(shared.data(), secret.data(), public_key.data()) != 0) {
        return broken("holds a weak key");
    }
    auto [chaining_key, key] = derive(chaining_key_, shared);
    sodium_memzero(shared.data(), shared.size());
    chaining_key_ = chaining_key;
    cipher_.emplace(key_of(key));
    return {};
}

Bytes NoiseHandshake::encrypt_and_hash(ByteView plaintext) {
    Bytes sent = cipher_ ? cipher_->encrypt(hash_, plaintext) : to_bytes(plaintext);
    mix_hash(sent);
    return sent;
}

Expected<Bytes> NoiseHandshake::decrypt_and_hash(ByteView ciphertext) {
    if (!cipher_) {
        mix_hash(ciphertext);
        return to_bytes(ciphertext);
    }
    ASHLAR_TRY(Bytes plaintext, cipher_->decrypt(hash_, ciphertext));
    mix_hash(ciphertext);
    return plaintext;
}

Bytes NoiseHandshake::write(ByteView payload) {
    ASHLAR_ASSERT(is_my_turn());
    Bytes message;
    auto mix = [this](const NoiseKey& secret, const NoiseKey& public_key) {
        // Read() has refused weak keys already.
        ASHLAR_ASSERT(mix_shared(secret, public_key).has_value());
    };
    if (step_ < 2) {
        append(message, ByteView(ephemeral_.public_key));
        mix_hash(ephemeral_.public_key);
    }
    if (step_ == 1) {
        mix(ephemeral_.secret, remote_ephemeral_);  // ee
        append(message, ByteView(encrypt_and_hash(static_.public_key)));
        mix(static_.secret, remote_ephemeral_);  // es
    }
    if (step_ == 2) {
        append(message, ByteView(encrypt_and_hash(static_.public_key)));
        mix(static_.secret, remote_ephemeral_);  // se
    }
    append(message, ByteView(encrypt_and_hash(payload)));
    ASHLAR_ASSERT(message.size() <= kNoiseMessageBytesMax);
    ++step_;
    return message;
}

Expected<void> NoiseHandshake::read_ephemeral(ByteView& message) {
    if (message.size() < kNoiseKeyBytes) return broken("is too short");
    std::copy_n(message.begin(), kNoiseKeyBytes, remote_ephemeral_.begin());
    mix_hash(message.first(kNoiseKeyBytes));
    message = message.subspan(kNoiseKeyBytes);
    return {};
}

Expected<void> NoiseHandshake::read_static(ByteView& message) {
    constexpr std::size_t kSize = kNoiseKeyBytes + kNoiseTagBytes;
    if (message.size() < kSize) return broken("is too short");
    ASHLAR_TRY(Bytes key, decrypt_and_hash(message.first(kSize)));
    remote_static_.emplace();
    std::copy(key.begin(), key.end(), remote_static_->begin());
    message = message.subspan(kSize);
    return {};
}

Expected<Bytes> NoiseHandshake::read(ByteView message) {
    if (is_finished() || is_my_turn()) return broken("came out of turn");
    if (message.size() > kNoiseMessageBytesMax) return broken("is too long");
    if (step_ < 2) ASHLAR_CHECK(read_ephemeral(message));
    if (step_ == 0) {
        // Refuse now the key with which write() is going to make a secret.
        NoiseKey ignored;
        if (crypto_scalarmult_curve25519(ignored.data(), ephemeral_.secret.data(),
                                         remote_ephemeral_.data()) != 0) {
            return broken("holds a weak key");
        }
    }
    if (step_ == 1) {
        ASHLAR_CHECK(mix_shared(ephemeral_.secret, remote_ephemeral_));  // ee
        ASHLAR_CHECK(read_static(message));
        ASHLAR_CHECK(mix_shared(ephemeral_.secret, *remote_static_));  // es
    }
    if (step_ == 2) {
        ASHLAR_CHECK(read_static(message));
        ASHLAR_CHECK(mix_shared(ephemeral_.secret, *remote_static_));  // se
    }
    ASHLAR_TRY(Bytes payload, decrypt_and_hash(message));
    ++step_;
    return payload;
}

NoiseHandshake::Session NoiseHandshake::split() const {
    ASHLAR_ASSERT(is_finished());
    auto [first, second] = derive(chaining_key_, {});
    NoiseCipher from_initiator(key_of(first));
    NoiseCipher from_responder(key_of(second));
    if (role_ == NoiseRole::initiator) return {from_initiator, from_responder};
    return {from_responder, from_initiator};
}

}  // namespace ashlar::crypto
