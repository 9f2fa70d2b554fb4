#include "native/command/proof_commands.h"

#include <cstdio>
#include <filesystem>

#include "native/client/git_refs.h"
#include "native/client/kept_trust.h"
#include "native/client/receipts.h"
#include "native/command/command_line.h"
#include "native/command/proof_report.h"
#include "native/machine/clock.h"
#include "native/machine/small_file.h"

namespace ashlar::native {

namespace {

// Between the proof and git's answer somebody may push; then both are looked at again.
constexpr int kAttemptsMax = 5;

client::TrustOptions trust_options(const std::optional<std::string>& genesis) {
    client::TrustOptions options = client::trust_options_of_environment();
    if (genesis) options.genesis = *genesis;
    return options;
}

// Whatever is wrong with what is kept here is no fault of what the server shows.
Error of_this_side(Error error) {
    const bool others_fault =
        error.code == ErrorCode::unavailable || error.code == ErrorCode::conflict;
    if (!others_fault) error.code = ErrorCode::corrupt;
    return error;
}

void tell_first_use(const client::KeptTrust& trust, const std::string& origin, ledger::ChainId id) {
    if (!trust.is_first_use()) return;
    std::fprintf(stderr,
                 "ashlar: the first time with %s: trusting the genesis that it shows, of network "
                 "%s (--genesis FILE names one that you know)\n",
                 origin.c_str(), id.hex().c_str());
}

void keep(const client::KeptTrust& trust) {
    const auto kept = trust.keep();
    if (!kept) std::fprintf(stderr, "ashlar: warning: %s\n", kept.error().detail.c_str());
}

bool show_the_same(const client::ProvenRefs& left, const client::ProvenRefs& right) {
    return left.repository && right.repository &&
           left.repository->refs_root == right.repository->refs_root &&
           left.repository->default_branch == right.repository->default_branch;
}

// The refs as proven, and as git is shown them.
Expected<client::ProvenRefs> prove_with_git(const client::HttpClient& server,
                                            const client::RepositoryAddress& address,
                                            chain::LightClient& light) {
    ASHLAR_TRY(client::ProvenRefs proven, client::prove_refs(server, address, light));
    for (int attempt = 1; proven.repository; ++attempt) {
        const auto compared = client::compare_git_refs(server, address, proven);
        if (compared) break;
        if (compared.error().code != ErrorCode::invalid || attempt == kAttemptsMax) {
            return Unexpected(compared.error());
        }
        ASHLAR_TRY(client::ProvenRefs again, client::prove_refs(server, address, light));
        if (show_the_same(proven, again)) return Unexpected(compared.error());
        proven = std::move(again);
    }
    return proven;
}

int verify_server(const VerifyOptions& options) {
    const auto failed = [&](const Error& error) {
        return print_not_proven(options.what, error, options.json);
    };
    const auto address = client::parse_repository_address(options.what);
    if (!address) return failed(of_this_side(address.error()));
    const client::HttpClient server(address->server);
    auto trust = client::KeptTrust::open(trust_options(options.genesis), server);
    if (!trust) return failed(of_this_side(trust.error()));
    tell_first_use(*trust, address->server.origin, trust->light().state().chain);
    const auto proven = prove_with_git(server, *address, trust->light());
    if (!proven) return failed(proven.error());
    keep(*trust);
    const std::uint64_t now_ms = machine::SystemClock().now_ms();
    const auto young = client::check_age(trust->light(), now_ms, options.max_age_seconds * 1000);
    if (!young) {
        failed(young.error());
        return kExitTooOld;
    }
    const std::string name = address->owner + "/" + address->repository;
    ProofReport report{name,
                       trust->genesis(),
                       trust->light().trust(),
                       proven->list.finalized,
                       trust->light().age_ms(now_ms),
                       proven->list.proof.refs,
                       {},
                       "all refs, none left out; git is shown the same"};
    if (!proven->repository) report.note = "there is no repository of this name";
    print_proven(report, options.json);
    return proven->repository ? kExitDone : kExitFailed;
}

// Whom the header's certificate was checked against.
Expected<chain::Trust> trust_of(const forge::Genesis& genesis, const codec::RefReceipt& receipt) {
    std::vector<crypto::PublicKey> keys;
    for (const forge::Validator& validator : genesis.validators) keys.push_back(validator.key);
    if (!receipt.changes.empty()) keys = receipt.changes.back().next_validators;
    ASHLAR_TRY(auto validators, consensus::ValidatorSet::make(std::move(keys)));
    return chain::Trust{receipt.sealed.chain, receipt.sealed.finalized.header.epoch,
                        std::move(validators)};
}

Expected<ProofReport> check_receipt(const codec::RefReceipt& receipt,
                                    const forge::Genesis& genesis) {
    ASHLAR_TRY(const auto proven,
               chain::verify_receipt(genesis, receipt, consensus::Ed25519Verifier()));
    ASHLAR_TRY(chain::Trust trust, trust_of(genesis, receipt));
    const codec::SealedRefProof& sealed = receipt.sealed;
    const std::uint64_t now_ms = machine::SystemClock().now_ms();
    const std::uint64_t time_ms = sealed.finalized.header.time_ms;
    ProofReport report{sealed.owner + "/" + sealed.repository,
                       genesis,
                       std::move(trust),
                       sealed.finalized,
                       now_ms > time_ms ? now_ms - time_ms : 0,
                       {},
                       {},
                       "at that block; what came later a receipt cannot tell"};
    if (proven.ref) {
        report.refs.push_back(*proven.ref);
    } else {
        report.absent.push_back(sealed.ref);
    }
    return report;
}

int verify_file(const VerifyOptions& options) {
    const auto failed = [&](const Error& error) {
        return print_not_proven(options.what, error, options.json);
    };
    const auto genesis_file = trust_options(options.genesis).genesis;
    if (!genesis_file) {
        return failed({ErrorCode::not_found,
                       "a receipt is checked against the network's genesis: name its file with "
                       "--genesis (the network's validators have it, as genesis.json)"});
    }
    const auto genesis = client::KeptTrust::read_genesis(*genesis_file);
    if (!genesis) return failed(of_this_side(genesis.error()));
    const auto content = machine::read_small_file(options.what, codec::kReceiptBytesMax);
    if (!content) return failed(of_this_side(content.error()));
    const auto receipt = codec::decode_ref_receipt(*content);
    if (!receipt) return failed(receipt.error());
    const auto report = check_receipt(*receipt, *genesis);
    if (!report) return failed(report.error());
    print_proven(*report, options.json);
    return kExitDone;
}

// "HEAD" is the default branch, which the proven record of the repository names.
Expected<std::string> full_ref_name(const client::HttpClient& server,
                                    const client::RepositoryAddress& address,
                                    const std::string& ref, chain::LightClient& light) {
    if (ref.starts_with("refs/")) return ref;
    if (ref != "HEAD") return "refs/heads/" + ref;
    ASHLAR_TRY(const auto proven, client::prove_ref(server, address, "refs/heads/main", light));
    if (!proven.proven.repository) {
        return fail(ErrorCode::not_found, "it is proven that there is no such repository");
    }
    return "refs/heads/" + proven.proven.repository->default_branch;
}

}  // namespace

int verify(const VerifyOptions& options) {
    const bool is_address = options.what.find("://") != std::string::npos;
    return is_address ? verify_server(options) : verify_file(options);
}

int fetch_receipt(const ReceiptOptions& options) {
    const auto failed = [&](const Error& error) {
        return print_not_proven(options.url, error, options.json);
    };
    const auto address = client::parse_repository_address(options.url);
    if (!address) return failed(of_this_side(address.error()));
    const client::HttpClient server(address->server);
    auto trust = client::KeptTrust::open(trust_options(options.genesis), server);
    if (!trust) return failed(of_this_side(trust.error()));
    tell_first_use(*trust, address->server.origin, trust->light().state().chain);
    const auto ref = full_ref_name(server, *address, options.ref, trust->light());
    if (!ref) return failed(ref.error());
    const auto receipt =
        client::fetch_receipt(server, *address, *ref, trust->genesis(), trust->light());
    if (!receipt) return failed(receipt.error());
    keep(*trust);
    const auto report = check_receipt(*receipt, trust->genesis());
    if (!report) return failed(report.error());
    const auto written = machine::write_file_durably(options.output, codec::encode(*receipt));
    if (!written) return failed(of_this_side(written.error()));
    print_proven(*report, options.json);
    if (!options.json) {
        std::printf("  kept in   %s (check it: ashlar verify %s --genesis FILE)\n",
                    options.output.c_str(), options.output.c_str());
    }
    return kExitDone;
}

}  // namespace ashlar::native
