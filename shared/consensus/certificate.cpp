#include "consensus/certificate.h"

#include <algorithm>

#include "base/assert.h"

namespace ashlar::consensus {

Certificate make_certificate(const Subject& subject, std::span<const Vote> votes,
                             const ValidatorSet& set) {
    std::vector<const Vote*> by_signer(set.size(), nullptr);
    for (const Vote& vote : votes) {
        ASHLAR_ASSERT(vote.subject == subject && vote.signer < set.size());
        ASHLAR_ASSERT(by_signer[vote.signer] == nullptr);
        by_signer[vote.signer] = &vote;
    }
    Certificate certificate{subject, Bytes((set.size() + 7) / 8), {}};
    for (std::size_t index = 0; index < by_signer.size(); ++index) {
        if (by_signer[index] == nullptr) continue;
        certificate.signers[index / 8] =
            static_cast<Byte>(certificate.signers[index / 8] | (1U << (index % 8)));
        certificate.signatures.push_back(by_signer[index]->signature);
    }
    return certificate;
}

Expected<std::vector<SignerIndex>> signers_of(const Certificate& certificate,
                                              const ValidatorSet& set) {
    if (certificate.signers.size() != (set.size() + 7) / 8) {
        return fail(ErrorCode::invalid, "a certificate's bitmap is not of its validator set");
    }
    std::vector<SignerIndex> signers;
    for (std::size_t index = 0; index < certificate.signers.size() * 8; ++index) {
        if ((certificate.signers[index / 8] >> (index % 8) & 1U) == 0) continue;
        if (index >= set.size()) {
            return fail(ErrorCode::invalid, "a certificate is signed by an unknown validator");
        }
        signers.push_back(static_cast<SignerIndex>(index));
    }
    if (signers.size() != certificate.signatures.size()) {
        return fail(ErrorCode::invalid, "a certificate has not one signature a signer");
    }
    if (signers.size() < set.quorum()) {
        return fail(ErrorCode::invalid, "a certificate has " + std::to_string(signers.size()) +
                                            " signers, and needs " + std::to_string(set.quorum()));
    }
    return signers;
}

Expected<void> verify(const Certificate& certificate, const ChainId& chain, const ValidatorSet& set,
                      const Verifier& verifier) {
    if (!certificate.subject.well_formed()) {
        return fail(ErrorCode::invalid, "a certificate's subject is malformed");
    }
    ASHLAR_TRY(std::vector<SignerIndex> signers, signers_of(certificate, set));
    std::vector<SignedBy> signatures;
    signatures.reserve(signers.size());
    for (std::size_t i = 0; i < signers.size(); ++i) {
        signatures.push_back({set.key(signers[i]), certificate.signatures[i]});
    }
    if (!verifier.verify_all(signed_bytes(chain, certificate.subject), signatures)) {
        return fail(ErrorCode::invalid, "a certificate holds a signature that does not verify");
    }
    return {};
}

}  // namespace ashlar::consensus
