// The body of GET info/refs?service=...: what the server can do and, before protocol v2, its refs
// (gitprotocol-http, "Smart Clients"; gitprotocol-pack, "Reference Discovery"; gitprotocol-v2,
// "Capability Advertisement").
#pragma once

#include <memory>

#include "base/chunk_stream.h"
#include "git/ref_source.h"
#include "git/wire/service.h"

namespace ashlar::git {

// Refs are read page by page as the answer is pulled, so `refs` has to outlive the stream and to
// stay as it is meanwhile (a snapshot). A push knows no protocol v2, and is answered in v0.
Expected<std::unique_ptr<ChunkStream>> advertise(Service service, ProtocolVersion version,
                                                 const RefSource& refs,
                                                 const ServerIdentity& identity);

}  // namespace ashlar::git
