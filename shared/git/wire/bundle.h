// Bundles (gitformat-bundle, version 2): refs, and a pack of all that they reach; a clone can begin
// with one (git clone --bundle-uri, transfer.bundleURI) and fetch only what is newer.
#pragma once

#include <string>
#include <vector>

#include "git/ref_source.h"

namespace ashlar::git {

inline constexpr std::size_t kBundleRefsMax = 100'000;
inline constexpr std::size_t kBundleHeaderSizeMax = std::size_t{16} << 20;

struct BundleHeader {
    // Commits that whoever unpacks it has already; ours have none.
    std::vector<ObjectId> prerequisites;
    std::vector<Ref> refs;  // nothing is told of what tags point to; "HEAD" may be among them
};

// Everything before the pack.
Bytes encode_bundle_header(const BundleHeader& header);
// Takes the header from the front of a bundle, and moves the view to the pack behind it. Fails with
// `invalid` where it is malformed or names a ref that cannot be, `unsupported` where it has another
// version, `limit_exceeded`.
Expected<BundleHeader> parse_bundle_header(ByteView& bundle);

}  // namespace ashlar::git
