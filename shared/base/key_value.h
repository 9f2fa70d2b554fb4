// The KeyValue seam: everything but the bodies of large packs is stored behind it. RocksDB, memory
// and a fault-injecting peer implement it; in WebAssembly a host does.
//
// Keys are ordered bytewise (unsigned). One commit is atomic: after a crash all of it is there or
// none. With Durability::synced it is on the disk before commit() returns, and so is every commit
// made before it. A failed commit leaves the store in doubt: the caller stops the process, and
// recovery on restart is the tested path. Readers and commits may come from any thread; commits
// are ordered among themselves.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/expected.h"

namespace ashlar {

// What is written together. Later operations on one key win.
class WriteBatch {
  public:
    struct Operation {
        Bytes key;
        std::optional<Bytes> value;  // absent: the key is removed
    };

    void put(ByteView key, ByteView value);
    void remove(ByteView key);
    void append(const WriteBatch& other);
    const std::vector<Operation>& operations() const { return operations_; }
    bool empty() const { return operations_.empty(); }
    // Sum of key and value lengths, for limits and metrics.
    std::size_t byte_count() const { return byte_count_; }

  private:
    std::vector<Operation> operations_;
    std::size_t byte_count_ = 0;
};

enum class Durability { buffered, synced };

class KeyValueReader {
  public:
    virtual ~KeyValueReader() = default;

    // The value; nothing where the key is absent; `corrupt` where a checksum fails; `needs_data`
    // where a host has to fetch it first.
    virtual Expected<std::optional<Bytes>> get(ByteView key) const = 0;
    // As get, for many keys at once, results in the order of the keys.
    virtual Expected<std::vector<std::optional<Bytes>>> multi_get(
        const std::vector<Bytes>& keys) const;

    // Calls `visit` for each pair with from <= key < to in key order, until it returns false.
    // An empty `to` means no end. The views are valid during the call only.
    using Visitor = std::function<bool(ByteView key, ByteView value)>;
    virtual Expected<void> scan(ByteView from, ByteView to, const Visitor& visit) const = 0;

    // As scan, over the keys that begin with the prefix.
    Expected<void> scan_prefix(ByteView prefix, const Visitor& visit) const;
};

class KeyValue : public KeyValueReader {
  public:
    // A view that later commits do not change. It must not outlive the store.
    virtual std::unique_ptr<KeyValueReader> snapshot() const = 0;
    virtual Expected<void> commit(const WriteBatch& batch, Durability durability) = 0;
};

// The smallest key above every key that begins with the prefix; empty where there is none.
Bytes end_of_prefix(ByteView prefix);

}  // namespace ashlar
