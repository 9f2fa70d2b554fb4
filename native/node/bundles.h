// A bundle of each repository that is asked for one: its refs and all of its packs as they were at
// some time, under a name that says what it holds, so that it can be cached for ever. A clone
// begins with it and fetches what came later (git clone --bundle-uri, transfer.bundleURI).
//
// Making one costs a pass over the packs (for the trailer), so a thread of its own does it after
// the first who asks, and again when the repository has grown to twice its size; the packs are not
// copied. What is known of a bundle is a row, and outlives the process. Packs that share objects
// are put together anew for each who reads (to the same bytes), each object once.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/chunk_stream.h"
#include "crypto/sha1.h"
#include "native/node/guarded_rows.h"
#include "native/node/repository_view.h"

namespace ashlar::node {

struct BundleOptions {
    // A repository with less is cloned at once.
    std::uint64_t pack_bytes_min = std::uint64_t{1} << 20;
};

// What is known of a bundle; the packs hold the rest.
struct BundleRecord {
    enum class Form : std::uint8_t {
        concatenated = 1,  // the bodies of the packs, one after the other
        selected = 2,      // each object once (git::select_all), for the packs share some
    };
    Form form = Form::concatenated;
    std::uint64_t pack_size = 0;
    crypto::Sha1Digest trailer{};  // of the one pack that all packs make
    std::vector<git::PackDigest> packs;
    Bytes header;  // git/wire/bundle.h

    friend bool operator==(const BundleRecord&, const BundleRecord&) = default;
};

// Node-local row "nbundle" <repository 8> (docs/formats.md).
Bytes bundle_key(forge::RepositoryId repository);
Bytes encode(const BundleRecord& record);
// Fails with `corrupt`.
Expected<BundleRecord> decode_bundle_record(ByteView bytes);
// The name of the bundle.
crypto::Digest bundle_id(const BundleRecord& record);

// A bundle's bytes: its parts, or, where these are none, a stream.
struct BundleFile {
    std::vector<Chunk> parts;
    std::unique_ptr<ChunkStream> stream;
    std::uint64_t size = 0;
};

class Bundles {
  public:
    using OnFailure = std::function<void(const Error&)>;

    // The rows outlive this. `on_failure` is told when a row cannot be written.
    Bundles(GuardedRows& rows, const BundleOptions& options, OnFailure on_failure);
    // Stops at the next piece of work, and waits for that.
    ~Bundles();
    Bundles(const Bundles&) = delete;
    Bundles& operator=(const Bundles&) = delete;

    // The repository's bundle, where there is one that may be given out now; one that is due is
    // made in the background. From any thread, as the next one.
    Expected<std::optional<crypto::Digest>> offered(const RepositoryView& view);

    // Its bytes. `not_found` where there is none of that name, or where the repository holds
    // something that no ref reaches any more.
    Expected<BundleFile> open(const RepositoryView& view, const crypto::Digest& id) const;

  private:
    // Nothing where there is none, or what there is may not be given out now.
    Expected<std::optional<BundleRecord>> usable(const RepositoryView& view) const;
    void ask_for(const RepositoryView& view);
    void run();
    Expected<void> make(const RepositoryView& view);

    GuardedRows& rows_;
    const BundleOptions options_;
    const OnFailure on_failure_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<RepositoryView> asked_for_;
    std::optional<forge::RepositoryId> at_work_on_;
    bool stopping_ = false;
    std::thread thread_;  // last: it uses the others
};

}  // namespace ashlar::node
