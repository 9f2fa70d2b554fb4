#include "api/network_json.h"

#include "api/rest_shapes.h"

namespace ashlar::api {

namespace {

void write_validator_key(JsonWriter& json, const forge::Validator& validator) {
    json.text("name", validator.name).text("public_key", validator.key.hex());
}

// The members of a header, in an object that the caller opens and closes.
void write_header_members(JsonWriter& json, const ledger::BlockHeader& header,
                          const ledger::BlockDigest& digest) {
    json.number("height", header.height.value).text("digest", digest.hex());
    json.number("epoch", header.epoch.value).text("time", rest_time(header.time_ms));
    json.number("time_ms", header.time_ms);
    json.number("transaction_count", header.transaction_count);
    json.boolean("ends_epoch", header.next_validators.has_value());
}

void write_transaction(JsonWriter& json, const TransactionView& transaction) {
    json.begin_object().text("id", transaction.id.hex()).text("kind", transaction.kind);
    json.number("author_id", transaction.author.value);
    json.text_or_null("author", transaction.author_login);
    json.number("bytes", transaction.bytes);
    json.key("summary");
    transaction.summary.empty() ? json.null() : json.text(transaction.summary);
    json.key("details").begin_array();
    for (const std::string& detail : transaction.details) json.text(detail);
    json.end_array().end_object();
}

void write_certificate(JsonWriter& json, const BlockView& block) {
    json.key("finalization");
    if (!block.finalization) {
        json.null();
        return;
    }
    const consensus::Certificate& certificate = *block.finalization;
    json.begin_object().number("epoch", certificate.subject.round().epoch.value);
    json.number("view", certificate.view().value);
    json.number("parent_view", certificate.subject.proposal.parent.value);
    json.key("signers").begin_array();
    for (std::size_t i = 0; i < block.signers.size(); ++i) {
        json.begin_object();
        write_validator_key(json, block.signers[i]);
        json.text("signature", to_hex(certificate.signatures[i].view())).end_object();
    }
    json.end_array().end_object();
}

void write_vote(JsonWriter& json, std::string_view name, const consensus::Vote& vote) {
    static constexpr std::string_view kKinds[] = {"none", "notarize", "nullify", "finalize"};
    json.key(name).begin_object();
    json.text("kind", kKinds[static_cast<std::size_t>(vote.subject.kind)]);
    json.number("parent_view", vote.subject.proposal.parent.value);
    json.text("block", vote.subject.proposal.block.hex());
    json.text("signature", to_hex(vote.signature.view())).end_object();
}

}  // namespace

void write_consensus(JsonWriter& json, const NetworkStatus& status) {
    json.begin_object().text("network", status.name).text("chain", status.chain.hex());
    json.number("height", status.applied_height.value).text("digest", status.applied_digest.hex());
    json.number("final_height", status.final_height.value);
    json.number("epoch", status.epoch.value).number("view", status.view.value);
    json.key("leader");
    const NetworkValidator* leader = nullptr;
    for (const NetworkValidator& validator : status.validators) {
        if (validator.leads) leader = &validator;
    }
    if (leader == nullptr) {
        json.null();
    } else {
        json.begin_object();
        write_validator_key(json, leader->record);
        json.end_object();
    }
    json.number("validator_count", status.validators.size()).number("quorum", status.quorum);
    json.text("block_time", rest_time(status.applied_block_ms));
    json.number("block_time_ms", status.applied_block_ms);
    json.key("last_finalization_ms");
    status.last_finalization_ms ? json.number(*status.last_finalization_ms) : json.null();
    json.number("waiting_transactions", status.waiting_transactions);
    json.boolean("ready", status.ready);
    json.key("why_not_ready");
    status.why_not_ready.empty() ? json.null() : json.text(status.why_not_ready);
    json.end_object();
}

void write_validators(JsonWriter& json, const NetworkStatus& status) {
    json.begin_object().number("epoch", status.epoch.value).number("quorum", status.quorum);
    json.key("validators").begin_array();
    for (const NetworkValidator& validator : status.validators) {
        json.begin_object();
        write_validator_key(json, validator.record);
        json.key("address");
        validator.record.address.empty() ? json.null() : json.text(validator.record.address);
        json.text("state", to_string(validator.health));
        json.number("last_vote_view", validator.last_vote.value);
        json.boolean("leads", validator.leads).boolean("connected", validator.connected);
        json.boolean("is_self", validator.is_self).end_object();
    }
    json.end_array().end_object();
}

void write_header(JsonWriter& json, const ledger::BlockHeader& header,
                  const ledger::BlockDigest& digest) {
    json.begin_object();
    write_header_members(json, header, digest);
    json.end_object();
}

void write_block(JsonWriter& json, const BlockView& block) {
    json.begin_object();
    write_header_members(json, block.header, block.digest);
    json.text("parent", block.header.parent.hex());
    json.text("transactions_root", block.header.transactions_root.hex());
    json.text("state_root", block.header.state_root.hex());
    json.key("next_validators");
    block.header.next_validators ? json.text(block.header.next_validators->hex()) : json.null();
    json.key("transactions").begin_array();
    for (const TransactionView& transaction : block.transactions) {
        write_transaction(json, transaction);
    }
    json.end_array();
    write_certificate(json, block);
    json.end_object();
}

void write_evidence(JsonWriter& json, const std::vector<codec::EvidenceRecord>& evidence) {
    json.begin_array();
    for (const codec::EvidenceRecord& record : evidence) {
        const ledger::Round& round = record.evidence.first.subject.round();
        json.begin_object().text("public_key", record.validator.hex());
        json.number("epoch", round.epoch.value).number("view", round.view.value);
        json.text("what", describe(record.evidence)).text("seen", rest_time(record.seen_ms));
        write_vote(json, "first", record.evidence.first);
        write_vote(json, "second", record.evidence.second);
        json.end_object();
    }
    json.end_array();
}

}  // namespace ashlar::api
