#include "git/pack/pack_graph.h"

#include <gtest/gtest.h>

#include "git/pack/compressed_bits.h"
#include "git/pack/packed_objects.h"
#include "git/walk/commit_graph.h"
#include "random_packs.h"

namespace ashlar::git {
namespace {

TEST(CompressedBits, come_back_as_they_were) {
    support::SeededRandom random(1);
    for (int round = 0; round < 200; ++round) {
        Bits bits(static_cast<std::uint32_t>(random.below(2000)));
        std::uint32_t at = 0;
        while (at < bits.size()) {
            // Runs of ones, of zeros, and of anything.
            const auto end = std::min<std::uint64_t>(bits.size(), at + random.below(300));
            const std::uint64_t kind = random.below(3);
            for (; at < end; ++at) {
                if (kind == 0 || (kind == 1 && random.one_in(2))) bits.set(at);
            }
            ++at;
        }
        const Bytes stored = compress_bits(bits);
        Bits again(bits.size());
        ASSERT_TRUE(add_compressed_bits(stored, again));
        EXPECT_EQ(again, bits);
        std::uint32_t count = 0;
        for (std::uint32_t i = bits.next(0); i < bits.size(); i = bits.next(i + 1)) ++count;
        EXPECT_EQ(count, bits.count());
    }
}

TEST(CompressedBits, refuse_a_set_of_another_size) {
    Bits bits(1000);
    bits.set_all();
    EXPECT_EQ(bits.count(), 1000u);
    const Bytes stored = compress_bits(bits);
    for (const std::uint32_t size : {0u, 64u, 936u, 999u, 1100u, 100'000u}) {
        Bits other(size);
        EXPECT_FALSE(add_compressed_bits(stored, other)) << size;
    }
    Bits same(1000);
    EXPECT_FALSE(add_compressed_bits(ByteView(stored).first(stored.size() - 1), same));
    EXPECT_FALSE(add_compressed_bits(ByteView(stored).first(8), same));
}

TEST(PackGraph, knows_commits_as_their_objects_tell_them) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        RandomPacks at(seed);
        at.make_graphs();
        const auto catalog = at.catalog();
        CommitGraph with(at.objects, catalog);
        CommitGraph without(at.objects);
        std::vector<std::uint32_t> depths;
        for (const ObjectId& id : at.commits) {
            const GraphCommit* known = with.load(*with.index_of(id)).value();
            std::vector<ObjectId> known_parents;
            for (const CommitIndex parent : known->parents) {
                known_parents.push_back(with.id_of(parent));
            }
            const ObjectId known_tree = known->tree;
            const std::int64_t known_seconds = known->committed_seconds;
            const GraphCommit* read = without.load(*without.index_of(id)).value();
            std::vector<ObjectId> parents;
            for (const CommitIndex parent : read->parents) parents.push_back(without.id_of(parent));
            EXPECT_EQ(known_parents, parents);
            EXPECT_EQ(known_tree, read->tree);
            EXPECT_EQ(known_seconds, read->committed_seconds);
        }
    }
}

TEST(PackGraph, keeps_more_parents_than_two_and_counts_generations) {
    MemoryObjects objects;
    const ObjectId tree = objects.tree({});
    std::vector<ObjectId> roots;
    for (int i = 0; i < 5; ++i) roots.push_back(objects.commit(tree, {}, i));
    const ObjectId pair = objects.commit(tree, {roots[0], roots[1]}, 10);
    const ObjectId octopus = objects.commit(tree, {pair, roots[2], roots[3], roots[4]}, 20);
    PackBuilder builder;
    for (const auto& [id, object] : objects.all()) builder.add(object->type, object->content);
    MemoryPackStore store;
    auto staging = store.stage().value();
    PackReceiver receiver(*staging, nullptr, {});
    ASSERT_TRUE(receiver.write(builder.build()));
    const auto received = receiver.finish().value();
    const auto digest = staging->publish(received.object_count, received.index).value().digest();
    const auto alone = PackCatalog::open({store.open(digest).value()}).value();
    ASSERT_TRUE(store.put_graph(digest, build_pack_graph(alone, {octopus}).value().value()));
    const auto catalog = PackCatalog::open({store.open(digest).value()}).value();
    const PackGraph& graph = *catalog->graph(0);
    EXPECT_EQ(graph.commit_count(), 7u);
    const auto commit_of = [&](const ObjectId& id) {
        const std::uint32_t position = catalog->index(0).find(id).value().value();
        return graph.commit(graph.commit_at(graph.rank_of(position).value()).value()).value();
    };
    EXPECT_EQ(commit_of(roots[0]).generation, 1u);
    EXPECT_EQ(commit_of(pair).generation, 2u);
    EXPECT_EQ(commit_of(octopus).generation, 3u);
    ASSERT_EQ(commit_of(octopus).parents.size(), 4u);
    for (std::size_t i = 0; i < 4; ++i) {
        const PackGraphCommit parent = graph.commit(commit_of(octopus).parents[i]).value();
        EXPECT_EQ(parent.rank, commit_of(i == 0 ? pair : roots[i + 1]).rank);
    }
}

TEST(PackGraph, is_not_made_of_a_pack_that_names_what_it_lacks) {
    MemoryObjects objects;
    const ObjectId blob = objects.blob("x");
    const ObjectId tree = objects.tree({{kModeBlob, "x", blob}});
    const ObjectId first = objects.commit(tree, {}, 1);
    const ObjectId second = objects.commit(tree, {first}, 2);
    for (const ObjectId& missing : {blob, tree, first}) {
        std::set<ObjectId> ids{blob, tree, first, second};
        ids.erase(missing);
        PackBuilder builder;
        for (const ObjectId& id : ids) {
            const auto object = objects.read(id, 1000).value();
            builder.add(object->type, object->content);
        }
        MemoryPackStore store;
        auto staging = store.stage().value();
        PackReceiver receiver(*staging, nullptr, {});
        ASSERT_TRUE(receiver.write(builder.build()));
        const auto received = receiver.finish().value();
        const auto digest =
            staging->publish(received.object_count, received.index).value().digest();
        const auto alone = PackCatalog::open({store.open(digest).value()}).value();
        EXPECT_FALSE(build_pack_graph(alone, {second}).value());
    }
}

TEST(PackGraph, is_refused_when_damaged_or_of_another_pack) {
    RandomPacks at(3);
    const PackDigest digest = at.digests[0];
    const auto alone = PackCatalog::open({at.store.open(digest).value()}).value();
    const Bytes graph = build_pack_graph(alone, at.commits).value().value();
    const PackIndex& index = alone->index(0);
    const auto open = [&](Bytes bytes) {
        return PackGraph::open(std::make_shared<MemoryBytes>(std::move(bytes)),
                               index.pack_checksum(), index.object_count());
    };
    EXPECT_TRUE(open(graph));
    for (std::size_t at_byte = 0; at_byte < graph.size(); at_byte += 37) {
        Bytes damaged = graph;
        damaged[at_byte] ^= 0x40;
        EXPECT_FALSE(open(std::move(damaged))) << at_byte;
    }
    for (const std::size_t size : {std::size_t{0}, std::size_t{10}, graph.size() - 1}) {
        EXPECT_FALSE(open(to_bytes(ByteView(graph).first(size)))) << size;
    }
    EXPECT_FALSE(PackGraph::open(std::make_shared<MemoryBytes>(graph), crypto::Sha1Digest{},
                                 index.object_count()));
}

TEST(PackGraph, building_stops_when_it_is_told_to) {
    RandomPacks at(5);
    const auto alone = PackCatalog::open({at.store.open(at.digests[0]).value()}).value();
    PackGraphOptions options;
    options.pause = [] { return Expected<void>(fail(ErrorCode::unavailable, "stopping")); };
    // A pack of few objects may be done before it asks.
    const auto graph = build_pack_graph(alone, at.commits, options);
    EXPECT_TRUE(graph || graph.error().code == ErrorCode::unavailable);
}

}  // namespace
}  // namespace ashlar::git
