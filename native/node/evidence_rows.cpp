#include "native/node/evidence_rows.h"

#include <algorithm>

#include "ledger/storage_keys.h"

namespace ashlar::node {

namespace {

constexpr std::string_view kPrefix = "nevidence";

Bytes key_of(const consensus::Vote& vote) {
    const ledger::Round& round = vote.subject.round();
    Bytes key = ledger::storage_key(kPrefix, round.epoch.value, round.view.value);
    key.push_back(static_cast<Byte>(vote.signer >> 8));
    key.push_back(static_cast<Byte>(vote.signer & 0xff));
    return key;
}

}  // namespace

Expected<WriteBatch> keep_evidence(const KeyValueReader& rows,
                                   const codec::EvidenceRecord& record) {
    WriteBatch batch;
    const Bytes key = key_of(record.evidence.first);
    ASHLAR_TRY(const auto known, rows.get(key));
    if (known) return batch;
    std::size_t count = 0;
    Bytes oldest;
    ASHLAR_CHECK(rows.scan_prefix(as_bytes(kPrefix), [&](ByteView found, ByteView) {
        if (count++ == 0) oldest = to_bytes(found);
        return true;
    }));
    if (count >= kEvidenceRowsMax) batch.remove(oldest);
    batch.put(key, codec::encode(record));
    return batch;
}

Expected<std::vector<codec::EvidenceRecord>> kept_evidence(const KeyValueReader& rows,
                                                           std::size_t count_max) {
    std::vector<codec::EvidenceRecord> kept;
    Expected<void> decoded;
    ASHLAR_CHECK(rows.scan_prefix(as_bytes(kPrefix), [&](ByteView, ByteView value) {
        auto record = codec::decode_evidence_record(value);
        if (!record) {
            decoded = fail(ErrorCode::corrupt, "a row of evidence: " + record.error().detail);
            return false;
        }
        kept.push_back(*std::move(record));
        return true;
    }));
    ASHLAR_CHECK(decoded);
    std::reverse(kept.begin(), kept.end());
    if (kept.size() > count_max) kept.resize(count_max);
    return kept;
}

}  // namespace ashlar::node
