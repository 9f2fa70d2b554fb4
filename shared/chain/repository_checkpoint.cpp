#include "chain/repository_checkpoint.h"

#include "chain/block_rows.h"
#include "codec/record_paths.h"
#include "codec/records.h"
#include "ledger/state_tree.h"

namespace ashlar::chain {

namespace {

class NoRows final : public KeyValueReader {
  public:
    Expected<std::optional<Bytes>> get(ByteView) const override { return std::optional<Bytes>(); }
    Expected<void> scan(ByteView, ByteView, const Visitor&) const override { return {}; }
};

}  // namespace

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

SealedRefList seal_ref_list(const RepositoryCheckpoint& checkpoint, std::vector<git::Ref> refs) {
    return {checkpoint.chain,
            checkpoint.owner,
            checkpoint.repository,
            checkpoint.finalized,
            {checkpoint.proof, std::move(refs)}};
}

Expected<SealedRefProof> seal_ref_proof(const RepositoryCheckpoint& checkpoint,
                                        const forge::Repository& record,
                                        const std::vector<git::Ref>& refs, std::string_view ref) {
    constexpr auto kRefs = ledger::TreeKind::refs;
    const auto key_of = [&](std::string_view name) {
        return ledger::tree_key(kRefs, codec::ref_tree_name(record.id, name));
    };
    SealedRefProof sealed{checkpoint.chain, checkpoint.owner,     checkpoint.repository,
                          std::string(ref), checkpoint.finalized, {checkpoint.proof, {}, {}}};
    std::vector<ledger::TreeUpdate> entries;
    entries.reserve(refs.size());
    for (const git::Ref& one : refs) {
        const Bytes value = codec::encode_ref_value(one);
        entries.push_back({key_of(one.name), ledger::tree_value(kRefs, value)});
        if (one.name == ref) sealed.proof.value = value;
    }
    ledger::Overlay rows(std::make_shared<const NoRows>());
    ASHLAR_TRY(const ledger::TreeRoot tree, ledger::update_tree(kRefs, {}, rows, entries));
    if (tree.root != record.refs_root) {
        return fail(ErrorCode::invalid, "refs: are not those of the repository");
    }
    ASHLAR_TRY(sealed.proof.proof, ledger::prove_in_tree(kRefs, {}, rows, key_of(ref)));
    return sealed;
}

}  // namespace ashlar::chain
