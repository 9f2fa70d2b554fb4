#include "native/command/proof_report.h"

#include <cstdio>

#include "api/rest_shapes.h"
#include "base/json_writer.h"
#include "codec/block.h"
#include "git/wire/pkt_line.h"
#include "native/command/command_line.h"

namespace ashlar::native {

namespace {

constexpr std::size_t kKeyDigitsShown = 16;
constexpr std::size_t kNameLengthShown = 512;

std::string shown(const std::string& text) {
    return git::printable_line(text, kNameLengthShown);
}

// The keys that signed. The certificate was checked before.
std::vector<crypto::PublicKey> signing_keys(const ProofReport& report) {
    std::vector<crypto::PublicKey> keys;
    const auto signers =
        consensus::signers_of(report.finalized.finalization, report.trust.validators);
    if (!signers) return keys;
    for (const consensus::SignerIndex index : *signers) {
        keys.push_back(report.trust.validators.key(index));
    }
    return keys;
}

// As the genesis names it; validators that came later have no name there.
std::string name_of(const ProofReport& report, const crypto::PublicKey& key) {
    for (const forge::Validator& validator : report.genesis.validators) {
        if (validator.key == key) return validator.name;
    }
    return "";
}

void print_text(const ProofReport& report) {
    const ledger::BlockHeader& header = report.finalized.header;
    const consensus::ValidatorSet& set = report.trust.validators;
    std::printf("proven: %s\n", shown(report.subject).c_str());
    std::printf("  network   %s %s\n", shown(report.genesis.network_name).c_str(),
                report.trust.chain.hex().c_str());
    std::printf("  block     %llu of %s, %llu seconds old\n            %s\n",
                static_cast<unsigned long long>(header.height.value),
                api::rest_time(header.time_ms).c_str(),
                static_cast<unsigned long long>(report.age_ms / 1000),
                codec::digest_of(header).hex().c_str());
    const auto keys = signing_keys(report);
    std::printf("  signed    by %zu of %zu validators (%zu are needed), epoch %llu\n", keys.size(),
                set.size(), set.quorum(), static_cast<unsigned long long>(header.epoch.value));
    for (const crypto::PublicKey& key : keys) {
        std::printf("            %s %s\n", key.hex().substr(0, kKeyDigitsShown).c_str(),
                    shown(name_of(report, key)).c_str());
    }
    for (const git::Ref& ref : report.refs) {
        std::printf("  %s %s\n", ref.id.hex().c_str(), shown(ref.name).c_str());
    }
    for (const std::string& name : report.absent) {
        std::printf("  absent    %s\n", shown(name).c_str());
    }
    if (!report.note.empty()) std::printf("  %s\n", report.note.c_str());
}

void print_json(const ProofReport& report) {
    const ledger::BlockHeader& header = report.finalized.header;
    JsonWriter json;
    json.begin_object().boolean("proven", true).text("subject", report.subject);
    json.text("network", report.trust.chain.hex());
    json.number("height", header.height.value).number("epoch", header.epoch.value);
    json.text("block", codec::digest_of(header).hex());
    json.text("time", api::rest_time(header.time_ms)).number("time_ms", header.time_ms);
    json.number("age_seconds", report.age_ms / 1000);
    json.number("validators", report.trust.validators.size());
    json.number("quorum", report.trust.validators.quorum());
    json.key("signers").begin_array();
    for (const crypto::PublicKey& key : signing_keys(report)) {
        json.begin_object().text("key", key.hex()).text("name", name_of(report, key)).end_object();
    }
    json.end_array().key("refs").begin_array();
    for (const git::Ref& ref : report.refs) {
        json.begin_object().text("ref", ref.name).text("object_id", ref.id.hex());
        json.text_or_null("peeled_id",
                          ref.peeled ? std::optional(ref.peeled->hex()) : std::nullopt);
        json.end_object();
    }
    json.end_array().key("absent").begin_array();
    for (const std::string& name : report.absent) json.text(name);
    json.end_array().end_object();
    std::printf("%s\n", json.take().c_str());
}

int exit_code_of(const Error& error) {
    switch (error.code) {
        case ErrorCode::unavailable:
            return kExitUnreachable;
        case ErrorCode::invalid:
        case ErrorCode::conflict:
        case ErrorCode::limit_exceeded:
            return kExitNotProven;
        default:
            return kExitFailed;
    }
}

}  // namespace

void print_proven(const ProofReport& report, bool json) {
    if (json) {
        print_json(report);
    } else {
        print_text(report);
    }
}

int print_not_proven(const std::string& subject, const Error& error, bool json) {
    const int exit_code = exit_code_of(error);
    const bool is_broken = exit_code == kExitNotProven;
    if (json) {
        JsonWriter writer;
        writer.begin_object().boolean("proven", false).text("subject", subject);
        writer.boolean("broken", is_broken).text("reason", error.detail).end_object();
        std::printf("%s\n", writer.take().c_str());
    } else {
        std::fprintf(stderr, "ashlar: %s%s: %s\n", is_broken ? "NOT PROVEN: " : "",
                     shown(subject).c_str(), shown(error.detail).c_str());
    }
    return exit_code;
}

}  // namespace ashlar::native
