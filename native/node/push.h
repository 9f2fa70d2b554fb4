// A push on its way in: pack bytes are checked as they arrive; finish() checks that the new tips
// are connected, publishes the pack, and has the refs updated by the ledger.
//
//   stage -> receive -> connected? -> publish (durable) -> transaction -> final -> results
//
// Whatever is refused on the way leaves nothing that anybody can read: what is staged goes with
// this object, and a pack that was published and attached to nothing is removed again.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "forge/access.h"
#include "forge/transaction.h"
#include "git/pack/pack_receiver.h"
#include "git/wire/receive_pack.h"
#include "native/node/pack_pins.h"
#include "native/node/pack_spreader.h"
#include "native/node/repository_view.h"

namespace ashlar::node {

class Node;

using PackPin = std::unique_ptr<PackPins::Pin>;

// Who acts: an account, and the token that it came with.
struct Author {
    forge::Account account;
    forge::Token token;

    forge::Viewer viewer() const;
};

struct PushResult {
    // Why the pack was refused; absent: "unpack ok".
    std::optional<Error> unpack_failure;
    std::vector<git::RefOutcome> outcomes;  // one for each update, in their order
    // Of the block that holds the updates that were done; absent where none was.
    std::optional<ledger::Height> height;
    // Of the pack, for logs and metrics.
    std::uint64_t pack_bytes = 0;
    std::uint32_t object_count = 0;
    std::vector<std::string> warnings;
    // Of a signed push: that of the account's keys which signed it; absent where it was recorded,
    // and not verified.
    bool is_signed = false;
    std::optional<forge::SshKey> signed_by;
};

struct PushOptions {
    git::PackLimits limits;
    // From the thread that calls write() or finish().
    std::function<void(const git::ReceiveProgress&)> progress;
    TaskRunner* runner = nullptr;  // where deltas are resolved; not owned
};

// One thread at a time; the methods work (and finish() waits) where they are called.
class Push {
  public:
    ~Push();
    Push(const Push&) = delete;
    Push& operator=(const Push&) = delete;

    // The next bytes of the pack. After an error the rest need not be written: finish() reports it.
    Expected<void> write(ByteView bytes);
    // The pack has ended (or there was none). Returns when the transaction is final. To be called
    // once.
    PushResult finish();

  private:
    friend class Node;

    using PackPin = std::unique_ptr<PackPins::Pin>;
    Push(Node& node, Author author, RepositoryView view, git::PushRequest request,
         PushOptions options);

    // What the push is found to be once its pack is complete.
    struct Arrived;

    Expected<void> begin_pack();
    Expected<void> end_pack(Arrived& arrived);
    // Why an update cannot be, as far as that is seen here; fills in what it peels to.
    Expected<std::optional<std::string>> judge(const git::RefUpdate& update, Arrived& arrived,
                                               forge::RefUpdate& made) const;
    Expected<void> judge_all(Arrived& arrived, PushResult& result);
    Expected<void> check_connectivity(Arrived& arrived, PushResult& result) const;
    Expected<void> order(Arrived& arrived, PushResult& result);
    void refuse_all(const std::string& reason, PushResult& result) const;

    Node& node_;
    const Author author_;
    const RepositoryView view_;
    const git::PushRequest request_;
    const PushOptions options_;
    std::unique_ptr<git::PackStaging> staging_;
    std::unique_ptr<git::ObjectSource> bases_;
    std::unique_ptr<git::PackReceiver> receiver_;
    std::unique_ptr<PackSpread> spread_;  // reads the staging, so it goes first
    std::optional<Error> failure_;
};

}  // namespace ashlar::node
