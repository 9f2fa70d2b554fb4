// How votes are signed and checked. A seam, so that a simulation of many validators can use a cheap
// scheme, and a host a faster one; production uses Ed25519.
#pragma once

#include <span>
#include <vector>

#include "consensus/vote.h"

namespace ashlar::consensus {

struct SignedBy {
    PublicKey key;
    Signature signature;
};

class Verifier {
  public:
    virtual ~Verifier() = default;
    // Whether every one of them signed the message.
    virtual bool verify_all(ByteView message, std::span<const SignedBy> signatures) const = 0;
};

class Signer {
  public:
    virtual ~Signer() = default;
    virtual const PublicKey& public_key() const = 0;
    virtual Signature sign(ByteView message) const = 0;
};

class Ed25519Verifier final : public Verifier {
  public:
    bool verify_all(ByteView message, std::span<const SignedBy> signatures) const override;
};

class Ed25519Signer final : public Signer {
  public:
    explicit Ed25519Signer(crypto::SigningKey key) : key_(std::move(key)) {}
    const PublicKey& public_key() const override { return key_.public_key(); }
    Signature sign(ByteView message) const override { return key_.sign(message); }

  private:
    crypto::SigningKey key_;
};

// The places of the signatures that do not verify, found by halving, so that all good ones cost one
// batch and a few bad ones a few more.
std::vector<std::size_t> find_bad(const Verifier& verifier, ByteView message,
                                  std::span<const SignedBy> signatures);

}  // namespace ashlar::consensus
