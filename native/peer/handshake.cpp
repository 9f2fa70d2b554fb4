#include "native/peer/handshake.h"

#include "base/assert.h"

namespace ashlar::peer {

namespace {

constexpr std::string_view kPrologueDomain = "ashlar.peer.1";
constexpr std::string_view kIdentityDomain = "ashlar.peer.identity.1";

Bytes prologue(const ledger::ChainId& chain) {
    Bytes bytes = to_bytes(kPrologueDomain);
    append(bytes, chain.digest.view());
    return bytes;
}

Bytes identity_message(const ledger::ChainId& chain, crypto::NoiseRole role,
                       const crypto::NoiseKey& noise_key) {
    Bytes message = to_bytes(kIdentityDomain);
    append(message, chain.digest.view());
    message.push_back(role == crypto::NoiseRole::initiator ? 1 : 2);
    append(message, ByteView(noise_key));
    return message;
}

}  // namespace

LocalIdentity make_local_identity(const ledger::ChainId& chain, const crypto::SigningKey& key,
                                  const crypto::NoiseKey& noise_secret) {
    crypto::NoiseKeyPair noise = crypto::NoiseKeyPair::from_secret(noise_secret);
    auto sign = [&](crypto::NoiseRole role) {
        return key.sign(identity_message(chain, role, noise.public_key));
    };
    return {chain, key.public_key(), noise, sign(crypto::NoiseRole::initiator),
            sign(crypto::NoiseRole::responder)};
}

Handshake::Handshake(crypto::NoiseRole role, const LocalIdentity& local,
                     const crypto::NoiseKey& ephemeral_secret, std::optional<PublicKey> expected,
                     IsKnown is_known)
    : role_(role),
      local_(local),
      expected_(expected),
      is_known_(std::move(is_known)),
      noise_(role, prologue(local.chain), local.noise,
             crypto::NoiseKeyPair::from_secret(ephemeral_secret)) {}

Bytes Handshake::write() {
    Bytes payload;
    if (said_ > 0) {
        append(payload, local_.key.view());
        const crypto::Signature& signature =
            role_ == crypto::NoiseRole::initiator ? local_.as_initiator : local_.as_responder;
        append(payload, signature.view());
    }
    Bytes message = noise_.write(payload);
    ASHLAR_ASSERT(message.size() == kHandshakeBytes[said_]);
    ++said_;
    return message;
}

Expected<void> Handshake::read(ByteView message) {
    if (is_finished() || message.size() != next_bytes()) {
        return fail(ErrorCode::invalid, "a handshake message of a wrong size");
    }
    ASHLAR_TRY(Bytes payload, noise_.read(message));
    if (said_++ == 0) return {};
    return check_identity(payload);
}

Expected<void> Handshake::check_identity(ByteView payload) {
    ASHLAR_ASSERT(payload.size() == kIdentityBytes && noise_.remote_static());
    ASHLAR_TRY(PublicKey key, PublicKey::from_bytes(payload.first(PublicKey::kSize)));
    if (expected_ && key != *expected_) {
        return fail(ErrorCode::forbidden, "validator " + key.hex() + " answers where " +
                                              expected_->hex() + " was expected");
    }
    if (key == local_.key || !is_known_(key)) {
        return fail(ErrorCode::forbidden, "no peer has the key " + key.hex());
    }
    ASHLAR_TRY(crypto::Signature signature,
               crypto::Signature::from_bytes(payload.subspan(PublicKey::kSize)));
    crypto::NoiseRole their_role = role_ == crypto::NoiseRole::initiator
                                       ? crypto::NoiseRole::responder
                                       : crypto::NoiseRole::initiator;
    Bytes signed_message = identity_message(local_.chain, their_role, *noise_.remote_static());
    if (!crypto::verify(key, signed_message, signature)) {
        return fail(ErrorCode::invalid, "the peer does not hold the key " + key.hex());
    }
    remote_ = key;
    return {};
}

const PublicKey& Handshake::remote() const {
    ASHLAR_ASSERT(remote_.has_value());
    return *remote_;
}

}  // namespace ashlar::peer
