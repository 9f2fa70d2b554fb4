// The checking half of proof.h: it reads nothing but the proofs.
#include "chain/proof.h"
#include "codec/block.h"
#include "codec/record_paths.h"
#include "codec/records.h"
#include "forge/names.h"

namespace ashlar::chain {

namespace {

using ledger::TreeKind;

Unexpected broken(std::string_view link, const std::string& why) {
    return fail(ErrorCode::invalid, std::string(link) + ": " + why);
}

// Names the link in the error of a check.
template <typename Value>
Expected<Value> at_link(std::string_view link, Expected<Value> checked) {
    if (checked) return checked;
    return broken(link, checked.error().detail);
}

Expected<std::optional<std::uint64_t>> verify_id(const crypto::Digest& state_root,
                                                 const std::string& path,
                                                 const RecordProof& proof) {
    ASHLAR_TRY(const auto record, verify_record(state_root, path, proof));
    if (!record) return std::nullopt;
    ASHLAR_TRY(const std::uint64_t id, at_link(path, codec::decode_id(*record)));
    return id;
}

Expected<std::optional<git::Ref>> verify_ref_in(const forge::Repository& repository,
                                                std::string_view name, const RefProof& proof) {
    const std::string link = "ref " + std::string(name);
    const crypto::Digest key =
        ledger::tree_key(TreeKind::refs, codec::ref_tree_name(repository.id, name));
    if (!proof.value) {
        ASHLAR_CHECK(at_link(
            link, ledger::verify_absence(TreeKind::refs, repository.refs_root, key, proof.proof)));
        return std::nullopt;
    }
    ASHLAR_CHECK(at_link(link, ledger::verify_inclusion(
                                   TreeKind::refs, repository.refs_root, key,
                                   ledger::tree_value(TreeKind::refs, *proof.value), proof.proof)));
    ASHLAR_TRY(git::Ref ref, at_link(link, codec::decode_ref_value(name, *proof.value)));
    return ref;
}

}  // namespace

Expected<std::optional<Bytes>> verify_record(const crypto::Digest& state_root,
                                             std::string_view path, const RecordProof& proof) {
    const crypto::Digest key = ledger::tree_key(TreeKind::state, as_bytes(path));
    if (!proof.record) {
        ASHLAR_CHECK(
            at_link(path, ledger::verify_absence(TreeKind::state, state_root, key, proof.proof)));
        return std::nullopt;
    }
    ASHLAR_CHECK(at_link(
        path,
        ledger::verify_inclusion(TreeKind::state, state_root, key,
                                 ledger::tree_value(TreeKind::state, *proof.record), proof.proof)));
    return proof.record;
}

Expected<std::optional<forge::Repository>> verify_repository(const crypto::Digest& state_root,
                                                             std::string_view owner,
                                                             std::string_view name,
                                                             const RepositoryProof& proof) {
    const auto nothing_follows = [&](bool follows) -> Expected<std::optional<forge::Repository>> {
        if (follows) return broken("repository", "something follows what is absent");
        return std::nullopt;
    };
    ASHLAR_TRY(const auto account, verify_id(state_root, codec::login_path(owner), proof.login));
    if (!account) return nothing_follows(proof.name || proof.repository);
    if (!proof.name) return broken("name", "is missing");
    const forge::AccountId owner_id(*account);
    ASHLAR_TRY(const auto id, verify_id(state_root, codec::name_path(owner_id, name), *proof.name));
    if (!id) return nothing_follows(proof.repository.has_value());
    if (!proof.repository) return broken("repository", "is missing");
    const std::string path = codec::repository_path(forge::RepositoryId(*id));
    ASHLAR_TRY(const auto record, verify_record(state_root, path, *proof.repository));
    if (!record) return broken(path, "is named, and absent");
    ASHLAR_TRY(auto repository, at_link(path, codec::decode_repository(*record)));
    if (repository.id.value != *id || repository.owner != owner_id ||
        forge::fold_name(repository.name) != forge::fold_name(name)) {
        return broken(path, "is the record of another repository");
    }
    return repository;
}

Expected<ProvenRef> verify_ref(const crypto::Digest& state_root, std::string_view owner,
                               std::string_view name, std::string_view ref, const RefProof& proof) {
    ProvenRef proven;
    ASHLAR_TRY(proven.repository, verify_repository(state_root, owner, name, proof.repository));
    if (!proven.repository) {
        if (proof.value || proof.proof != ledger::TreeProof{}) {
            return broken("ref", "something follows what is absent");
        }
        return proven;
    }
    ASHLAR_TRY(proven.ref, verify_ref_in(*proven.repository, ref, proof));
    return proven;
}

Expected<void> verify_ref_list(const forge::Repository& repository,
                               const std::vector<git::Ref>& refs) {
    if (refs.size() != repository.ref_count) {
        return broken("refs", std::to_string(refs.size()) + " of " +
                                  std::to_string(repository.ref_count) + " are listed");
    }
    std::vector<ledger::TreeEntry> entries;
    entries.reserve(refs.size());
    for (std::size_t i = 0; i < refs.size(); ++i) {
        const git::Ref& ref = refs[i];
        if (i > 0 && !(refs[i - 1].name < ref.name)) return broken("refs", "are not in order");
        entries.push_back(
            {ledger::tree_key(TreeKind::refs, codec::ref_tree_name(repository.id, ref.name)),
             ledger::tree_value(TreeKind::refs, codec::encode_ref_value(ref))});
    }
    ASHLAR_TRY(const crypto::Digest root,
               at_link("refs", ledger::root_of_entries(TreeKind::refs, std::move(entries))));
    if (root != repository.refs_root) return broken("refs", "are not those of the repository");
    return {};
}

Expected<std::optional<forge::Repository>> verify_refs(const crypto::Digest& state_root,
                                                       std::string_view owner,
                                                       std::string_view name,
                                                       const RefListProof& proof) {
    ASHLAR_TRY(auto repository, verify_repository(state_root, owner, name, proof.repository));
    if (!repository) {
        if (!proof.refs.empty()) return broken("refs", "of a repository that is absent");
        return std::nullopt;
    }
    ASHLAR_CHECK(verify_ref_list(*repository, proof.refs));
    return repository;
}

Expected<void> verify_header(const Trust& trust, const FinalizedHeader& finalized,
                             const consensus::Verifier& verifier) {
    ledger::BlockDigest digest = codec::digest_of(finalized.header);
    const ledger::BlockHeader* last = &finalized.header;
    const auto check_own = [&](const ledger::BlockHeader& header) -> Expected<void> {
        if (header.format_version != ledger::kFormatVersion) {
            return broken("header", "has another format version");
        }
        if (header.chain != trust.chain) return broken("header", "is of another network");
        if (header.epoch != trust.epoch) return broken("header", "is of another epoch");
        return {};
    };
    ASHLAR_CHECK(check_own(finalized.header));
    for (const ledger::BlockHeader& next : finalized.descendants) {
        ASHLAR_CHECK(check_own(next));
        if (next.parent != digest || next.height != last->height.next()) {
            return broken("header", "is not followed by the one that the certificate is of");
        }
        digest = codec::digest_of(next);
        last = &next;
    }
    const consensus::Subject& subject = finalized.finalization.subject;
    if (subject.kind != consensus::VoteKind::finalize || subject.proposal.block != digest) {
        return broken("certificate", "does not finalize this block");
    }
    if (subject.round().epoch != trust.epoch) return broken("certificate", "is of another epoch");
    return at_link("certificate", consensus::verify(finalized.finalization, trust.chain,
                                                    trust.validators, verifier));
}

Expected<ProvenRef> verify_sealed(const Trust& trust, const SealedRefProof& proof,
                                  const consensus::Verifier& verifier) {
    if (proof.chain != trust.chain) return broken("proof", "is of another network");
    ASHLAR_CHECK(verify_header(trust, proof.finalized, verifier));
    return verify_ref(proof.finalized.header.state_root, proof.owner, proof.repository, proof.ref,
                      proof.proof);
}

Expected<std::optional<forge::Repository>> verify_sealed(const Trust& trust,
                                                         const SealedRefList& list,
                                                         const consensus::Verifier& verifier) {
    if (list.chain != trust.chain) return broken("proof", "is of another network");
    ASHLAR_CHECK(verify_header(trust, list.finalized, verifier));
    return verify_refs(list.finalized.header.state_root, list.owner, list.repository, list.proof);
}

}  // namespace ashlar::chain
