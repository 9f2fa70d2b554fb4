#include "chain/proof.h"

#include "chain/block_rows.h"
#include "codec/block.h"
#include "codec/record_paths.h"
#include "codec/record_state.h"
#include "forge/names.h"
#include "ledger/state_tree.h"
#include "ledger/storage_keys.h"

namespace ashlar::chain {

namespace {

using ledger::storage_key;
using ledger::TreeKind;
namespace prefix = ledger::storage_prefix;

// The id that an index record holds, where it is there.
Expected<std::optional<std::uint64_t>> id_in(const std::optional<Bytes>& record) {
    if (!record) return std::nullopt;
    ASHLAR_TRY(const std::uint64_t id, codec::decode_id(*record));
    return id;
}

// The repository that a proof just made shows.
Expected<std::optional<forge::Repository>> repository_in(const RepositoryProof& proof) {
    if (!proof.repository || !proof.repository->record) return std::nullopt;
    ASHLAR_TRY(auto repository, codec::decode_repository(*proof.repository->record));
    return repository;
}

}  // namespace

Expected<RecordProof> prove_record(const KeyValueReader& rows, std::string_view path) {
    RecordProof proof;
    ASHLAR_TRY(proof.record, rows.get(storage_key(prefix::kState, path)));
    ASHLAR_TRY(proof.proof,
               ledger::prove_in_tree(TreeKind::state, as_bytes(prefix::kStateTree), rows,
                                     ledger::tree_key(TreeKind::state, as_bytes(path))));
    if (proof.record.has_value() == proof.proof.other.has_value()) {
        return fail(ErrorCode::corrupt, std::string(path) + ": record and state tree disagree");
    }
    return proof;
}

Expected<RepositoryProof> prove_repository(const KeyValueReader& rows, std::string_view owner,
                                           std::string_view name) {
    RepositoryProof proof;
    ASHLAR_TRY(proof.login, prove_record(rows, codec::login_path(owner)));
    ASHLAR_TRY(const auto account, id_in(proof.login.record));
    if (!account) return proof;
    ASHLAR_TRY(proof.name, prove_record(rows, codec::name_path(forge::AccountId(*account), name)));
    ASHLAR_TRY(const auto id, id_in(proof.name->record));
    if (!id) return proof;
    ASHLAR_TRY(proof.repository,
               prove_record(rows, codec::repository_path(forge::RepositoryId(*id))));
    return proof;
}

Expected<RefProof> prove_ref(const KeyValueReader& rows, std::string_view owner,
                             std::string_view name, std::string_view ref) {
    RefProof proof;
    ASHLAR_TRY(proof.repository, prove_repository(rows, owner, name));
    ASHLAR_TRY(const auto repository, repository_in(proof.repository));
    if (!repository) return proof;
    const std::uint64_t id = repository->id.value;
    ASHLAR_TRY(proof.value, rows.get(storage_key(prefix::kRef, id, ref)));
    const crypto::Digest key =
        ledger::tree_key(TreeKind::refs, codec::ref_tree_name(repository->id, ref));
    ASHLAR_TRY(proof.proof,
               ledger::prove_in_tree(TreeKind::refs, storage_key(prefix::kRefTree, id), rows, key));
    return proof;
}

Expected<RefListProof> prove_refs(const KeyValueReader& rows, std::string_view owner,
                                  std::string_view name) {
    RefListProof proof;
    ASHLAR_TRY(proof.repository, prove_repository(rows, owner, name));
    ASHLAR_TRY(const auto repository, repository_in(proof.repository));
    if (!repository) return proof;
    if (repository->ref_count > codec::kRefListCountMax) {
        return fail(ErrorCode::limit_exceeded,
                    "refs in one list (at most " + std::to_string(codec::kRefListCountMax) + ")");
    }
    proof.refs.reserve(static_cast<std::size_t>(repository->ref_count));
    ASHLAR_CHECK(codec::RecordState(rows).scan_refs(repository->id, "", [&](const git::Ref& ref) {
        proof.refs.push_back(ref);
        return true;
    }));
    return proof;
}

Expected<FinalizedHeader> prove_header(const KeyValueReader& rows, ledger::Height height) {
    FinalizedHeader finalized;
    ASHLAR_TRY(finalized.header, read_header(rows, height));
    for (ledger::Height at = height; finalized.descendants.size() <= codec::kDescendantsMax;) {
        ASHLAR_TRY(const auto certificate, read_finalization(rows, at));
        if (certificate) {
            finalized.finalization = *certificate;
            return finalized;
        }
        at = at.next();
        ASHLAR_TRY(const ledger::BlockHeader next, read_header(rows, at));
        finalized.descendants.push_back(next);
    }
    return fail(ErrorCode::not_found, "a certificate of the block at height " +
                                          std::to_string(height.value) + " or soon after");
}

Expected<EpochChange> prove_epoch_change(const KeyValueReader& rows, ledger::Epoch epoch) {
    const codec::RecordState state(rows);
    ASHLAR_TRY(const auto closed, state.closed_epoch(epoch));
    if (!closed) {
        return fail(ErrorCode::not_found, "the end of epoch " + std::to_string(epoch.value));
    }
    ASHLAR_TRY(const auto next, state.closed_epoch(epoch.next()));
    forge::ValidatorSet successors;
    if (next) {
        successors = next->validators;
    } else {
        ASHLAR_TRY(successors, state.validators());
    }
    EpochChange change;
    ASHLAR_TRY(change.last, prove_header(rows, closed->last_height));
    for (const forge::Validator& validator : successors.validators) {
        change.next_validators.push_back(validator.key);
    }
    return change;
}

Expected<SealedRefProof> seal_ref_proof(const KeyValueReader& rows, std::string_view owner,
                                        std::string_view name, std::string_view ref) {
    SealedRefProof proof;
    proof.owner = std::string(owner);
    proof.repository = std::string(name);
    proof.ref = std::string(ref);
    ASHLAR_TRY(const ledger::Height head, read_head(rows));
    ASHLAR_TRY(proof.finalized, prove_header(rows, head));
    proof.chain = proof.finalized.header.chain;
    ASHLAR_TRY(proof.proof, prove_ref(rows, owner, name, ref));
    return proof;
}

Expected<SealedRefList> seal_ref_list(const KeyValueReader& rows, std::string_view owner,
                                      std::string_view name) {
    SealedRefList list;
    list.owner = std::string(owner);
    list.repository = std::string(name);
    ASHLAR_TRY(const ledger::Height head, read_head(rows));
    ASHLAR_TRY(list.finalized, prove_header(rows, head));
    list.chain = list.finalized.header.chain;
    ASHLAR_TRY(list.proof, prove_refs(rows, owner, name));
    return list;
}

}  // namespace ashlar::chain
