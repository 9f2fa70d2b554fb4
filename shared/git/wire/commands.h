// What upload-pack can be asked for: the commands of protocol v2 (gitprotocol-v2), and the only
// one of v1 and v0 (gitprotocol-pack, "Packfile Negotiation").
//
// What the client did wrong is returned as an error; serve_upload_pack() makes an ERR packet of it.
#pragma once

#include <memory>

#include "base/chunk_stream.h"
#include "git/wire/pkt_line.h"
#include "git/wire/upload_pack.h"

namespace ashlar::git {

inline constexpr std::size_t kRefPrefixesMax = 65536;
inline constexpr std::size_t kObjectInfosMax = 100'000;

// Arguments are read up to the flush.
Expected<std::unique_ptr<ChunkStream>> answer_ls_refs(const RepositoryView& repository,
                                                      PacketReader& arguments);
Expected<std::unique_ptr<ChunkStream>> answer_fetch(const RepositoryView& repository,
                                                    PacketReader& arguments);
Expected<std::unique_ptr<ChunkStream>> answer_bundle_uri(const RepositoryView& repository,
                                                         PacketReader& arguments);
Expected<std::unique_ptr<ChunkStream>> answer_object_info(const RepositoryView& repository,
                                                          PacketReader& arguments);
Expected<std::unique_ptr<ChunkStream>> answer_fetch_version_0(const RepositoryView& repository,
                                                              PacketReader& request);

// The next argument, without its line feed; nothing at the flush.
Expected<std::optional<std::string_view>> next_argument(PacketReader& arguments);

}  // namespace ashlar::git
