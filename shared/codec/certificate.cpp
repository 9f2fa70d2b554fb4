#include "codec/certificate.h"

#include "codec/certificate_fields.h"

namespace ashlar::codec {

namespace {

Expected<std::vector<crypto::Signature>> signatures_of(ByteView bytes) {
    constexpr std::size_t kSize = crypto::Signature::kSize;
    if (bytes.size() % kSize != 0 || bytes.size() / kSize > consensus::kValidatorsMax) {
        return fail(ErrorCode::invalid, "the signatures' length");
    }
    std::vector<crypto::Signature> signatures;
    for (std::size_t at = 0; at < bytes.size(); at += kSize) {
        ASHLAR_TRY(const auto signature, crypto::Signature::from_bytes(bytes.subspan(at, kSize)));
        signatures.push_back(signature);
    }
    return signatures;
}

}  // namespace

Expected<consensus::VoteKind> kind_of(schema::VoteKind kind) {
    switch (kind) {
        case schema::VoteKind::NOTARIZE:
            return consensus::VoteKind::notarize;
        case schema::VoteKind::NULLIFY:
            return consensus::VoteKind::nullify;
        case schema::VoteKind::FINALIZE:
            return consensus::VoteKind::finalize;
        case schema::VoteKind::NONE:
            break;
    }
    return fail(ErrorCode::invalid, "unknown kind of vote");
}

Expected<consensus::Certificate> read_certificate(schema::Certificate::Reader reader) {
    consensus::Certificate certificate;
    ASHLAR_TRY(certificate.subject.kind, kind_of(reader.getKind()));
    consensus::Proposal& proposal = certificate.subject.proposal;
    proposal.round.epoch = ledger::Epoch(reader.getEpoch());
    proposal.round.view = ledger::View(reader.getView());
    proposal.parent = ledger::View(reader.getParentView());
    ASHLAR_TRY(proposal.block.digest, fixed<crypto::Digest>(reader.getBlock()));
    const ByteView signers = view_of(reader.getSigners());
    if (signers.size() > (consensus::kValidatorsMax + 7) / 8) {
        return fail(ErrorCode::invalid, "more signers than a set can have");
    }
    certificate.signers = to_bytes(signers);
    ASHLAR_TRY(certificate.signatures, signatures_of(view_of(reader.getSignatures())));
    return certificate;
}

void write_certificate(schema::Certificate::Builder builder,
                       const consensus::Certificate& certificate) {
    const consensus::Proposal& proposal = certificate.subject.proposal;
    builder.setKind(static_cast<schema::VoteKind>(certificate.subject.kind));
    builder.setEpoch(proposal.round.epoch.value);
    builder.setView(proposal.round.view.value);
    builder.setParentView(proposal.parent.value);
    builder.setBlock(data_of(proposal.block.view()));
    builder.setSigners(data_of(certificate.signers));
    Bytes signatures;
    for (const crypto::Signature& signature : certificate.signatures) {
        append(signatures, signature.view());
    }
    builder.setSignatures(data_of(signatures));
}

Bytes encode(const consensus::Certificate& certificate) {
    return encode_canonical<schema::Certificate>(
        [&](schema::Certificate::Builder& builder) { write_certificate(builder, certificate); });
}

Expected<consensus::Certificate> decode_certificate(ByteView bytes) {
    return decode_canonical<schema::Certificate, consensus::Certificate>(
        bytes, "certificate", kRecordBytesMax, encode, read_certificate);
}

}  // namespace ashlar::codec
