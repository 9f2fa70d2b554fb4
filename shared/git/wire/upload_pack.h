// git-upload-pack: answers one POST of a fetching client, in protocol v2, v1 or v0 (stateless-rpc).
//
// Only what the refs reach is ever sent. A request that breaks the protocol, or asks for what is
// not ours, is answered in the protocol, by an ERR packet; an error comes back only where the host
// has to act: `needs_data` (fetch what the ObjectSource noted down and call again with the same
// request), `corrupt` and `unavailable`.
#pragma once

#include <memory>

#include "base/chunk_stream.h"
#include "git/object/object_source.h"
#include "git/pack/pack_catalog.h"
#include "git/ref_source.h"
#include "git/walk/reachability.h"
#include "git/wire/fetch_progress.h"
#include "git/wire/service.h"

namespace ashlar::git {

// A request comes whole. git's client sends at most 16,384 haves (0.8 MB) in one.
inline constexpr std::size_t kUploadPackRequestSizeMax = std::size_t{16} << 20;

// A part of a repository that can be had beside the protocol, as a file that never changes.
struct BundleOffer {
    std::string name;  // letters, digits and hyphens
    std::string uri;   // absolute, or as seen from the repository's
};

class DownloadOffers {
  public:
    virtual ~DownloadOffers() = default;
    // What to begin a clone with; empty where there is nothing (yet).
    virtual Expected<std::vector<BundleOffer>> bundles() const = 0;
    // Where a stored pack that is being offered can be had, under one of the protocols ("https")
    // that the client takes; nothing where it cannot. It stays there for as long as a client needs.
    virtual std::optional<std::string> pack_uri(
        const std::shared_ptr<const StoredPack>& pack,
        const std::vector<std::string>& protocols) const = 0;
};

// What a request is answered from. Sources have to outlive the streams made from them, and to stay
// as they are meanwhile (a snapshot of one state of the repository).
struct RepositoryView {
    const RefSource& refs;
    ObjectSource& objects;
    std::shared_ptr<const PackCatalog> packs;
    Unreachable unreachable = Unreachable::may_be_held;
    const DownloadOffers* downloads = nullptr;  // null: nothing is offered
    // Who is told how far an answer has come. With it the head of an answer goes out before its
    // pack is found out; without, an answer that cannot be given fails before it has begun.
    FetchProgress* progress = nullptr;
};

Expected<std::unique_ptr<ChunkStream>> serve_upload_pack(const RepositoryView& repository,
                                                         ProtocolVersion version, ByteView request);

}  // namespace ashlar::git
