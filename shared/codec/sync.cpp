#include "codec/sync.h"

#include <schema/sync.capnp.h>

#include "codec/proof_messages.h"
#include "codec/record_messages.h"

namespace ashlar::codec {

namespace {

Expected<RepositoryCheckpoint> read_checkpoint(schema::RepositoryCheckpoint::Reader reader) {
    RepositoryCheckpoint checkpoint;
    ASHLAR_TRY(checkpoint.chain.digest, fixed<crypto::Digest>(reader.getChain()));
    checkpoint.owner = string_of(reader.getOwner());
    checkpoint.repository = string_of(reader.getRepository());
    ASHLAR_TRY(checkpoint.finalized, read(reader.getFinalized()));
    ASHLAR_TRY(checkpoint.proof, read(reader.getProof()));
    const auto packs = reader.getPacks();
    if (packs.size() > kPacksPerRepositoryMax) return fail(ErrorCode::invalid, "too many packs");
    for (const schema::PackReference::Reader item : packs) {
        ASHLAR_TRY(forge::PackReference pack, read(item));
        checkpoint.packs.push_back(pack);
    }
    return checkpoint;
}

Expected<RefList> read_list(schema::RefList::Reader reader) {
    RefList list;
    ASHLAR_TRY(list.refs, read(reader.getRefs()));
    return list;
}

}  // namespace

Bytes encode(const RepositoryCheckpoint& checkpoint) {
    return encode_canonical<schema::RepositoryCheckpoint>(
        [&](schema::RepositoryCheckpoint::Builder& builder) {
            builder.setChain(data_of(checkpoint.chain.digest.view()));
            builder.setOwner(text_of(checkpoint.owner));
            builder.setRepository(text_of(checkpoint.repository));
            fill(builder.initFinalized(), checkpoint.finalized);
            fill(builder.initProof(), checkpoint.proof);
            auto packs = builder.initPacks(static_cast<unsigned>(checkpoint.packs.size()));
            for (std::size_t i = 0; i < checkpoint.packs.size(); ++i) {
                fill(packs[static_cast<unsigned>(i)], checkpoint.packs[i]);
            }
        });
}

Bytes encode(const RefList& list) {
    return encode_canonical<schema::RefList>([&](schema::RefList::Builder& builder) {
        fill(builder.initRefs(static_cast<unsigned>(list.refs.size())), list.refs);
    });
}

Expected<RepositoryCheckpoint> decode_repository_checkpoint(ByteView bytes) {
    return decode_canonical<schema::RepositoryCheckpoint, RepositoryCheckpoint>(
        bytes, "repository checkpoint", kCheckpointBytesMax, encode, read_checkpoint);
}

Expected<RefList> decode_ref_list(ByteView bytes) {
    return decode_canonical<schema::RefList, RefList>(bytes, "ref list", kRefListBytesMax, encode,
                                                      read_list);
}

}  // namespace ashlar::codec
