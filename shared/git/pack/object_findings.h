// What the checks of a pack's objects add up to.
#pragma once

#include <string>
#include <vector>

#include "git/object/fsck.h"
#include "git/pack/reference_set.h"

namespace ashlar::git {

inline constexpr std::size_t kWarningCountMax = 100;

class ObjectFindings {
  public:
    explicit ObjectFindings(std::size_t reference_count_max) : references(reference_count_max) {}

    // Checks an object by the rules of fsck. Fails with `invalid` and the first rule it breaks.
    Expected<void> check(const ObjectId& id, ObjectType type, ByteView content);
    // Takes over what a report says about an object; fails where it holds an error.
    Expected<void> add(const ObjectId& id, const FsckReport& report);
    Expected<void> merge(ObjectFindings&& other);

    ReferenceSet references;
    std::vector<ObjectId> gitmodules;  // blobs that a tree calls so; may repeat
    std::vector<ObjectId> gitattributes;
    std::vector<std::string> warnings;  // the first kWarningCountMax
    std::uint64_t warning_count = 0;

  private:
    FsckReport report_;
};

}  // namespace ashlar::git
