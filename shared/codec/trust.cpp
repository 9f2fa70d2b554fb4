#include "codec/trust.h"

#include "codec/proof_messages.h"
#include "consensus/validator_set.h"

namespace ashlar::codec {

namespace {

using Keys = std::vector<crypto::PublicKey>;

void fill_keys(capnp::List<capnp::Data>::Builder builder, const Keys& keys) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
        builder.set(static_cast<unsigned>(i), data_of(keys[i].view()));
    }
}

Expected<Keys> read_keys(capnp::List<capnp::Data>::Reader reader) {
    if (reader.size() > consensus::kValidatorsMax) {
        return fail(ErrorCode::invalid, "too many validators");
    }
    Keys keys;
    for (const capnp::Data::Reader item : reader) {
        ASHLAR_TRY(const crypto::PublicKey key, fixed<crypto::PublicKey>(item));
        if (!keys.empty() && !(keys.back() < key)) {
            return fail(ErrorCode::invalid, "validators are not in order, or one stands twice");
        }
        keys.push_back(key);
    }
    return keys;
}

void fill_change(schema::EpochChange::Builder builder, const EpochChange& change) {
    fill(builder.initLast(), change.last);
    fill_keys(builder.initNextValidators(static_cast<unsigned>(change.next_validators.size())),
              change.next_validators);
}

Expected<EpochChange> read_change(schema::EpochChange::Reader reader) {
    EpochChange change;
    ASHLAR_TRY(change.last, read(reader.getLast()));
    ASHLAR_TRY(change.next_validators, read_keys(reader.getNextValidators()));
    return change;
}

Expected<SealedRefList> read_list(schema::SealedRefList::Reader reader) {
    SealedRefList sealed;
    ASHLAR_TRY(sealed.chain.digest, fixed<crypto::Digest>(reader.getChain()));
    sealed.owner = string_of(reader.getOwner());
    sealed.repository = string_of(reader.getRepository());
    ASHLAR_TRY(sealed.finalized, read(reader.getFinalized()));
    ASHLAR_TRY(sealed.proof, read(reader.getProof()));
    return sealed;
}

Expected<TrustedState> read_state(schema::TrustedState::Reader reader) {
    TrustedState state;
    ASHLAR_TRY(state.chain.digest, fixed<crypto::Digest>(reader.getChain()));
    state.epoch = ledger::Epoch(reader.getEpoch());
    ASHLAR_TRY(state.validators, read_keys(reader.getValidators()));
    state.height = ledger::Height(reader.getHeight());
    ASHLAR_TRY(state.digest.digest, fixed<crypto::Digest>(reader.getBlock()));
    state.time_ms = reader.getTimeMs();
    ASHLAR_TRY(state.next_validators, optional_fixed<crypto::Digest>(reader.getNextValidators()));
    return state;
}

Expected<RefReceipt> read_receipt(schema::RefReceipt::Reader reader) {
    RefReceipt receipt;
    const auto changes = reader.getChanges();
    if (changes.size() > kEpochChangesMax) return fail(ErrorCode::invalid, "too many epochs");
    for (const schema::EpochChange::Reader item : changes) {
        ASHLAR_TRY(EpochChange change, read_change(item));
        receipt.changes.push_back(std::move(change));
    }
    ASHLAR_TRY(receipt.sealed, read(reader.getSealed()));
    return receipt;
}

}  // namespace

Bytes encode(const SealedRefList& sealed) {
    return encode_canonical<schema::SealedRefList>([&](schema::SealedRefList::Builder& builder) {
        builder.setChain(data_of(sealed.chain.digest.view()));
        builder.setOwner(text_of(sealed.owner));
        builder.setRepository(text_of(sealed.repository));
        fill(builder.initFinalized(), sealed.finalized);
        fill(builder.initProof(), sealed.proof);
    });
}

Bytes encode(const EpochChange& change) {
    return encode_canonical<schema::EpochChange>(
        [&](schema::EpochChange::Builder& builder) { fill_change(builder, change); });
}

Bytes encode(const TrustedState& state) {
    return encode_canonical<schema::TrustedState>([&](schema::TrustedState::Builder& builder) {
        builder.setChain(data_of(state.chain.digest.view()));
        builder.setEpoch(state.epoch.value);
        fill_keys(builder.initValidators(static_cast<unsigned>(state.validators.size())),
                  state.validators);
        builder.setHeight(state.height.value);
        builder.setBlock(data_of(state.digest.view()));
        builder.setTimeMs(state.time_ms);
        if (state.next_validators) {
            builder.setNextValidators(data_of(state.next_validators->view()));
        }
    });
}

Bytes encode(const RefReceipt& receipt) {
    return encode_canonical<schema::RefReceipt>([&](schema::RefReceipt::Builder& builder) {
        auto changes = builder.initChanges(static_cast<unsigned>(receipt.changes.size()));
        for (std::size_t i = 0; i < receipt.changes.size(); ++i) {
            fill_change(changes[static_cast<unsigned>(i)], receipt.changes[i]);
        }
        fill(builder.initSealed(), receipt.sealed);
    });
}

Expected<SealedRefList> decode_sealed_ref_list(ByteView bytes) {
    return decode_canonical<schema::SealedRefList, SealedRefList>(
        bytes, "sealed ref list", kRefListBytesMax, encode, read_list);
}

Expected<EpochChange> decode_epoch_change(ByteView bytes) {
    return decode_canonical<schema::EpochChange, EpochChange>(bytes, "epoch change", kProofBytesMax,
                                                              encode, read_change);
}

Expected<TrustedState> decode_trusted_state(ByteView bytes) {
    return decode_canonical<schema::TrustedState, TrustedState>(
        bytes, "trusted state", kRecordBytesMax, encode, read_state);
}

Expected<RefReceipt> decode_ref_receipt(ByteView bytes) {
    return decode_canonical<schema::RefReceipt, RefReceipt>(bytes, "receipt", kReceiptBytesMax,
                                                            encode, read_receipt);
}

}  // namespace ashlar::codec
