// One value of each encoded type, with every field set to something of its own.
#pragma once

#include "codec/block.h"
#include "codec/certificate.h"
#include "codec/genesis.h"
#include "codec/proof.h"
#include "codec/records.h"
#include "codec/transaction.h"

namespace ashlar::codec {

inline crypto::Digest sample_digest(Byte number) {
    crypto::Digest digest;
    digest.bytes.fill(number);
    return digest;
}
inline crypto::PublicKey sample_key(Byte number) {
    crypto::PublicKey key;
    key.bytes.fill(number);
    return key;
}
inline crypto::Signature sample_signature(Byte number) {
    crypto::Signature signature;
    signature.bytes.fill(number);
    return signature;
}
inline git::ObjectId sample_object(Byte number) {
    git::ObjectId id;
    id.bytes.fill(number);
    return id;
}

inline forge::Account sample_account() {
    return {forge::AccountId(7), "Alice",      forge::AccountKind::user, true,
            1700000000000,       sample_key(9)};
}
inline forge::Token sample_token() {
    return {forge::TokenId(8),   forge::AccountId(7), "laptop",      forge::ScopeSet::all(),
            sample_digest(0x11), 1700000000001,       1800000000000, true};
}
inline forge::SshKey sample_ssh_key() {
    return {forge::SshKeyId(10), forge::AccountId(7), "yubikey", sample_key(0x23), 1700000000002};
}
inline forge::PackReference sample_pack() {
    return {{sample_digest(0x21)}, 12345, 67, sample_digest(0x22)};
}
inline forge::Repository sample_repository() {
    forge::Repository repository;
    repository.id = forge::RepositoryId(9);
    repository.owner = forge::AccountId(7);
    repository.name = "Hello.World";
    repository.visibility = forge::Visibility::visible_to_members;
    repository.default_branch = "main";
    repository.description = "gr\xc3\xbc\xc3\x9f dich";
    repository.created_ms = 1;
    repository.updated_ms = 2;
    repository.pushed_ms = 3;
    repository.refs_root = sample_digest(0x31);
    repository.ref_count = 4;
    repository.pack_sequence = 5;
    repository.pack_bytes = 6;
    repository.may_hold_unreachable = true;
    return repository;
}
inline forge::Counters sample_counters() {
    return {forge::AccountId(1), forge::TokenId(2), forge::RepositoryId(3)};
}
inline forge::ValidatorSet sample_validators() {
    return {ledger::Epoch(2), {{sample_key(1), "v1"}, {sample_key(2), "v2"}}};
}
// With addresses, which genesis and sets of before did not have.
inline forge::Validator sample_validator() {
    return {sample_key(3), "v3", "v3.example.org:7000"};
}
inline forge::ClosedEpoch sample_closed_epoch() {
    forge::ValidatorSet set = sample_validators();
    set.validators.push_back(sample_validator());
    return {set, ledger::Height(77)};
}
inline TransactionRecord sample_record() {
    return {ledger::Height(4), 5, 6, 7};
}
inline forge::Genesis sample_genesis() {
    forge::Genesis genesis;
    genesis.network_name = "test";
    genesis.time_ms = 1700000000000;
    genesis.validators = sample_validators().validators;
    genesis.administrator = {"operator", sample_digest(0x41)};
    return genesis;
}
inline ledger::BlockHeader sample_header() {
    ledger::BlockHeader header;
    header.chain = {sample_digest(0x51)};
    header.epoch = ledger::Epoch(1);
    header.height = ledger::Height(2);
    header.parent = {sample_digest(0x52)};
    header.time_ms = 1700000000003;
    header.transaction_count = 2;
    header.transactions_root = sample_digest(0x53);
    header.state_root = sample_digest(0x54);
    header.next_validators = sample_digest(0x55);
    return header;
}
inline ledger::Block sample_block() {
    return {sample_header(), {to_bytes(as_bytes("one")), to_bytes(as_bytes("another"))}};
}
inline consensus::Certificate sample_certificate() {
    consensus::Certificate certificate;
    certificate.subject = consensus::Subject::finalize(
        {{ledger::Epoch(1), ledger::View(5)}, ledger::View(4), {sample_digest(0x61)}});
    certificate.signers = {0x0b};
    certificate.signatures = {sample_signature(1), sample_signature(2), sample_signature(3)};
    return certificate;
}

inline RecordProof sample_record_proof(Byte number) {
    RecordProof proof;
    proof.record = Bytes{number, 2, 3};
    proof.proof.steps = {{9, sample_digest(number)}, {1, sample_digest(0x82)}};
    return proof;
}
inline RepositoryProof sample_repository_proof() {
    return {sample_record_proof(1), sample_record_proof(2), sample_record_proof(3)};
}
inline RepositoryProof sample_absence_proof() {
    RepositoryProof proof;
    proof.login.proof.other = ledger::TreeEntry{sample_digest(0x83), sample_digest(0x84)};
    proof.login.proof.steps = {{0, sample_digest(0x85)}};
    return proof;
}
inline RefProof sample_ref_proof() {
    RefProof proof;
    proof.repository = sample_repository_proof();
    proof.value = Bytes(20, 0x86);
    proof.proof.steps = {{200, sample_digest(0x87)}};
    return proof;
}
inline RefListProof sample_ref_list_proof() {
    return {sample_repository_proof(),
            {{"refs/heads/main", sample_object(1), std::nullopt},
             {"refs/tags/v1", sample_object(2), sample_object(3)}}};
}
inline FinalizedHeader sample_finalized_header() {
    return {sample_header(), {sample_header()}, sample_certificate()};
}
inline SealedRefProof sample_sealed_ref_proof() {
    return {{sample_digest(0x51)},     "alice",           "hello", "refs/heads/main",
            sample_finalized_header(), sample_ref_proof()};
}

inline forge::SignedTransaction sample_transaction(forge::Action action) {
    forge::SignedTransaction signed_transaction;
    forge::Transaction& transaction = signed_transaction.transaction;
    transaction.chain = {sample_digest(0x71)};
    transaction.expires_ms = 1700000060000;
    transaction.nonce = 0x0123456789abcdef;
    transaction.author = forge::AccountId(7);
    transaction.authorship = forge::AttestedByValidator{sample_key(0x72), forge::TokenId(8)};
    transaction.action = std::move(action);
    signed_transaction.signature = sample_signature(0x73);
    return signed_transaction;
}
inline forge::UpdateRefs sample_push() {
    forge::UpdateRefs push;
    push.repository = forge::RepositoryId(9);
    push.updates = {{"refs/heads/main", sample_object(1), sample_object(2), std::nullopt},
                    {"refs/tags/v1", std::nullopt, sample_object(3), sample_object(4)},
                    {"refs/heads/old", sample_object(5), std::nullopt, std::nullopt}};
    push.atomicity = forge::RefAtomicity::all_or_none;
    push.pack = sample_pack();
    push.push_options = {"ci.skip", std::string("\xff\x00", 2)};
    push.rewinds = true;
    return push;
}
inline forge::UpdateRefs sample_signed_push() {
    forge::UpdateRefs push = sample_push();
    push.certificate = to_bytes("certificate version 0.1\npusher A <a@b> 1 +0000\n");
    return push;
}
struct NamedAction {
    const char* name;
    forge::Action action;
};
inline std::vector<NamedAction> sample_actions() {
    forge::CreateAccount organization;
    organization.login = "crew";
    organization.kind = forge::AccountKind::organization;
    forge::UpdateRefs small_push;
    small_push.repository = forge::RepositoryId(9);
    small_push.updates = {{"refs/heads/main", std::nullopt, sample_object(2), std::nullopt}};
    forge::UpdateRepository nothing;
    nothing.repository = forge::RepositoryId(9);
    return {
        {"create_account",
         forge::CreateAccount{"Alice", forge::AccountKind::user, true, sample_key(9)}},
        {"create_organization", organization},
        {"create_token", forge::CreateToken{forge::AccountId(7), "laptop", forge::ScopeSet::all(),
                                            sample_digest(0x11), 1800000000000}},
        {"revoke_token", forge::RevokeToken{forge::TokenId(8)}},
        {"create_repository",
         forge::CreateRepository{forge::AccountId(7), "Hello",
                                 forge::Visibility::visible_to_members, "words", "trunk"}},
        {"update_repository",
         forge::UpdateRepository{forge::RepositoryId(9), forge::Visibility::visible_to_all, "",
                                 "main"}},
        {"update_repository_nothing", nothing},
        {"delete_repository", forge::DeleteRepository{forge::RepositoryId(9)}},
        {"update_refs", sample_push()},
        {"update_refs_small", small_push},
        {"change_validators_add", forge::ChangeValidators{std::nullopt, sample_validator()}},
        {"change_validators_remove", forge::ChangeValidators{sample_key(1), std::nullopt}},
        {"change_validators_replace", forge::ChangeValidators{sample_key(1), sample_validator()}},
        {"update_refs_signed", sample_signed_push()},
        {"create_ssh_key", forge::CreateSshKey{forge::AccountId(7), "yubikey", sample_key(0x23)}},
        {"delete_ssh_key", forge::DeleteSshKey{forge::SshKeyId(10)}},
    };
}

}  // namespace ashlar::codec
