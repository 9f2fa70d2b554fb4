// Refs that are held as a list, such as one that was proven to be whole.
#pragma once

#include <vector>

#include "git/ref_source.h"

namespace ashlar::git {

class ListedRefs final : public RefSource {
  public:
    // In bytewise order of names, none twice.
    ListedRefs(std::vector<Ref> refs, std::string head_target);

    Expected<void> scan(std::string_view prefix, const Visitor& visit) const override;
    Expected<void> scan_after(std::string_view prefix, std::string_view after,
                              const Visitor& visit) const override;
    Expected<std::optional<Ref>> find(std::string_view name) const override;
    Expected<std::string> head_target() const override { return head_target_; }

  private:
    std::vector<Ref> refs_;
    std::string head_target_;
};

}  // namespace ashlar::git
