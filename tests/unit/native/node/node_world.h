// A node on a machine that can fail, with a clock and a chance of its own; and what a person would
// push to it.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "native/node/node.h"
#include "support/faulty_machine.h"

namespace ashlar::node {

// Each look at it is a millisecond later.
class TestClock final : public Clock {
  public:
    std::uint64_t now_ms() const override { return now_ms_++; }
    void advance(std::uint64_t ms) { now_ms_ += ms; }

  private:
    mutable std::atomic<std::uint64_t> now_ms_ = 1'700'000'000'000;
};

class TestRandom final : public RandomSource {
  public:
    explicit TestRandom(std::uint64_t seed) : plan_(seed) {}
    void fill(std::span<Byte> into) override {
        for (Byte& byte : into) byte = static_cast<Byte>(plan_.random_below(256));
    }

  private:
    support::FaultPlan plan_;
};

class NodeWorld {
  public:
    static constexpr std::string_view kSecret = "ash_the_operators_secret";

    explicit NodeWorld(std::uint64_t seed);

    // Starts a node over what the machine holds.
    Expected<std::unique_ptr<Node>> start();
    // As start(), with the test failing where the node does not start.
    std::unique_ptr<Node> start_well();

    support::FaultyMachine& machine() { return machine_; }
    TestClock& clock() { return *clock_; }
    chain::Genesis& genesis() { return genesis_; }
    NodeOptions& options() { return options_; }
    std::vector<Error> failures() const;

  private:
    support::FaultyMachine machine_;
    std::shared_ptr<TestClock> clock_;
    std::shared_ptr<TestRandom> random_;
    crypto::SigningKey key_;
    chain::Genesis genesis_;
    NodeOptions options_;
    mutable std::mutex mutex_;
    std::vector<Error> failures_;
};

// One commit with one file, and the pack that brings it.
struct TestCommit {
    git::ObjectId id;
    git::ObjectId tree;
    git::ObjectId blob;
    Bytes pack;
};
TestCommit make_commit(std::string_view file_content,
                       const std::optional<git::ObjectId>& parent = std::nullopt);

// File content that does not deflate.
std::string random_text(std::uint64_t seed, std::size_t size);

Author administrator(const Node& node);
// "admin/hello", made by the administrator.
void create_repository(Node& node, std::string_view name = "hello");
RepositoryView open_hello(const Node& node);

git::RefUpdate update(std::string name, const git::ObjectId& old_id, const git::ObjectId& new_id);
PushResult push(Node& node, std::vector<git::RefUpdate> updates, ByteView pack,
                bool atomic = false);
// Whether every update was done.
bool done(const PushResult& result);

// What the ref points to; null where it does not exist.
git::ObjectId ref_of(const Node& node, std::string_view name);
// Reads everything that every ref of "hello" reaches, and counts the refs.
Expected<std::size_t> read_everything(const Node& node);

}  // namespace ashlar::node
