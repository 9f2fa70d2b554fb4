#include "chain/repository_checkpoint.h"

#include "chain/block_rows.h"

namespace ashlar::chain {

Expected<RepositoryCheckpoint> make_checkpoint(const KeyValueReader& rows, std::string_view owner,
                                               std::string_view name,
                                               std::vector<forge::PackReference> packs) {
    RepositoryCheckpoint checkpoint;
    checkpoint.owner = std::string(owner);
    checkpoint.repository = std::string(name);
    ASHLAR_TRY(const ledger::Height head, read_head(rows));
    ASHLAR_TRY(checkpoint.finalized, prove_header(rows, head));
    checkpoint.chain = checkpoint.finalized.header.chain;
    ASHLAR_TRY(checkpoint.proof, prove_repository(rows, owner, name));
    checkpoint.packs = std::move(packs);
    return checkpoint;
}

Expected<std::optional<forge::Repository>> verify_checkpoint(const Trust& trust,
                                                             const RepositoryCheckpoint& checkpoint,
                                                             const consensus::Verifier& verifier) {
    if (checkpoint.chain != trust.chain) {
        return fail(ErrorCode::invalid, "checkpoint: is of another network");
    }
    ASHLAR_CHECK(verify_header(trust, checkpoint.finalized, verifier));
    return verify_repository(checkpoint.finalized.header.state_root, checkpoint.owner,
                             checkpoint.repository, checkpoint.proof);
}

}  // namespace ashlar::chain
