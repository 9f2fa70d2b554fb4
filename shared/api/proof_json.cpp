#include "api/proof_json.h"

#include "api/request.h"
#include "api/rest_shapes.h"
#include "base/base64.h"
#include "base/json_writer.h"
#include "codec/block.h"
#include "codec/certificate.h"
#include "codec/record_paths.h"
#include "codec/records.h"

namespace ashlar::api {

namespace {

void write_header(JsonWriter& json, const ledger::BlockHeader& header) {
    json.begin_object().number("height", header.height.value);
    json.number("epoch", header.epoch.value);
    json.text("block", codec::digest_of(header).hex()).text("parent", header.parent.hex());
    json.text("time", rest_time(header.time_ms)).number("time_ms", header.time_ms);
    json.text("state_root", header.state_root.hex());
    json.text("transactions_root", header.transactions_root.hex());
    json.number("transaction_count", header.transaction_count);
    json.text_or_null("next_validators", header.next_validators
                                             ? std::optional(header.next_validators->hex())
                                             : std::nullopt);
    json.text("canonical", to_base64(codec::encode(header))).end_object();
}

void write_certificate(JsonWriter& json, const consensus::Certificate& certificate) {
    json.begin_object().number("epoch", certificate.subject.round().epoch.value);
    json.number("view", certificate.view().value);
    json.text("block", certificate.subject.proposal.block.hex());
    // Places among the sorted keys of the epoch.
    json.key("signers").begin_array();
    for (std::size_t i = 0; i < 8 * certificate.signers.size(); ++i) {
        if ((certificate.signers[i / 8] >> (i % 8) & 1) != 0) json.number(i);
    }
    json.end_array();
    json.text("canonical", to_base64(codec::encode(certificate))).end_object();
}

void write_finalized(JsonWriter& json, const codec::FinalizedHeader& finalized) {
    json.text("network", finalized.header.chain.hex());
    json.key("header");
    write_header(json, finalized.header);
    json.key("descendants").begin_array();
    for (const ledger::BlockHeader& header : finalized.descendants) {
        json.text(to_base64(codec::encode(header)));
    }
    json.end_array().key("certificate");
    write_certificate(json, finalized.finalization);
}

std::optional<std::string> base64_of(const std::optional<Bytes>& bytes) {
    return bytes ? std::optional(to_base64(*bytes)) : std::nullopt;
}

void write_link(JsonWriter& json, std::string_view path, const codec::RecordProof& proof) {
    json.begin_object().text("path", path).text_or_null("record", base64_of(proof.record));
    json.text("tree_proof", to_base64(ledger::encode(proof.proof))).end_object();
}

// The records on the way to the repository, each with its proof in the state tree.
void write_links(JsonWriter& json, std::string_view owner, std::string_view name,
                 const codec::RepositoryProof& proof) {
    json.key("links").begin_array();
    write_link(json, codec::login_path(owner), proof.login);
    if (proof.login.record && proof.name) {
        const auto account = codec::decode_id(*proof.login.record);
        const forge::AccountId id(account.value_or(0));
        write_link(json, codec::name_path(id, name), *proof.name);
    }
    if (proof.name && proof.name->record && proof.repository) {
        const auto repository = codec::decode_id(*proof.name->record);
        const forge::RepositoryId id(repository.value_or(0));
        write_link(json, codec::repository_path(id), *proof.repository);
    }
    json.end_array();
}

void write_names(JsonWriter& json, std::string_view owner, std::string_view name,
                 const codec::RepositoryProof& proof) {
    json.text("owner", owner).text("repository", name);
    const bool present = proof.repository && proof.repository->record;
    json.boolean("repository_exists", present);
    if (!present) return;
    const auto repository = codec::decode_repository(*proof.repository->record);
    if (!repository) return;
    json.number("repository_id", repository->id.value);
    json.text("default_branch", repository->default_branch);
    json.number("ref_count", repository->ref_count);
    json.text("refs_root", repository->refs_root.hex());
}

void write_ref(JsonWriter& json, const git::Ref& ref) {
    json.text("object_id", ref.id.hex());
    json.text_or_null("peeled_id", ref.peeled ? std::optional(ref.peeled->hex()) : std::nullopt);
}

}  // namespace

std::string proof_address(std::string_view owner, std::string_view repository,
                          const std::optional<std::string>& ref) {
    std::string address(kAshlarPrefix);
    address.append("/repos/").append(percent_encode(owner)).append("/");
    address.append(percent_encode(repository)).append("/proof");
    if (ref) address.append("?ref=").append(percent_encode(*ref));
    return address;
}

std::string to_json(const codec::SealedRefProof& sealed) {
    JsonWriter json;
    json.begin_object();
    write_names(json, sealed.owner, sealed.repository, sealed.proof.repository);
    json.text("ref", sealed.ref).boolean("ref_exists", sealed.proof.value.has_value());
    if (sealed.proof.value) {
        const auto ref = codec::decode_ref_value(sealed.ref, *sealed.proof.value);
        if (ref) write_ref(json, *ref);
    }
    write_finalized(json, sealed.finalized);
    write_links(json, sealed.owner, sealed.repository, sealed.proof.repository);
    json.key("ref_link").begin_object();
    json.text_or_null("value", base64_of(sealed.proof.value));
    json.text("tree_proof", to_base64(ledger::encode(sealed.proof.proof))).end_object();
    json.text("capnp", to_base64(codec::encode(sealed))).end_object();
    return json.take();
}

std::string to_json(const codec::SealedRefList& sealed) {
    JsonWriter json;
    json.begin_object();
    write_names(json, sealed.owner, sealed.repository, sealed.proof.repository);
    json.key("refs").begin_array();
    for (const git::Ref& ref : sealed.proof.refs) {
        json.begin_object().text("ref", ref.name);
        write_ref(json, ref);
        json.end_object();
    }
    json.end_array();
    write_finalized(json, sealed.finalized);
    write_links(json, sealed.owner, sealed.repository, sealed.proof.repository);
    json.text("capnp", to_base64(codec::encode(sealed))).end_object();
    return json.take();
}

std::string to_json(const codec::FinalizedHeader& finalized) {
    JsonWriter json;
    json.begin_object();
    write_finalized(json, finalized);
    json.text("capnp", to_base64(codec::encode(finalized))).end_object();
    return json.take();
}

std::string to_json(const codec::EpochChange& change) {
    JsonWriter json;
    json.begin_object().number("epoch", change.last.header.epoch.value);
    write_finalized(json, change.last);
    json.key("next_validators").begin_array();
    for (const crypto::PublicKey& key : change.next_validators) json.text(key.hex());
    json.end_array().text("capnp", to_base64(codec::encode(change))).end_object();
    return json.take();
}

}  // namespace ashlar::api
