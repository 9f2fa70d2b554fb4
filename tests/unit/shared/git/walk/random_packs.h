// A random history as pushes left it: packs with deltas, some objects in several of them, and the
// graphs of those packs that are closed.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <vector>

#include "git/pack/pack_graph.h"
#include "git/pack/pack_receiver.h"
#include "git/walk/pack_graph_builder.h"
#include "random_history.h"
#include "support/memory_pack_store.h"
#include "support/pack_builder.h"

namespace ashlar::git {

// A delta that copies nothing, which any base will do for.
inline Bytes literal_delta(const Object& base, const Object& result) {
    DeltaBuilder delta(base.content.size(), result.content.size());
    constexpr std::size_t kInsertMax = 100;
    std::string_view rest = as_text(result.content);
    while (!rest.empty()) {
        delta.insert(rest.substr(0, kInsertMax));
        rest.remove_prefix(std::min(rest.size(), kInsertMax));
    }
    return delta.bytes();
}

class RandomPacks {
  public:
    explicit RandomPacks(std::uint64_t seed)
        : random(seed), commits(random_history(objects, random)) {
        const std::size_t pushes = 1 + below(random, 4);
        std::set<ObjectId> stored;
        for (std::size_t push = 1; push <= pushes; ++push) {
            const std::size_t end = commits.size() * push / pushes;
            const std::vector<ObjectId> tips(commits.begin(),
                                             commits.begin() + static_cast<std::ptrdiff_t>(end));
            std::set<ObjectId> pack;
            for (const ObjectId& id : closure(objects, tips)) {
                if (!stored.contains(id) || random.one_in(10)) pack.insert(id);
            }
            if (!pack.empty()) add_pack(pack);
            stored.insert(pack.begin(), pack.end());
        }
    }

    std::shared_ptr<const PackCatalog> catalog() {
        std::vector<std::shared_ptr<const StoredPack>> packs;
        for (const PackDigest& digest : digests) packs.push_back(store.open(digest).value());
        return PackCatalog::open(packs).value();
    }

    // For every pack that is closed; counts them.
    std::size_t make_graphs() {
        std::size_t made = 0;
        for (const PackDigest& digest : digests) {
            PackGraphOptions options;
            options.generations_per_bitmap = 1 + static_cast<std::uint32_t>(below(random, 12));
            options.tips_max = below(random, 3);
            const auto alone = PackCatalog::open({store.open(digest).value()}).value();
            const auto graph = build_pack_graph(alone, commits, options);
            EXPECT_TRUE(graph) << graph.error().message();
            if (!graph || !*graph) continue;
            const auto put = store.put_graph(digest, **graph);
            EXPECT_TRUE(put) << put.error().message();
            ++made;
        }
        return made;
    }

    ObjectId pick(const std::vector<ObjectId>& from) { return from[below(random, from.size())]; }

    support::SeededRandom random;
    MemoryObjects objects;
    std::vector<ObjectId> commits;
    MemoryPackStore store;
    std::vector<PackDigest> digests;  // in the order of the pushes

  private:
    void add_pack(const std::set<ObjectId>& ids) {
        std::vector<ObjectId> order(ids.begin(), ids.end());
        random.shuffle(order);
        PackBuilder builder;
        // The last written of each type, as a base for what follows.
        std::map<ObjectType, std::pair<std::uint64_t, ObjectId>> bases;
        for (const ObjectId& id : order) {
            const auto object = objects.read(id, kObjectSizeMaxDefault).value();
            const auto base = bases.find(object->type);
            std::uint64_t offset = 0;
            if (base == bases.end() || random.one_in(3)) {
                offset = builder.add(object->type, object->content);
            } else {
                const auto base_object = objects.read(base->second.second, 1 << 20).value();
                const Bytes delta = literal_delta(*base_object, *object);
                offset = random.one_in(4) ? builder.add_reference_delta(base->second.second, delta)
                                          : builder.add_offset_delta(base->second.first, delta);
            }
            if (random.one_in(2)) bases[object->type] = {offset, id};
        }
        auto staging = store.stage().value();
        PackReceiver receiver(*staging, nullptr, {});
        const auto written = receiver.write(builder.build());
        ASSERT_TRUE(written) << written.error().message();
        const auto received = receiver.finish();
        ASSERT_TRUE(received) << received.error().message();
        const auto manifest = staging->publish(received->object_count, received->index).value();
        digests.push_back(manifest.digest());
    }
};

}  // namespace ashlar::git
