// One suite over every KeyValue.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>

#include "native/storage/rocksdb_key_value.h"
#include "support/faulty_key_value.h"
#include "support/memory_key_value.h"
#include "support/temporary_folder.h"

namespace ashlar::storage {
namespace {

class Memory {
  public:
    KeyValue& store() { return store_; }
    void reopen() {}  // memory is all it has

  private:
    support::MemoryKeyValue store_;
};

class Faulty {
  public:
    KeyValue& store() { return store_; }
    void reopen() { store_.crash(); }

  private:
    support::FaultyKeyValue store_{std::make_shared<support::FaultPlan>(1)};
};

class RocksDb {
  public:
    RocksDb() { open(); }
    KeyValue& store() { return *store_; }
    void reopen() {
        store_.reset();
        open();
    }

  private:
    void open() {
        auto opened = RocksDbKeyValue::open(folder_.path() / "store");
        ASSERT_TRUE(opened) << opened.error().message();
        store_ = std::move(*opened);
    }
    support::TemporaryFolder folder_;
    std::unique_ptr<RocksDbKeyValue> store_;
};

template <typename Peer>
class KeyValueSuite : public ::testing::Test {
  protected:
    KeyValue& store() { return peer_.store(); }

    void put(std::string_view key, std::string_view value,
             Durability durability = Durability::synced) {
        WriteBatch batch;
        batch.put(as_bytes(key), as_bytes(value));
        ASSERT_TRUE(store().commit(batch, durability));
    }

    std::string get(std::string_view key) { return get(store(), key); }
    static std::string get(const KeyValueReader& from, std::string_view key) {
        const auto value = from.get(as_bytes(key));
        if (!value) return value.error().message();
        return *value ? std::string(as_text(**value)) : "(absent)";
    }

    std::string keys(ByteView begin = {}, ByteView end = {}) { return keys(store(), begin, end); }
    static std::string keys(const KeyValueReader& from, ByteView begin, ByteView end) {
        std::string found;
        EXPECT_TRUE(from.scan(begin, end, [&found](ByteView key, ByteView) {
            found.append(as_text(key)).append(" ");
            return true;
        }));
        return found;
    }

    Peer peer_;
};

using Peers = ::testing::Types<RocksDb, Memory, Faulty>;
TYPED_TEST_SUITE(KeyValueSuite, Peers);

TYPED_TEST(KeyValueSuite, starts_empty) {
    EXPECT_EQ(this->get("a"), "(absent)");
    EXPECT_EQ(this->keys(), "");
}

TYPED_TEST(KeyValueSuite, keeps_the_last_operation_on_a_key) {
    WriteBatch batch;
    batch.put(as_bytes("a"), as_bytes("1"));
    batch.put(as_bytes("b"), as_bytes("1"));
    batch.put(as_bytes("a"), as_bytes("2"));
    batch.remove(as_bytes("b"));
    batch.remove(as_bytes("c"));
    batch.put(as_bytes("c"), as_bytes(""));
    ASSERT_TRUE(this->store().commit(batch, Durability::synced));
    EXPECT_EQ(this->get("a"), "2");
    EXPECT_EQ(this->get("b"), "(absent)");
    EXPECT_EQ(this->get("c"), "");
}

TYPED_TEST(KeyValueSuite, orders_keys_as_unsigned_bytes_and_stops_before_the_end) {
    for (const std::string_view key : {"b", "a", "\x7f", "\xff", "ab", "\x80"}) this->put(key, "v");
    EXPECT_EQ(this->keys(), "a ab b \x7f \x80 \xff ");
    EXPECT_EQ(this->keys(as_bytes("ab"), as_bytes("\x80")), "ab b \x7f ");
    EXPECT_EQ(this->keys(as_bytes("b"), as_bytes("b")), "");
}

TYPED_TEST(KeyValueSuite, keeps_keys_and_values_with_zero_bytes_apart) {
    const Bytes short_key = {'k'};
    const Bytes long_key = {'k', 0};
    WriteBatch batch;
    batch.put(short_key, Bytes{0, 1});
    batch.put(long_key, Bytes{1, 0});
    ASSERT_TRUE(this->store().commit(batch, Durability::synced));
    EXPECT_EQ(*this->store().get(short_key), (Bytes{0, 1}));
    EXPECT_EQ(*this->store().get(long_key), (Bytes{1, 0}));
}

TYPED_TEST(KeyValueSuite, a_scan_ends_when_its_visitor_says_so) {
    for (const std::string_view key : {"a", "b", "c"}) this->put(key, "v");
    int seen = 0;
    ASSERT_TRUE(this->store().scan({}, {}, [&seen](ByteView, ByteView) { return ++seen < 2; }));
    EXPECT_EQ(seen, 2);
}

TYPED_TEST(KeyValueSuite, scans_a_prefix_and_nothing_beside_it) {
    for (const std::string_view key : {"p", "p/", "p/a", "p/b", "p0", "q"}) this->put(key, "v");
    std::string found;
    ASSERT_TRUE(this->store().scan_prefix(as_bytes("p/"), [&found](ByteView key, ByteView) {
        found.append(as_text(key)).append(" ");
        return true;
    }));
    EXPECT_EQ(found, "p/ p/a p/b ");
}

TYPED_TEST(KeyValueSuite, a_scan_does_not_see_what_is_written_during_it) {
    for (const std::string_view key : {"a", "b"}) this->put(key, "old");
    std::string seen;
    ASSERT_TRUE(this->store().scan({}, {}, [&](ByteView key, ByteView value) {
        seen.append(as_text(key)).append("=").append(as_text(value)).append(" ");
        this->put("b", "new");
        this->put("c", "new");
        return true;
    }));
    EXPECT_EQ(seen, "a=old b=old ");
    EXPECT_EQ(this->get("b"), "new");
}

TYPED_TEST(KeyValueSuite, a_snapshot_does_not_change) {
    this->put("a", "1");
    this->put("b", "1");
    const auto first = this->store().snapshot();
    this->put("a", "2");
    const auto second = this->store().snapshot();
    WriteBatch batch;
    batch.remove(as_bytes("a"));
    batch.put(as_bytes("c"), as_bytes("3"));
    ASSERT_TRUE(this->store().commit(batch, Durability::synced));
    EXPECT_EQ(this->TestFixture::get(*first, "a"), "1");
    EXPECT_EQ(this->TestFixture::keys(*first, {}, {}), "a b ");
    EXPECT_EQ(this->TestFixture::get(*second, "a"), "2");
    EXPECT_EQ(this->TestFixture::get(*second, "c"), "(absent)");
    EXPECT_EQ(this->get("a"), "(absent)");
    EXPECT_EQ(this->keys(), "b c ");
}

TYPED_TEST(KeyValueSuite, answers_many_keys_in_the_order_of_the_question) {
    this->put("a", "1");
    this->put("b", "2");
    const auto values =
        this->store().multi_get({to_bytes("b"), to_bytes("missing"), to_bytes("a"), to_bytes("b")});
    ASSERT_TRUE(values);
    ASSERT_EQ(values->size(), 4u);
    EXPECT_EQ((*values)[0], to_bytes("2"));
    EXPECT_EQ((*values)[1], std::nullopt);
    EXPECT_EQ((*values)[2], to_bytes("1"));
    EXPECT_EQ((*values)[3], to_bytes("2"));
    EXPECT_TRUE(this->store().multi_get({})->empty());
}

TYPED_TEST(KeyValueSuite, has_after_reopening_what_was_synced_and_all_before_it) {
    this->put("a", "buffered", Durability::buffered);
    this->put("b", "synced", Durability::synced);
    WriteBatch removal;
    removal.remove(as_bytes("b"));
    ASSERT_TRUE(this->store().commit(removal, Durability::synced));
    this->peer_.reopen();
    EXPECT_EQ(this->get("a"), "buffered");
    EXPECT_EQ(this->get("b"), "(absent)");
}

TYPED_TEST(KeyValueSuite, keeps_large_values_across_reopening) {
    const std::string large(std::size_t{3} << 20, 'x');
    for (int i = 0; i < 20; ++i) this->put("large/" + std::to_string(i), large + std::to_string(i));
    this->peer_.reopen();
    for (int i = 0; i < 20; ++i) {
        const std::string number = std::to_string(i);
        EXPECT_TRUE(this->get("large/" + number) == large + number);
    }
}

TYPED_TEST(KeyValueSuite, readers_see_each_commit_whole) {
    this->put("left", "0");
    this->put("right", "0");
    std::atomic<bool> done = false;
    std::atomic<int> torn = 0;
    std::vector<std::thread> readers;
    for (int reader = 0; reader < 3; ++reader) {
        readers.emplace_back([&] {
            while (!done) {
                const auto at = this->store().snapshot();
                if (*at->get(as_bytes("left")) != *at->get(as_bytes("right"))) ++torn;
            }
        });
    }
    for (int i = 1; i <= 300; ++i) {
        WriteBatch batch;
        batch.put(as_bytes("left"), as_bytes(std::to_string(i)));
        batch.put(as_bytes("right"), as_bytes(std::to_string(i)));
        EXPECT_TRUE(this->store().commit(batch, Durability::buffered));
    }
    done = true;
    for (std::thread& reader : readers) reader.join();
    EXPECT_EQ(torn, 0);
    EXPECT_EQ(this->get("left"), "300");
}

TYPED_TEST(KeyValueSuite, takes_commits_from_several_threads) {
    std::vector<std::thread> writers;
    for (int writer = 0; writer < 3; ++writer) {
        writers.emplace_back([this, writer] {
            for (int i = 0; i < 50; ++i) {
                this->put(std::to_string(writer) + "/" + std::to_string(i), "v",
                          i % 10 == 0 ? Durability::synced : Durability::buffered);
            }
        });
    }
    for (std::thread& writer : writers) writer.join();
    int count = 0;
    ASSERT_TRUE(this->store().scan({}, {}, [&count](ByteView, ByteView) {
        ++count;
        return true;
    }));
    EXPECT_EQ(count, 150);
}

TYPED_TEST(KeyValueSuite, agrees_with_a_map_over_random_commits) {
    support::FaultPlan random(20261121);
    std::map<Bytes, Bytes> model;
    for (int round = 0; round < 200; ++round) {
        WriteBatch batch;
        for (std::uint64_t i = random.random_below(8); i > 0; --i) {
            const Bytes key = {static_cast<Byte>(random.random_below(40))};
            if (random.random_below(3) == 0) {
                batch.remove(key);
                model.erase(key);
            } else {
                const Bytes value(random.random_below(20), static_cast<Byte>(round));
                batch.put(key, value);
                model[key] = value;
            }
        }
        ASSERT_TRUE(this->store().commit(batch, Durability::synced));
        if (round % 50 == 49) this->peer_.reopen();
        std::map<Bytes, Bytes> stored;
        ASSERT_TRUE(this->store().scan({}, {}, [&stored](ByteView key, ByteView value) {
            stored[to_bytes(key)] = to_bytes(value);
            return true;
        }));
        ASSERT_EQ(stored, model) << "round " << round;
    }
}

}  // namespace
}  // namespace ashlar::storage
