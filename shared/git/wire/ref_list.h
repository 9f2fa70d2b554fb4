// Streams that list refs, read page by page.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/chunk_stream.h"
#include "git/ref_source.h"

namespace ashlar::git {

// A host waits for at most this many refs before it can send the first bytes.
inline constexpr std::size_t kRefsPerChunk = 2048;

// How one ref is written.
using RefWriter = std::function<void(Bytes& to, const Ref& ref)>;

// The head, what the writer makes of each ref whose name begins with one of the prefixes, and the
// tail. Prefixes may overlap; each ref is listed once, in bytewise order of names.
std::unique_ptr<ChunkStream> list_refs(const RefSource& refs, std::vector<std::string> prefixes,
                                       Bytes head, RefWriter writer, Bytes tail);

}  // namespace ashlar::git
