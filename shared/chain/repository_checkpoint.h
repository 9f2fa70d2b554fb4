// A repository as it is now, for a replica: what the one small message that changes says, and all
// else is fetched by the digests in it.
#pragma once

#include "chain/proof.h"
#include "codec/sync.h"

namespace ashlar::chain {

using codec::RepositoryCheckpoint;

// At the head of these rows. The packs are those that the server wants to be asked for.
Expected<RepositoryCheckpoint> make_checkpoint(const KeyValueReader& rows, std::string_view owner,
                                               std::string_view name,
                                               std::vector<forge::PackReference> packs);

// The repository, or nothing where it is shown that there is none of that name. Fails with
// `invalid`, naming the link that does not hold.
Expected<std::optional<forge::Repository>> verify_checkpoint(const Trust& trust,
                                                             const RepositoryCheckpoint& checkpoint,
                                                             const consensus::Verifier& verifier);

// Proofs out of a checkpoint that was checked, with the record that it shows and all refs of that.
// They are the bytes that a validator would give at that height.
SealedRefList seal_ref_list(const RepositoryCheckpoint& checkpoint, std::vector<git::Ref> refs);
// Of one ref, or that there is none of that name. Builds the tree of all refs: only where they are
// few (kRefsProvenOneByOneMax).
inline constexpr std::uint64_t kRefsProvenOneByOneMax = 1000;
Expected<SealedRefProof> seal_ref_proof(const RepositoryCheckpoint& checkpoint,
                                        const forge::Repository& record,
                                        const std::vector<git::Ref>& refs, std::string_view ref);

}  // namespace ashlar::chain
