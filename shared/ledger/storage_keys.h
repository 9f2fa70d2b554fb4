// Every prefix that keys in a KeyValue store begin with, in one place: one byte of namespace, then
// fixed-width big-endian numbers, so that bytewise order is numeric order.
//
//   m <name>                             what the store itself is: "format", "genesis", "head"
//   h <height 8>                         block header
//   b <height 8>                         the block's transactions
//   c <height 8>                         finalization of the block
//   d <block digest 32>                  height 8
//   s <path>                             state record (the paths: codec/record_paths.h)
//   t <page>                             page of the state tree
//   r <repository 8> <ref name>          ref: object id, peeled id
//   q <repository 8> <page>              page of the repository's refs tree
//   p <repository 8> <sequence 8>        pack of the repository; node-local, housekeeping may
//                                        replace it
//   P...                                 packs, their manifests and indexes (native/storage)
//   j...                                 the votes' journal (native/consensus)
//   n...                                 what only this node knows (sessions, last use of tokens)
#pragma once

#include <string_view>

#include "base/bytes.h"
#include "ledger/ids.h"

namespace ashlar::ledger {

namespace storage_prefix {
inline constexpr std::string_view kMeta = "m";
inline constexpr std::string_view kHeader = "h";
inline constexpr std::string_view kBlock = "b";
inline constexpr std::string_view kCertificate = "c";
inline constexpr std::string_view kBlockDigest = "d";
inline constexpr std::string_view kState = "s";
inline constexpr std::string_view kStateTree = "t";
inline constexpr std::string_view kRef = "r";
inline constexpr std::string_view kRefTree = "q";
inline constexpr std::string_view kRepositoryPack = "p";
inline constexpr std::string_view kPack = "P";
inline constexpr std::string_view kJournal = "j";
inline constexpr std::string_view kNode = "n";
}  // namespace storage_prefix

// prefix, then each number in 8 bytes, then the tail.
Bytes storage_key(std::string_view prefix, std::string_view tail = {});
Bytes storage_key(std::string_view prefix, std::uint64_t number, std::string_view tail = {});
Bytes storage_key(std::string_view prefix, std::uint64_t first, std::uint64_t second);

}  // namespace ashlar::ledger
