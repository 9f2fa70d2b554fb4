// What a replica reads (schema/sync.capnp).
#pragma once

#include <variant>

#include "codec/proof.h"
#include "forge/records.h"

namespace ashlar::codec {

// A repository as it is now, with its proof.
struct RepositoryCheckpoint {
    ledger::ChainId chain;
    std::string owner;  // as asked for
    std::string repository;
    FinalizedHeader finalized;
    RepositoryProof proof;
    // What the server keeps the objects in; not proven, for each is named by what it contains.
    std::vector<forge::PackReference> packs;
    friend bool operator==(const RepositoryCheckpoint&, const RepositoryCheckpoint&) = default;
};

// All refs of a repository, in bytewise order of names.
struct RefList {
    std::vector<git::Ref> refs;
    friend bool operator==(const RefList&, const RefList&) = default;
};

struct RepositoryName {
    std::string owner;
    std::string repository;
    friend bool operator==(const RepositoryName&, const RepositoryName&) = default;
};

// What a replica is told of from now on, and what no more.
struct SubscriberMessage {
    std::vector<RepositoryName> hold;
    std::vector<RepositoryName> release;
    friend bool operator==(const SubscriberMessage&, const SubscriberMessage&) = default;
};

struct RepositoryNews {
    RepositoryCheckpoint checkpoint;
    // The root of the list that the changes are to be made in; absent where there are none.
    std::optional<crypto::Digest> changes_from;
    std::vector<git::Ref> changed;     // new or moved, in bytewise order of names
    std::vector<std::string> removed;  // in bytewise order
    friend bool operator==(const RepositoryNews&, const RepositoryNews&) = default;
};

// Nothing that the server can tell of is of that name.
struct RepositoryGone {
    RepositoryName name;
    friend bool operator==(const RepositoryGone&, const RepositoryGone&) = default;
};

using News = std::variant<FinalizedHeader, RepositoryNews, RepositoryGone>;

// What one replica may hold, and name in one message.
inline constexpr std::size_t kHeldRepositoriesMax = 4096;
inline constexpr std::size_t kSubscriberMessageBytesMax = std::size_t{1} << 20;
// More changes of refs are not sent: the list is fetched.
inline constexpr std::size_t kToldRefChangesMax = 4096;
inline constexpr std::size_t kPacksPerRepositoryMax = 65536;
inline constexpr std::size_t kCheckpointBytesMax = std::size_t{16} << 20;

Bytes encode(const RepositoryCheckpoint& checkpoint);
Bytes encode(const RefList& list);
Bytes encode(const SubscriberMessage& message);
Bytes encode(const News& news);

// Accept exactly what encode() gives; fail with `invalid`, or `limit_exceeded`. That they prove
// something is not checked here.
Expected<RepositoryCheckpoint> decode_repository_checkpoint(ByteView bytes);
Expected<RefList> decode_ref_list(ByteView bytes);
Expected<SubscriberMessage> decode_subscriber_message(ByteView bytes);
Expected<News> decode_news(ByteView bytes);

}  // namespace ashlar::codec
