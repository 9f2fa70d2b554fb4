// Where a replica's host keeps what the replica has checked: by the address that it was read from,
// which names it. Losing any of it loses time only; a wrong byte in it is found and fetched again.
#pragma once

#include <memory>
#include <string>

#include "base/bytes.h"

namespace ashlar::replica {

class ContentStore {
  public:
    virtual ~ContentStore() = default;
    // Nothing where it is not kept (any more).
    virtual std::shared_ptr<const Bytes> find(const std::string& address) = 0;
    virtual void keep(const std::string& address, std::shared_ptr<const Bytes> content) = 0;
};

}  // namespace ashlar::replica
