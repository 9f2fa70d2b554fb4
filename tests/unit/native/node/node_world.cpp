#include "node_world.h"

#include <gtest/gtest.h>

#include <utility>

#include "git/object/commit.h"
#include "git/object/tree.h"
#include "native/storage/file_pack_store.h"
#include "support/borrowed_key_value.h"
#include "support/pack_builder.h"

namespace ashlar::node {
namespace {

constexpr std::uint64_t kNoHeartbeatMs = 3'600'000;

crypto::SigningKey key_from(std::uint64_t seed) {
    return *crypto::SigningKey::from_seed(Bytes(32, static_cast<Byte>(seed)));
}

}  // namespace

NodeWorld::NodeWorld(std::uint64_t seed)
    : machine_(seed),
      clock_(std::make_shared<TestClock>()),
      random_(std::make_shared<TestRandom>(seed)),
      key_(key_from(seed)) {
    genesis_.network_name = "test";
    genesis_.time_ms = clock_->now_ms();
    genesis_.validators = {{key_.public_key(), "validator-1"}};
    genesis_.administrator = {"admin", forge::token_secret_hash(kSecret)};
    options_.orderer.heartbeat_ms = kNoHeartbeatMs;
    options_.housekeeping.interval_ms = 0;
    options_.housekeeping.busy_percent_max = 100;
    options_.housekeeping.merge.packs_max = 5;
}

Expected<std::unique_ptr<Node>> NodeWorld::start() {
    const auto on_failure = [this](const Error& error) {
        const std::lock_guard lock(mutex_);
        failures_.push_back(error);
    };
    auto rows = std::make_unique<support::BorrowedKeyValue>(machine_.rows());
    ASHLAR_TRY(auto packs, storage::FilePackStore::open(*rows, machine_.files(), on_failure));
    return Node::start(
        {std::move(rows), std::move(packs), clock_, random_, genesis_, key_, on_failure}, options_);
}

std::unique_ptr<Node> NodeWorld::start_well() {
    auto node = start();
    EXPECT_TRUE(node) << node.error().message();
    return node ? std::move(*node) : nullptr;
}

std::vector<Error> NodeWorld::failures() const {
    const std::lock_guard lock(mutex_);
    return failures_;
}

TestCommit make_commit(std::string_view file_content, const std::optional<git::ObjectId>& parent) {
    using git::ObjectType;
    TestCommit made;
    made.blob = *git::object_id_of(ObjectType::blob, as_bytes(file_content));
    Bytes tree = to_bytes("100644 file");
    tree.push_back(0);
    append(tree, made.blob.view());
    made.tree = *git::object_id_of(ObjectType::tree, tree);
    std::string commit = "tree " + made.tree.hex() + "\n";
    if (parent) commit += "parent " + parent->hex() + "\n";
    commit +=
        "author A <a@example.org> 1700000000 +0000\n"
        "committer A <a@example.org> 1700000000 +0000\n\nwork\n";
    made.id = *git::object_id_of(ObjectType::commit, as_bytes(commit));
    git::PackBuilder pack;
    pack.add(ObjectType::commit, commit);
    pack.add(ObjectType::tree, tree);
    pack.add(ObjectType::blob, file_content);
    made.pack = pack.build();
    return made;
}

std::string random_text(std::uint64_t seed, std::size_t size) {
    support::FaultPlan random(seed);
    std::string text;
    while (text.size() < size) {
        std::uint64_t word = random.random_below(~std::uint64_t{0});
        for (int i = 0; i < 8; ++i, word >>= 8) text.push_back(static_cast<char>(word & 0xff));
    }
    return text;
}

Author administrator(const Node& node) {
    auto author = node.authenticate(NodeWorld::kSecret);
    EXPECT_TRUE(author) << author.error().message();
    return *author;
}

void create_repository(Node& node, std::string_view name) {
    const Author author = administrator(node);
    forge::CreateRepository action;
    action.owner = author.account.id;
    action.name = std::string(name);
    const auto receipt = node.submit_and_wait(author, action);
    EXPECT_TRUE(receipt) << receipt.error().message();
}

RepositoryView open_hello(const Node& node) {
    auto view = node.open_repository(administrator(node).viewer(), "admin", "hello",
                                     forge::RepositoryAction::write);
    EXPECT_TRUE(view) << view.error().message();
    return *view;
}

git::RefUpdate update(std::string name, const git::ObjectId& old_id, const git::ObjectId& new_id) {
    return {old_id, new_id, std::move(name)};
}

PushResult push(Node& node, std::vector<git::RefUpdate> updates, ByteView pack, bool atomic) {
    git::PushRequest request;
    request.updates = std::move(updates);
    request.atomic = atomic;
    const auto pushing = node.begin_push(administrator(node), open_hello(node), request, {});
    // In pieces, as the network has them; what was refused is told by finish().
    for (std::size_t offset = 0; offset < pack.size(); offset += 100'000) {
        const auto length = std::min<std::size_t>(100'000, pack.size() - offset);
        if (!pushing->write(pack.subspan(offset, length))) break;
    }
    return pushing->finish();
}

bool done(const PushResult& result) {
    if (result.unpack_failure) return false;
    for (const git::RefOutcome& outcome : result.outcomes) {
        if (outcome.refusal) return false;
    }
    return true;
}

git::ObjectId ref_of(const Node& node, std::string_view name) {
    const auto ref = open_hello(node).refs->find(name);
    EXPECT_TRUE(ref) << ref.error().message();
    return ref && *ref ? (*ref)->id : git::ObjectId{};
}

Expected<std::size_t> read_everything(const Node& node) {
    const RepositoryView view = open_hello(node);
    const auto objects = view.objects();
    std::vector<git::ObjectId> waiting;
    ASHLAR_CHECK(view.refs->scan("", [&waiting](const git::Ref& ref) {
        waiting.push_back(ref.id);
        return true;
    }));
    const std::size_t count = waiting.size();
    while (!waiting.empty()) {
        const git::ObjectId id = waiting.back();
        waiting.pop_back();
        ASHLAR_TRY(const auto object, objects->read(id, git::kObjectSizeMaxDefault));
        if (object->type == git::ObjectType::commit) {
            ASHLAR_TRY(const auto commit, git::parse_commit(object->content));
            waiting.push_back(commit.tree);
            for (const git::ObjectId& parent : commit.parents) waiting.push_back(parent);
        } else if (object->type == git::ObjectType::tree) {
            // One entry: "100644 file" NUL id.
            ASHLAR_TRY(const auto blob,
                       git::ObjectId::from_bytes(ByteView(object->content).last(20)));
            waiting.push_back(blob);
        }
    }
    return count;
}

}  // namespace ashlar::node
