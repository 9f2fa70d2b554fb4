// Proofs that stand inside of other messages too. Private to codec.
#pragma once

#include <schema/proof.capnp.h>

#include "codec/canonical.h"
#include "codec/proof.h"

namespace ashlar::codec {

void fill(schema::RepositoryProof::Builder builder, const RepositoryProof& proof);
void fill(schema::FinalizedHeader::Builder builder, const FinalizedHeader& finalized);
void fill(capnp::List<schema::Ref>::Builder builder, const std::vector<git::Ref>& refs);
void fill(schema::RefListProof::Builder builder, const RefListProof& proof);
void fill(schema::SealedRefProof::Builder builder, const SealedRefProof& proof);

Expected<RepositoryProof> read(schema::RepositoryProof::Reader reader);
Expected<FinalizedHeader> read(schema::FinalizedHeader::Reader reader);
Expected<std::vector<git::Ref>> read(capnp::List<schema::Ref>::Reader reader);
Expected<RefListProof> read(schema::RefListProof::Reader reader);
Expected<SealedRefProof> read(schema::SealedRefProof::Reader reader);

}  // namespace ashlar::codec
