#include "consensus/vote.h"

namespace ashlar::consensus {

namespace {
constexpr std::string_view kVoteDomain = "ashlar.vote.1";
}

bool Subject::well_formed() const {
    if (kind != VoteKind::notarize && kind != VoteKind::nullify && kind != VoteKind::finalize) {
        return false;
    }
    if (view() == View(0)) return false;
    if (kind == VoteKind::nullify) return *this == nullify(round());
    return proposal.parent < view() && !proposal.block.digest.is_zero();
}

Bytes signed_bytes(const ChainId& chain, const Subject& subject) {
    Bytes bytes;
    bytes.reserve(kVoteDomain.size() + 2 * Digest::kSize + 25);
    append(bytes, kVoteDomain);
    append(bytes, chain.digest.view());
    bytes.push_back(static_cast<Byte>(subject.kind));
    append_big_endian_64(bytes, subject.round().epoch.value);
    append_big_endian_64(bytes, subject.view().value);
    append_big_endian_64(bytes, subject.proposal.parent.value);
    append(bytes, subject.proposal.block.view());
    return bytes;
}

}  // namespace ashlar::consensus
