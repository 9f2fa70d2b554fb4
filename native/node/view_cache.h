// Views of repositories at the newest state: whoever is asked for the same one again and again need
// not read its records each time. From any thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "native/node/repository_view.h"

namespace ashlar::node {

// A view holds a few hundred bytes, and packs that the catalogs hold, too.
inline constexpr std::size_t kViewsMax = 256;

class ViewCache {
  public:
    // Changes with clear(): a view that was begun before is not kept after it.
    std::uint64_t era() const;
    // The view of the repository at this state. Who may see it is for the caller to ask.
    std::optional<RepositoryView> find(const chain::StateReader& state, std::string_view owner,
                                       std::string_view name) const;
    // Under the names that it was asked for by. One more than kViewsMax takes the place of all.
    void keep(std::uint64_t era, std::string_view owner, std::string_view name,
              const RepositoryView& view);
    // The state is another one, or packs are to be opened anew.
    void clear();

  private:
    mutable std::mutex mutex_;
    std::uint64_t era_ = 0;
    std::map<std::string, RepositoryView, std::less<>> views_;
};

}  // namespace ashlar::node
