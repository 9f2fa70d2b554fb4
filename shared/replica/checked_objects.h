// Objects whose content was hashed and found to be what their ids name: an index from a stranger
// may say anything about where they lie.
#pragma once

#include <memory>

#include "git/object/object_source.h"

namespace ashlar::replica {

class CheckedObjects final : public git::ObjectSource {
  public:
    explicit CheckedObjects(std::unique_ptr<git::ObjectSource> objects)
        : objects_(std::move(objects)) {}

    // `invalid` where the bytes are not those of the object.
    Expected<std::shared_ptr<const git::Object>> read(const git::ObjectId& id,
                                                      std::uint64_t size_max) override;
    // Of the object itself where it is small; of a large one as the index says.
    Expected<git::ObjectInfo> info(const git::ObjectId& id) override;
    Expected<bool> contains(const git::ObjectId& id) override { return objects_->contains(id); }
    Expected<std::vector<git::ObjectId>> find_prefix(std::string_view hex_prefix,
                                                     std::size_t count_max) override {
        return objects_->find_prefix(hex_prefix, count_max);
    }

  private:
    std::unique_ptr<git::ObjectSource> objects_;
};

}  // namespace ashlar::replica
