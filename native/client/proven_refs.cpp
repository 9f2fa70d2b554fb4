#include "native/client/proven_refs.h"

#include "api/proof_json.h"

namespace ashlar::client {

namespace {

Error refusal_of(const HttpClient& server, const std::string& target, const HttpAnswer& answer) {
    const std::string where = server.server().origin + target;
    const std::string status = std::to_string(answer.status);
    if (answer.status == 200) {
        return {ErrorCode::not_found, where + " shows no proof (is it an Ashlar server?)"};
    }
    if (answer.status == 401 || answer.status == 403) {
        return {ErrorCode::unauthenticated, where + " wants a token that may read this (status " +
                                                status + "): give it as https://USER:TOKEN@HOST"};
    }
    if (answer.status == 404) {
        return {ErrorCode::not_found, where +
                                          " is not there, or not for whoever asks: the server "
                                          "shows nothing, and so nothing is proven"};
    }
    if (answer.status >= 500) {
        return {ErrorCode::unavailable, where + " cannot answer now (status " + status + ")"};
    }
    return {ErrorCode::not_found, where + " refuses with status " + status};
}

Unexpected broken(const char* why) {
    return fail(ErrorCode::invalid, std::string("proof: ") + why);
}

// Moves the light client on to the header, through every change of the validators before it.
Expected<void> advance_to(const HttpClient& server, const codec::FinalizedHeader& finalized,
                          chain::LightClient& light) {
    const consensus::Ed25519Verifier verifier;
    const ledger::BlockHeader& header = finalized.header;
    // What is of another network names epochs that mean nothing here.
    if (header.chain != light.state().chain) return broken("is of another network");
    if (header.epoch < light.state().epoch) {
        return fail(ErrorCode::conflict, "header: is of epoch " +
                                             std::to_string(header.epoch.value) +
                                             ", which is over: the server shows an old state");
    }
    while (light.state().epoch < header.epoch) {
        ASHLAR_TRY(const auto change, fetch_epoch_change(server, light.state().epoch));
        ASHLAR_CHECK(light.follow(change, verifier));
    }
    return light.advance(finalized, verifier);
}

}  // namespace

Expected<Bytes> fetch_message(const HttpClient& server, const std::string& target,
                              std::uint64_t bytes_max) {
    HttpCall call;
    call.target = target;
    call.headers = {{"accept", std::string(api::kCapnpType)}};
    ASHLAR_TRY(HttpAnswer answer, server.ask(call, bytes_max));
    if (answer.status != 200 || answer.content_type != api::kCapnpType) {
        return Unexpected(refusal_of(server, target, answer));
    }
    return std::move(answer.body);
}

Expected<codec::EpochChange> fetch_epoch_change(const HttpClient& server, ledger::Epoch epoch) {
    const std::string target =
        std::string(api::kAshlarPrefix) + "/epochs/" + std::to_string(epoch.value);
    ASHLAR_TRY(const Bytes message, fetch_message(server, target, codec::kProofBytesMax));
    return codec::decode_epoch_change(message);
}

Expected<ProvenRefs> prove_refs(const HttpClient& server, const RepositoryAddress& address,
                                chain::LightClient& light) {
    const std::string target = api::proof_address(address.owner, address.repository, std::nullopt);
    ASHLAR_TRY(const Bytes message, fetch_message(server, target, codec::kRefListBytesMax));
    ProvenRefs proven;
    ASHLAR_TRY(proven.list, codec::decode_sealed_ref_list(message));
    if (proven.list.owner != address.owner || proven.list.repository != address.repository) {
        return broken("is of another repository");
    }
    ASHLAR_CHECK(advance_to(server, proven.list.finalized, light));
    ASHLAR_TRY(proven.repository,
               chain::verify_sealed(light.trust(), proven.list, consensus::Ed25519Verifier()));
    return proven;
}

Expected<ProvenOneRef> prove_ref(const HttpClient& server, const RepositoryAddress& address,
                                 const std::string& ref, chain::LightClient& light) {
    const std::string target = api::proof_address(address.owner, address.repository, ref);
    ASHLAR_TRY(const Bytes message, fetch_message(server, target, codec::kSealedProofBytesMax));
    ProvenOneRef proven;
    ASHLAR_TRY(proven.sealed, codec::decode_sealed_ref_proof(message));
    if (proven.sealed.owner != address.owner || proven.sealed.repository != address.repository) {
        return broken("is of another repository");
    }
    if (proven.sealed.ref != ref) return broken("is of another ref");
    ASHLAR_CHECK(advance_to(server, proven.sealed.finalized, light));
    ASHLAR_TRY(proven.proven,
               chain::verify_sealed(light.trust(), proven.sealed, consensus::Ed25519Verifier()));
    return proven;
}

}  // namespace ashlar::client
