// Proofs of what the state holds and does not hold, against the state root in a header, and of the
// header itself, against the validators. Making one needs the rows; checking one needs nothing but
// what one already trusts.
//
// The chain of proof: certificate -> header -> state root -> login -> name -> repository's record
// -> refs root -> ref. Each link names what it is of, so a proof made for another repository,
// network, epoch or height fails where it is checked; the error says at which link.
//
// Who may see a private repository is the caller's to decide before it makes a proof.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/key_value.h"
#include "codec/trust.h"
#include "consensus/signatures.h"
#include "forge/records.h"

namespace ashlar::chain {

using codec::EpochChange;
using codec::FinalizedHeader;
using codec::RecordProof;
using codec::RefListProof;
using codec::RefProof;
using codec::RepositoryProof;
using codec::SealedRefList;
using codec::SealedRefProof;

// ---- Making, from the rows of the state that the header commits to (a snapshot). ----

// Of any record, by its path (codec/record_paths.h).
Expected<RecordProof> prove_record(const KeyValueReader& rows, std::string_view path);
Expected<RepositoryProof> prove_repository(const KeyValueReader& rows, std::string_view owner,
                                           std::string_view name);
// Of a ref that exists, or of its absence.
Expected<RefProof> prove_ref(const KeyValueReader& rows, std::string_view owner,
                             std::string_view name, std::string_view ref);
// Fails with `limit_exceeded` above codec::kRefListCountMax refs.
Expected<RefListProof> prove_refs(const KeyValueReader& rows, std::string_view owner,
                                  std::string_view name);
// The header at a height, with the first certificate from there on. Fails with `not_found` where
// the height is not final or the certificate is further than codec::kDescendantsMax blocks away.
Expected<FinalizedHeader> prove_header(const KeyValueReader& rows, ledger::Height height);
// How trust moves on from an epoch that is over: its last header, and the keys whose digest that
// names. Fails with `not_found` where the epoch is not over.
Expected<EpochChange> prove_epoch_change(const KeyValueReader& rows, ledger::Epoch epoch);
// Everything at the head of these rows.
Expected<SealedRefProof> seal_ref_proof(const KeyValueReader& rows, std::string_view owner,
                                        std::string_view name, std::string_view ref);
Expected<SealedRefList> seal_ref_list(const KeyValueReader& rows, std::string_view owner,
                                      std::string_view name);

// ---- Checking. All fail with `invalid`, naming the link that does not hold. ----

// The record at the path, or nothing where it is shown to be absent.
Expected<std::optional<Bytes>> verify_record(const crypto::Digest& state_root,
                                             std::string_view path, const RecordProof& proof);
// The repository, or nothing where it is shown that there is none of that name.
Expected<std::optional<forge::Repository>> verify_repository(const crypto::Digest& state_root,
                                                             std::string_view owner,
                                                             std::string_view name,
                                                             const RepositoryProof& proof);

struct ProvenRef {
    std::optional<forge::Repository> repository;
    std::optional<git::Ref> ref;
};
Expected<ProvenRef> verify_ref(const crypto::Digest& state_root, std::string_view owner,
                               std::string_view name, std::string_view ref, const RefProof& proof);

// The repository, when the list holds every ref of it and nothing else.
Expected<std::optional<forge::Repository>> verify_refs(const crypto::Digest& state_root,
                                                       std::string_view owner,
                                                       std::string_view name,
                                                       const RefListProof& proof);

// Whether these are all refs of the repository, and nothing else.
Expected<void> verify_ref_list(const forge::Repository& repository,
                               const std::vector<git::Ref>& refs);

// Whom a header's certificate is checked against: the validators of one epoch of one network.
struct Trust {
    ledger::ChainId chain;
    ledger::Epoch epoch;
    consensus::ValidatorSet validators;
};
Expected<void> verify_header(const Trust& trust, const FinalizedHeader& finalized,
                             const consensus::Verifier& verifier);

// Header and ref; what the proof says it is of is checked against the names that were asked for by
// the caller.
Expected<ProvenRef> verify_sealed(const Trust& trust, const SealedRefProof& proof,
                                  const consensus::Verifier& verifier);
// The repository, or nothing where it is shown that there is none of that name.
Expected<std::optional<forge::Repository>> verify_sealed(const Trust& trust,
                                                         const SealedRefList& list,
                                                         const consensus::Verifier& verifier);

}  // namespace ashlar::chain
