// What was proven, or which link of the proof is broken, for people and (JSON) for programs.
#pragma once

#include <string>
#include <vector>

#include "chain/light_client.h"

namespace ashlar::native {

// What a report says: who signed which header, and what follows from it.
struct ProofReport {
    std::string subject;  // "alice/hello", or the file of a receipt
    forge::Genesis genesis;
    chain::Trust trust;
    codec::FinalizedHeader finalized;
    std::uint64_t age_ms = 0;
    std::vector<git::Ref> refs;
    std::vector<std::string> absent;  // refs that are proven not to be there
    std::string note;                 // a line more; empty: none
};

// On standard output.
void print_proven(const ProofReport& report, bool json);

// On standard error, or in JSON on standard output. Gives the exit code.
int print_not_proven(const std::string& subject, const Error& error, bool json);

}  // namespace ashlar::native
