// Proofs that stand inside of other messages too. Private to codec.
#pragma once

#include <schema/proof.capnp.h>

#include "codec/canonical.h"
#include "codec/proof.h"

namespace ashlar::codec {

void fill(schema::FinalizedHeader::Builder builder, const FinalizedHeader& finalized);
void fill(schema::RefListProof::Builder builder, const RefListProof& proof);
void fill(schema::SealedRefProof::Builder builder, const SealedRefProof& proof);

Expected<FinalizedHeader> read(schema::FinalizedHeader::Reader reader);
Expected<RefListProof> read(schema::RefListProof::Reader reader);
Expected<SealedRefProof> read(schema::SealedRefProof::Reader reader);

}  // namespace ashlar::codec
