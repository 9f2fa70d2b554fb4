#include "codec/peer_messages.h"

#include <schema/peer.capnp.h>

#include "codec/canonical.h"

namespace ashlar::codec {

namespace {

Unexpected beyond(const std::string& what, std::size_t limit) {
    return fail(ErrorCode::limit_exceeded, "more than " + std::to_string(limit) + " " + what);
}

Expected<Bytes> bounded(capnp::Data::Reader data, const char* what, std::size_t limit) {
    if (data.size() > limit) return beyond(std::string("bytes of ") + what, limit);
    return to_bytes(view_of(data));
}

Expected<Bytes> extent_of(capnp::Data::Reader data) {
    return bounded(data, "a pack", git::kPackExtentSize);
}

Expected<git::PackDigest> pack_of(capnp::Data::Reader data) {
    ASHLAR_TRY(const crypto::Digest digest, fixed<crypto::Digest>(data));
    return git::PackDigest{digest};
}

// One overload a kind of message.
struct MessageWriter {
    schema::PeerMessage::Builder builder;

    void operator()(const PackManifestRequest& message) {
        auto made = builder.initPackManifestRequest();
        made.setRequest(message.request.value);
        made.setPack(data_of(message.pack.digest.view()));
    }
    void operator()(const PackManifestAnswer& message) {
        auto made = builder.initPackManifestAnswer();
        made.setRequest(message.request.value);
        made.setSize(message.size);
        made.setObjectCount(message.object_count);
        Bytes extents;
        extents.reserve(message.extents.size() * crypto::Digest::kSize);
        for (const crypto::Digest& extent : message.extents) append(extents, extent.view());
        made.setExtents(data_of(extents));
    }
    void operator()(const PackExtentRequest& message) {
        auto made = builder.initPackExtentRequest();
        made.setRequest(message.request.value);
        made.setPack(data_of(message.pack.digest.view()));
        made.setExtent(message.extent);
    }
    void operator()(const PackExtentAnswer& message) {
        auto made = builder.initPackExtentAnswer();
        made.setRequest(message.request.value);
        made.setBytes(data_of(message.bytes));
    }
    void operator()(const SmallPack& message) {
        auto made = builder.initSmallPack();
        made.setPack(data_of(message.pack.digest.view()));
        made.setBytes(data_of(message.bytes));
    }
    void operator()(const SpreadBegin& message) {
        auto made = builder.initSpreadBegin();
        made.setSpread(message.spread.value);
        made.setRepository(message.repository.value);
    }
    void operator()(const SpreadBytes& message) {
        auto made = builder.initSpreadBytes();
        made.setSpread(message.spread.value);
        made.setOffset(message.offset);
        made.setBytes(data_of(message.bytes));
    }
    void operator()(const SpreadCredit& message) {
        auto made = builder.initSpreadCredit();
        made.setSpread(message.spread.value);
        made.setUpTo(message.up_to);
    }
    void operator()(const SpreadEnd& message) {
        auto made = builder.initSpreadEnd();
        made.setSpread(message.spread.value);
        if (message.pack) made.setPack(data_of(message.pack->digest.view()));
        made.setSize(message.size);
    }
    void operator()(const SpreadRefusal& message) {
        builder.initSpreadRefusal().setSpread(message.spread.value);
    }
    void operator()(const SnapshotRequest& message) {
        builder.initSnapshotRequest().setRequest(message.request.value);
    }
    void operator()(const SnapshotOffer& message) {
        auto made = builder.initSnapshotOffer();
        made.setRequest(message.request.value);
        made.setSnapshot(message.snapshot.value);
        made.setFinalized(data_of(message.finalized));
    }
    void operator()(const RowsRequest& message) {
        auto made = builder.initRowsRequest();
        made.setRequest(message.request.value);
        made.setSnapshot(message.snapshot.value);
        made.setFrom(data_of(message.from));
        made.setValueOffset(message.value_offset);
    }
    void operator()(const RowsAnswer& message) {
        auto made = builder.initRowsAnswer();
        made.setRequest(message.request.value);
        auto rows = made.initRows(static_cast<unsigned>(message.rows.size()));
        for (unsigned i = 0; i < rows.size(); ++i) {
            rows[i].setKey(data_of(message.rows[i].key));
            rows[i].setValue(data_of(message.rows[i].value));
        }
        made.setCut(message.cut);
    }
    void operator()(const EpochRequest& message) {
        auto made = builder.initEpochRequest();
        made.setRequest(message.request.value);
        made.setEpoch(message.epoch.value);
    }
    void operator()(const EpochAnswer& message) {
        auto made = builder.initEpochAnswer();
        made.setRequest(message.request.value);
        made.setLast(data_of(message.last));
        Bytes keys;
        for (const crypto::PublicKey& key : message.next_validators) append(keys, key.view());
        made.setNextValidators(data_of(keys));
    }
    void operator()(const NotHere& message) {
        builder.initNotHere().setRequest(message.request.value);
    }
};

Expected<PeerMessage> read(schema::PackManifestRequest::Reader reader) {
    PackManifestRequest message{PeerRequestId(reader.getRequest()), {}};
    ASHLAR_TRY(message.pack, pack_of(reader.getPack()));
    return message;
}

Expected<PeerMessage> read(schema::PackManifestAnswer::Reader reader) {
    PackManifestAnswer message;
    message.request = PeerRequestId(reader.getRequest());
    message.size = reader.getSize();
    message.object_count = reader.getObjectCount();
    ByteView rest = view_of(reader.getExtents());
    if (rest.size() % crypto::Digest::kSize != 0) {
        return fail(ErrorCode::invalid, "extents that are not whole digests");
    }
    if (rest.size() / crypto::Digest::kSize > kPackExtentCountMax) {
        return beyond("extents of a pack", kPackExtentCountMax);
    }
    for (; !rest.empty(); rest = rest.subspan(crypto::Digest::kSize)) {
        ASHLAR_TRY(const crypto::Digest extent,
                   crypto::Digest::from_bytes(rest.first(crypto::Digest::kSize)));
        message.extents.push_back(extent);
    }
    return message;
}

Expected<PeerMessage> read(schema::PackExtentRequest::Reader reader) {
    PackExtentRequest message{PeerRequestId(reader.getRequest()), {}, reader.getExtent()};
    ASHLAR_TRY(message.pack, pack_of(reader.getPack()));
    return message;
}

Expected<PeerMessage> read(schema::PackExtentAnswer::Reader reader) {
    PackExtentAnswer message{PeerRequestId(reader.getRequest()), {}};
    ASHLAR_TRY(message.bytes, extent_of(reader.getBytes()));
    return message;
}

Expected<PeerMessage> read(schema::SmallPack::Reader reader) {
    SmallPack message;
    ASHLAR_TRY(message.pack, pack_of(reader.getPack()));
    ASHLAR_TRY(message.bytes, extent_of(reader.getBytes()));
    return message;
}

Expected<PeerMessage> read(schema::SpreadBytes::Reader reader) {
    SpreadBytes message{SpreadId(reader.getSpread()), reader.getOffset(), {}};
    ASHLAR_TRY(message.bytes, extent_of(reader.getBytes()));
    return message;
}

Expected<PeerMessage> read(schema::SpreadEnd::Reader reader) {
    SpreadEnd message{SpreadId(reader.getSpread()), std::nullopt, reader.getSize()};
    if (reader.getPack().size() > 0) {
        ASHLAR_TRY(message.pack, pack_of(reader.getPack()));
    }
    return message;
}

Expected<PeerMessage> read(schema::SnapshotOffer::Reader reader) {
    SnapshotOffer message{PeerRequestId(reader.getRequest()), SnapshotId(reader.getSnapshot()), {}};
    ASHLAR_TRY(message.finalized, bounded(reader.getFinalized(), "a header", kRecordBytesMax));
    return message;
}

Expected<PeerMessage> read(schema::RowsRequest::Reader reader) {
    RowsRequest message{PeerRequestId(reader.getRequest()),
                        SnapshotId(reader.getSnapshot()),
                        {},
                        reader.getValueOffset()};
    ASHLAR_TRY(message.from, bounded(reader.getFrom(), "a key", kRowKeyBytesMax));
    return message;
}

Expected<PeerMessage> read(schema::RowsAnswer::Reader reader) {
    RowsAnswer message{PeerRequestId(reader.getRequest()), {}, reader.getCut()};
    if (reader.getRows().size() > kRowCountMax) return beyond("rows", kRowCountMax);
    for (const auto row : reader.getRows()) {
        Row& taken = message.rows.emplace_back();
        ASHLAR_TRY(taken.key, bounded(row.getKey(), "a key", kRowKeyBytesMax));
        taken.value = to_bytes(view_of(row.getValue()));
    }
    return message;
}

Expected<PeerMessage> read(schema::EpochAnswer::Reader reader) {
    EpochAnswer message{PeerRequestId(reader.getRequest()), {}, {}};
    ASHLAR_TRY(message.last, bounded(reader.getLast(), "a header", kRecordBytesMax));
    constexpr std::size_t kKeySize = sizeof(crypto::PublicKey::bytes);
    ByteView rest = view_of(reader.getNextValidators());
    if (rest.size() % kKeySize != 0) return fail(ErrorCode::invalid, "keys that are not whole");
    if (rest.size() / kKeySize > kEpochValidatorsMax) {
        return beyond("validators", kEpochValidatorsMax);
    }
    for (; !rest.empty(); rest = rest.subspan(kKeySize)) {
        ASHLAR_TRY(const auto key, crypto::PublicKey::from_bytes(rest.first(kKeySize)));
        message.next_validators.push_back(key);
    }
    return message;
}

Expected<PeerMessage> read_pack_message(schema::PeerMessage::Reader reader) {
    using Kind = schema::PeerMessage;
    switch (reader.which()) {
        case Kind::PACK_MANIFEST_REQUEST:
            return read(reader.getPackManifestRequest());
        case Kind::PACK_MANIFEST_ANSWER:
            return read(reader.getPackManifestAnswer());
        case Kind::PACK_EXTENT_REQUEST:
            return read(reader.getPackExtentRequest());
        case Kind::PACK_EXTENT_ANSWER:
            return read(reader.getPackExtentAnswer());
        case Kind::SMALL_PACK:
            return read(reader.getSmallPack());
        case Kind::SPREAD_BEGIN:
            return SpreadBegin{SpreadId(reader.getSpreadBegin().getSpread()),
                               forge::RepositoryId(reader.getSpreadBegin().getRepository())};
        case Kind::SPREAD_BYTES:
            return read(reader.getSpreadBytes());
        case Kind::SPREAD_CREDIT:
            return SpreadCredit{SpreadId(reader.getSpreadCredit().getSpread()),
                                reader.getSpreadCredit().getUpTo()};
        case Kind::SPREAD_END:
            return read(reader.getSpreadEnd());
        case Kind::SPREAD_REFUSAL:
            return SpreadRefusal{SpreadId(reader.getSpreadRefusal().getSpread())};
        default:
            return fail(ErrorCode::invalid, "of an unknown kind");
    }
}

Expected<PeerMessage> read_message(schema::PeerMessage::Reader reader) {
    using Kind = schema::PeerMessage;
    switch (reader.which()) {
        case Kind::SNAPSHOT_REQUEST:
            return SnapshotRequest{PeerRequestId(reader.getSnapshotRequest().getRequest())};
        case Kind::SNAPSHOT_OFFER:
            return read(reader.getSnapshotOffer());
        case Kind::ROWS_REQUEST:
            return read(reader.getRowsRequest());
        case Kind::ROWS_ANSWER:
            return read(reader.getRowsAnswer());
        case Kind::EPOCH_REQUEST:
            return EpochRequest{PeerRequestId(reader.getEpochRequest().getRequest()),
                                ledger::Epoch(reader.getEpochRequest().getEpoch())};
        case Kind::EPOCH_ANSWER:
            return read(reader.getEpochAnswer());
        case Kind::NOT_HERE:
            return NotHere{PeerRequestId(reader.getNotHere().getRequest())};
        default:
            return read_pack_message(reader);
    }
}

}  // namespace

Bytes encode(const PeerMessage& message) {
    return encode_canonical<schema::PeerMessage>([&](schema::PeerMessage::Builder& builder) {
        std::visit(MessageWriter{builder}, message);
    });
}

Expected<PeerMessage> decode_peer_message(ByteView bytes) {
    return decode_canonical<schema::PeerMessage, PeerMessage>(
        bytes, "message of a validator", kPeerMessageBytesMax, encode, read_message);
}

}  // namespace ashlar::codec
