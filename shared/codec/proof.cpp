#include "codec/proof.h"

#include "codec/block.h"
#include "codec/certificate.h"
#include "codec/proof_messages.h"
#include "codec/records.h"

namespace ashlar::codec {

namespace {

void fill_record(schema::RecordProof::Builder builder, const RecordProof& proof) {
    builder.setPresent(proof.record.has_value());
    if (proof.record) builder.setRecord(data_of(*proof.record));
    builder.setTreeProof(data_of(ledger::encode(proof.proof)));
}

void fill_ref(schema::RefProof::Builder builder, const RefProof& proof) {
    fill(builder.initRepository(), proof.repository);
    builder.setPresent(proof.value.has_value());
    if (proof.value) builder.setValue(data_of(*proof.value));
    builder.setTreeProof(data_of(ledger::encode(proof.proof)));
}

std::optional<Bytes> present_bytes(bool present, capnp::Data::Reader data) {
    return present ? std::optional<Bytes>(to_bytes(view_of(data))) : std::nullopt;
}

Expected<RecordProof> read_record(schema::RecordProof::Reader reader) {
    RecordProof proof;
    proof.record = present_bytes(reader.getPresent(), reader.getRecord());
    ASHLAR_TRY(proof.proof, ledger::decode_tree_proof(view_of(reader.getTreeProof())));
    return proof;
}

Expected<RefProof> read_ref(schema::RefProof::Reader reader) {
    RefProof proof;
    ASHLAR_TRY(proof.repository, read(reader.getRepository()));
    proof.value = present_bytes(reader.getPresent(), reader.getValue());
    ASHLAR_TRY(proof.proof, ledger::decode_tree_proof(view_of(reader.getTreeProof())));
    return proof;
}

template <typename Schema, typename Value>
Expected<Value> decode(ByteView bytes, const char* what, std::size_t size_max,
                       Expected<Value> (*read_value)(typename Schema::Reader)) {
    return decode_canonical<Schema, Value>(bytes, what, size_max, encode, read_value);
}

}  // namespace

void fill(schema::RepositoryProof::Builder builder, const RepositoryProof& proof) {
    fill_record(builder.initLogin(), proof.login);
    if (proof.name) fill_record(builder.initName(), *proof.name);
    if (proof.repository) fill_record(builder.initRepository(), *proof.repository);
}

void fill(schema::FinalizedHeader::Builder builder, const FinalizedHeader& finalized) {
    builder.setHeader(data_of(encode(finalized.header)));
    auto descendants = builder.initDescendants(static_cast<unsigned>(finalized.descendants.size()));
    for (std::size_t i = 0; i < finalized.descendants.size(); ++i) {
        descendants.set(static_cast<unsigned>(i), data_of(encode(finalized.descendants[i])));
    }
    builder.setFinalization(data_of(encode(finalized.finalization)));
}

void fill(capnp::List<schema::Ref>::Builder builder, const std::vector<git::Ref>& refs) {
    for (std::size_t i = 0; i < refs.size(); ++i) {
        schema::Ref::Builder ref = builder[static_cast<unsigned>(i)];
        ref.setName(text_of(refs[i].name));
        ref.setValue(data_of(encode_ref_value(refs[i])));
    }
}

void fill(schema::RefListProof::Builder builder, const RefListProof& proof) {
    fill(builder.initRepository(), proof.repository);
    fill(builder.initRefs(static_cast<unsigned>(proof.refs.size())), proof.refs);
}

void fill(schema::SealedRefProof::Builder builder, const SealedRefProof& proof) {
    builder.setChain(data_of(proof.chain.digest.view()));
    builder.setOwner(text_of(proof.owner));
    builder.setRepository(text_of(proof.repository));
    builder.setRef(text_of(proof.ref));
    fill(builder.initFinalized(), proof.finalized);
    fill_ref(builder.initProof(), proof.proof);
}

Expected<RepositoryProof> read(schema::RepositoryProof::Reader reader) {
    RepositoryProof proof;
    ASHLAR_TRY(proof.login, read_record(reader.getLogin()));
    if (reader.hasName()) {
        ASHLAR_TRY(proof.name, read_record(reader.getName()));
    }
    if (reader.hasRepository()) {
        ASHLAR_TRY(proof.repository, read_record(reader.getRepository()));
    }
    return proof;
}

Expected<std::vector<git::Ref>> read(capnp::List<schema::Ref>::Reader reader) {
    if (reader.size() > kRefListCountMax) return fail(ErrorCode::invalid, "too many refs");
    std::vector<git::Ref> refs;
    refs.reserve(reader.size());
    for (const schema::Ref::Reader item : reader) {
        ASHLAR_TRY(git::Ref ref,
                   decode_ref_value(string_of(item.getName()), view_of(item.getValue())));
        if (!refs.empty() && !(refs.back().name < ref.name)) {
            return fail(ErrorCode::invalid, "refs are not in order, or one stands twice");
        }
        refs.push_back(std::move(ref));
    }
    return refs;
}

Expected<RefListProof> read(schema::RefListProof::Reader reader) {
    RefListProof proof;
    ASHLAR_TRY(proof.repository, read(reader.getRepository()));
    ASHLAR_TRY(proof.refs, read(reader.getRefs()));
    return proof;
}

Expected<FinalizedHeader> read(schema::FinalizedHeader::Reader reader) {
    FinalizedHeader finalized;
    ASHLAR_TRY(finalized.header, decode_block_header(view_of(reader.getHeader())));
    const auto descendants = reader.getDescendants();
    if (descendants.size() > kDescendantsMax) {
        return fail(ErrorCode::invalid, "too many headers up to the certificate");
    }
    for (const capnp::Data::Reader item : descendants) {
        ASHLAR_TRY(ledger::BlockHeader header, decode_block_header(view_of(item)));
        finalized.descendants.push_back(header);
    }
    ASHLAR_TRY(finalized.finalization, decode_certificate(view_of(reader.getFinalization())));
    return finalized;
}

Expected<SealedRefProof> read(schema::SealedRefProof::Reader reader) {
    SealedRefProof proof;
    ASHLAR_TRY(proof.chain.digest, fixed<crypto::Digest>(reader.getChain()));
    proof.owner = string_of(reader.getOwner());
    proof.repository = string_of(reader.getRepository());
    proof.ref = string_of(reader.getRef());
    ASHLAR_TRY(proof.finalized, read(reader.getFinalized()));
    ASHLAR_TRY(proof.proof, read_ref(reader.getProof()));
    return proof;
}

Bytes encode(const RepositoryProof& proof) {
    return encode_canonical<schema::RepositoryProof>(
        [&](schema::RepositoryProof::Builder& builder) { fill(builder, proof); });
}

Bytes encode(const RefProof& proof) {
    return encode_canonical<schema::RefProof>(
        [&](schema::RefProof::Builder& builder) { fill_ref(builder, proof); });
}

Bytes encode(const RefListProof& proof) {
    return encode_canonical<schema::RefListProof>(
        [&](schema::RefListProof::Builder& builder) { fill(builder, proof); });
}

Bytes encode(const FinalizedHeader& finalized) {
    return encode_canonical<schema::FinalizedHeader>(
        [&](schema::FinalizedHeader::Builder& builder) { fill(builder, finalized); });
}

Bytes encode(const SealedRefProof& proof) {
    return encode_canonical<schema::SealedRefProof>(
        [&](schema::SealedRefProof::Builder& builder) { fill(builder, proof); });
}

Expected<RepositoryProof> decode_repository_proof(ByteView bytes) {
    return decode<schema::RepositoryProof, RepositoryProof>(bytes, "repository proof",
                                                            kProofBytesMax, read);
}

Expected<RefProof> decode_ref_proof(ByteView bytes) {
    return decode<schema::RefProof, RefProof>(bytes, "ref proof", kProofBytesMax, read_ref);
}

Expected<RefListProof> decode_ref_list_proof(ByteView bytes) {
    return decode<schema::RefListProof, RefListProof>(bytes, "ref list", kRefListBytesMax, read);
}

Expected<FinalizedHeader> decode_finalized_header(ByteView bytes) {
    return decode<schema::FinalizedHeader, FinalizedHeader>(bytes, "finalized header",
                                                            kProofBytesMax, read);
}

Expected<SealedRefProof> decode_sealed_ref_proof(ByteView bytes) {
    return decode<schema::SealedRefProof, SealedRefProof>(bytes, "sealed ref proof",
                                                          kSealedProofBytesMax, read);
}

}  // namespace ashlar::codec
