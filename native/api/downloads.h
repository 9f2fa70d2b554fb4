// Bundles and packs as plain files, so that caches and resuming clients can do their part: what
// git's bundle-uri and packfile-uris point to.
#pragma once

#include <chrono>
#include <list>
#include <mutex>

#include "api/git_address.h"
#include "git/wire/upload_pack.h"
#include "native/http/http_handler.h"
#include "native/node/bundles.h"

namespace ashlar::native {

using api::GitAddress;
using api::GitResource;

// Packs whose addresses were given out: housekeeping may replace one before its client has come.
class OfferedPacks {
  public:
    using Clock = std::chrono::steady_clock;

    // Keeps the pack open for kOfferLife from now on; beyond kOffersMax the oldest go first.
    void offer(forge::RepositoryId repository, std::shared_ptr<const git::StoredPack> pack,
               Clock::time_point now);
    // Null where it was not offered, or too long ago.
    std::shared_ptr<const git::StoredPack> find(forge::RepositoryId repository,
                                                const git::PackDigest& digest,
                                                Clock::time_point now);

    static constexpr std::chrono::minutes kOfferLife{15};
    static constexpr std::size_t kOffersMax = 256;

  private:
    struct Offer {
        forge::RepositoryId repository;
        std::shared_ptr<const git::StoredPack> pack;
        Clock::time_point until;
    };

    void forget_before(Clock::time_point now);  // with mutex_ held

    std::mutex mutex_;
    std::list<Offer> offers_;  // oldest first
};

// Whether a repository's parts are offered: where anybody may read it, for who follows such an
// address brings no token.
bool offers_downloads(const forge::Repository& repository);

// What one repository offers one client.
class RepositoryDownloads final : public git::DownloadOffers {
  public:
    // Bundles and packs outlive this. `base_url`: "https://git.example.org"
    RepositoryDownloads(node::Bundles& bundles, OfferedPacks& packs, node::RepositoryView view,
                        std::string base_url)
        : bundles_(bundles),
          packs_(packs),
          view_(std::move(view)),
          base_url_(std::move(base_url)) {}

    Expected<std::vector<git::BundleOffer>> bundles() const override;
    std::optional<std::string> pack_uri(const std::shared_ptr<const git::StoredPack>& pack,
                                        const std::vector<std::string>& protocols) const override;

  private:
    node::Bundles& bundles_;
    OfferedPacks& packs_;
    node::RepositoryView view_;
    std::string base_url_;
};

// The file that the address names; the view was opened for reading. Fails with `not_found`.
Expected<http::HttpReply> download(const GitAddress& address, const api::Request& request,
                                   const node::RepositoryView& view, node::Bundles& bundles,
                                   OfferedPacks& packs);

}  // namespace ashlar::native
