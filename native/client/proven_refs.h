// Refs of a repository from a server that nobody trusts: each answer is checked up to the
// certificate, and the light client moves on to its header, so that nothing older counts again.
//
// Errors: `invalid` where a link of the proof does not hold (the detail names it), `conflict` where
// the server shows less than was seen before, `not_found` and `unauthenticated` where it shows
// nothing (which proves nothing), `unavailable` where it does not answer.
#pragma once

#include "chain/ref_receipt.h"
#include "native/client/http_client.h"

namespace ashlar::client {

struct ProvenRefs {
    codec::SealedRefList list;
    // Absent where the proof is that there is no such repository.
    std::optional<forge::Repository> repository;
};
Expected<ProvenRefs> prove_refs(const HttpClient& server, const RepositoryAddress& address,
                                chain::LightClient& light);

struct ProvenOneRef {
    codec::SealedRefProof sealed;
    chain::ProvenRef proven;
};
Expected<ProvenOneRef> prove_ref(const HttpClient& server, const RepositoryAddress& address,
                                 const std::string& ref, chain::LightClient& light);

// One message in its canonical encoding, not checked.
Expected<Bytes> fetch_message(const HttpClient& server, const std::string& target,
                              std::uint64_t bytes_max);
Expected<codec::EpochChange> fetch_epoch_change(const HttpClient& server, ledger::Epoch epoch);

}  // namespace ashlar::client
