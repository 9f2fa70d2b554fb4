// The network in JSON: the bodies of /api/ashlar/v1. Times are RFC 3339, digests and keys
// lower-case hexadecimal.
#pragma once

#include "api/network.h"
#include "base/json_writer.h"

namespace ashlar::api {

void write_consensus(JsonWriter& json, const NetworkStatus& status);
void write_validators(JsonWriter& json, const NetworkStatus& status);
// A block in a list.
void write_header(JsonWriter& json, const ledger::BlockHeader& header,
                  const ledger::BlockDigest& digest);
void write_block(JsonWriter& json, const BlockView& block);
void write_evidence(JsonWriter& json, const std::vector<codec::EvidenceRecord>& evidence);

}  // namespace ashlar::api
