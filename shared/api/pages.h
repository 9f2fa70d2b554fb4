// Pages: a request in, HTML out, the same on a validator, at the edge and in a browser. What is
// visible to whom is decided by the host's `Repositories`; what a viewer may not see does not exist
// here. Every answer carries the security headers; assets live under /assets/<hash> for ever.
//
//   /                                   repositories
//   /{owner}                            repositories of one owner
//   /{owner}/{repo}                     tree, README, clone commands
//   /{owner}/{repo}/tree/{ref}[/path]   a folder        /blob/{ref}/path   a file
//   /{owner}/{repo}/raw/{ref}/path      its bytes       /commits[/{ref}[/path]]  history
//   /{owner}/{repo}/commit/{id}         a commit with its diff
//   /{owner}/{repo}/branches, /tags
//   /network[?below=H], /network/blocks/{height}
//   /assets/{hash}.{extension}          styles, images, and the script of the network's page
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/network.h"
#include "api/request.h"
#include "base/expected.h"
#include "forge/access.h"
#include "forge/records.h"
#include "git/object/object_source.h"
#include "git/ref_source.h"
#include "pages/markdown.h"

namespace ashlar::api {

// Who looks. The host has authenticated them; nothing here decides rights.
using Viewer = forge::Viewer;

// What the pages show of a repository without opening it.
struct RepositoryCard {
    std::string owner;  // the login, as given
    forge::Repository record;
};

struct RepositoryList {
    std::vector<RepositoryCard> repositories;  // ordered by owner, then name
    std::string next;  // hand it back as `after` for the rest; empty at the end
};

// An open repository, at one state: record, refs and objects belong together. Cached pages are
// checked by the record, whose refs_root and times change with whatever a page shows.
struct OpenRepository {
    RepositoryCard card;
    std::shared_ptr<const git::RefSource> refs;
    std::shared_ptr<git::ObjectSource> objects;
};

// What a host implements. Both fail with `not_found` where the viewer may not see what is named,
// with `needs_data` where the host has to fetch first, and with `unavailable`.
class Repositories {
  public:
    virtual ~Repositories() = default;
    // At most `count_max` repositories the viewer may see, of one owner where that is given, after
    // the cursor of an earlier answer where that is not empty. An owner without an account is
    // `not_found`; one without visible repositories is an empty list.
    virtual Expected<RepositoryList> list(const Viewer& viewer,
                                          std::optional<std::string_view> owner,
                                          std::string_view after, std::size_t count_max) = 0;
    virtual Expected<OpenRepository> open(const Viewer& viewer, std::string_view owner,
                                          std::string_view name) = 0;
};

struct PagesOptions {
    // "https://git.example.org", for clone commands. Where it is empty, http:// and the request's
    // Host header (if that is well formed) are used.
    std::string base_url;
    std::string site_name = "Ashlar";
};

class Pages {
  public:
    // The library must outlive the pages.
    Pages(const pages::MarkdownLibrary& markdown, PagesOptions options);
    ~Pages();
    Pages(const Pages&) = delete;
    Pages& operator=(const Pages&) = delete;

    // A host asks its git and REST routes first; what is left comes here, whatever its address.
    // The answer to GET or HEAD (whose body is empty, with the content-length of GET's). Everything
    // that goes wrong is a page too, except `needs_data`: the host fetches what the sources noted
    // down and calls again. A host that shows its network gives one.
    Expected<Response> respond(const Request& request, const Viewer& viewer,
                               Repositories& repositories, Network* network = nullptr) const;

  private:
    struct Parts;
    std::unique_ptr<const Parts> parts_;
};

}  // namespace ashlar::api
