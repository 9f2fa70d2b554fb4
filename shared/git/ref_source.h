// Where refs are read from: on a validator and on a replica, the certified state.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "git/object/object_id.h"

namespace ashlar::git {

struct Ref {
    std::string name;  // full: "refs/heads/main"
    ObjectId id;
    std::optional<ObjectId> peeled;  // what an annotated tag finally points to

    friend bool operator==(const Ref&, const Ref&) = default;
};

class RefSource {
  public:
    virtual ~RefSource() = default;
    // Calls `visit` for each ref whose full name begins with `prefix`, in bytewise order of names,
    // until it returns false.
    using Visitor = std::function<bool(const Ref&)>;
    virtual Expected<void> scan(std::string_view prefix, const Visitor& visit) const = 0;
    // As scan, from the first name above `after`: so a long list is read page by page. Sources that
    // can seek override it; this one passes over what comes before.
    virtual Expected<void> scan_after(std::string_view prefix, std::string_view after,
                                      const Visitor& visit) const {
        return scan(prefix, [&](const Ref& ref) { return ref.name <= after || visit(ref); });
    }
    virtual Expected<std::optional<Ref>> find(std::string_view name) const = 0;
    // What HEAD points to, such as "refs/heads/main"; it may be unborn.
    virtual Expected<std::string> head_target() const = 0;
};

}  // namespace ashlar::git
