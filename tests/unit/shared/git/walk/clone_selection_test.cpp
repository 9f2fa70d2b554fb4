#include "git/walk/clone_selection.h"

#include <gtest/gtest.h>

#include <set>

#include "git/walk/reachable_objects.h"
#include "random_packs.h"
#include "support/packed_memory.h"

namespace ashlar::git {
namespace {

std::set<ObjectId> selected_ids(const PackCatalog& catalog, const PackSelection& selection) {
    const std::vector<ObjectId> ids = ids_of(catalog, selection).value();
    const std::set<ObjectId> unique(ids.begin(), ids.end());
    EXPECT_EQ(unique.size(), ids.size()) << "an object is selected twice";
    return unique;
}

// What a client gets when it takes the pack for itself.
std::set<ObjectId> ids_received(const std::shared_ptr<const PackCatalog>& catalog,
                                PackSelection selection) {
    auto stream = SelectedPack::create(catalog, std::move(selection));
    EXPECT_TRUE(stream) << stream.error().message();
    Bytes pack;
    while (auto chunk = (*stream)->next().value()) {
        if (const Bytes* bytes = std::get_if<Bytes>(&*chunk)) {
            append(pack, *bytes);
            continue;
        }
        const StoredRange& range = std::get<StoredRange>(*chunk);
        Bytes part(static_cast<std::size_t>(range.length));
        EXPECT_TRUE(range.source->read(range.offset, part));
        append(pack, part);
    }
    const auto received = catalog_of_pack(pack);
    EXPECT_TRUE(received) << received.error().message();
    return received ? ids_of(**received) : std::set<ObjectId>();
}

std::set<ObjectId> expected_ids(MemoryObjects& objects, const std::vector<ObjectId>& wants,
                                std::uint64_t blob_limit) {
    std::set<ObjectId> expected = closure(objects, wants);
    for (auto id = expected.begin(); id != expected.end();) {
        const auto info = objects.info(*id).value();
        const bool is_left_out = info.type == ObjectType::blob && info.size >= blob_limit;
        id = is_left_out ? expected.erase(id) : std::next(id);
    }
    for (const ObjectId& id : wants) {
        if (objects.info(id)->type == ObjectType::blob) expected.insert(id);
    }
    return expected;
}

constexpr std::uint64_t kNoLimit = ~std::uint64_t{0};

void check_clone(RandomPacks& at, const std::vector<ObjectId>& wants, const char* filter_spec,
                 std::uint64_t blob_limit) {
    const auto catalog = at.catalog();
    ObjectFilter filter = ObjectFilter::parse(filter_spec).value();
    CloneRequest request{wants, blob_limit == kNoLimit ? nullptr : &filter, false,
                         Unreachable::may_be_held};
    auto selection = select_for_clone(catalog, MemoryRefs(), request);
    ASSERT_TRUE(selection) << selection.error().message();
    ASSERT_TRUE(*selection);
    const std::set<ObjectId> expected = expected_ids(at.objects, wants, blob_limit);
    EXPECT_EQ(selected_ids(*catalog, **selection), expected);
    EXPECT_EQ(ids_received(catalog, std::move(**selection)), expected);
}

TEST(CloneSelection, selects_and_sends_what_a_naive_walk_finds_with_and_without_graphs) {
    std::size_t graphs = 0;
    for (std::uint64_t seed = 1; seed <= 150; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        RandomPacks at(seed);
        if (seed % 3 != 0) graphs += at.make_graphs();
        std::vector<ObjectId> wants{at.pick(at.commits)};
        while (at.random.one_in(2)) wants.push_back(at.pick(at.commits));
        const std::set<ObjectId> all = closure(at.objects, wants);
        if (at.random.one_in(2)) {
            wants.push_back(at.pick(std::vector<ObjectId>(all.begin(), all.end())));
        }
        check_clone(at, wants, "blob:none", kNoLimit);
        check_clone(at, wants, "blob:none", 0);
        check_clone(at, wants, "blob:limit=7", 7);
    }
    EXPECT_GT(graphs, 50u);
}

TEST(CloneSelection, is_everything_for_who_wants_every_tip_of_a_clean_repository) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        RandomPacks at(seed);
        const auto catalog = at.catalog();
        MemoryRefs refs;
        for (std::size_t i = 0; i < at.commits.size(); ++i) {
            refs.set("refs/heads/" + std::to_string(i), at.commits[i]);
        }
        const CloneRequest request{at.commits, nullptr, false, Unreachable::none};
        auto selection = select_for_clone(catalog, refs, request);
        ASSERT_TRUE(selection && *selection);
        const std::set<ObjectId> all = closure(at.objects, at.commits);
        EXPECT_EQ(selected_ids(*catalog, **selection), all);
        EXPECT_EQ(ids_received(catalog, std::move(**selection)), all);
    }
}

TEST(CloneSelection, brings_the_tags_of_what_is_sent) {
    MemoryObjects objects;
    const ObjectId blob = objects.blob("x");
    const ObjectId tree = objects.tree({{kModeBlob, "x", blob}});
    const ObjectId first = objects.commit(tree, {}, 1);
    const ObjectId second = objects.commit(tree, {first}, 2);
    const ObjectId inner = objects.tag(first, ObjectType::commit, "inner");
    const ObjectId outer = objects.tag(inner, ObjectType::tag, "outer");
    const ObjectId later = objects.tag(second, ObjectType::commit, "later");
    const auto catalog = catalog_of_pack(pack_of(objects, all_ids(objects))).value();
    MemoryRefs refs;
    refs.set("refs/tags/outer", outer, first);
    refs.set("refs/tags/later", later, second);
    const auto selected = [&](bool include_tag) {
        const CloneRequest request{{first}, nullptr, include_tag, Unreachable::may_be_held};
        return selected_ids(*catalog, **select_for_clone(catalog, refs, request));
    };
    EXPECT_EQ(selected(false), (std::set<ObjectId>{first, tree, blob}));
    EXPECT_EQ(selected(true), (std::set<ObjectId>{first, tree, blob, outer, inner}));
}

TEST(CloneSelection, leaves_to_a_walk_what_takes_one) {
    RandomPacks at(1);
    const auto catalog = at.catalog();
    const ObjectFilter filter = ObjectFilter::parse("tree:1").value();
    const CloneRequest by_depth{{at.commits[0]}, &filter, false, Unreachable::may_be_held};
    EXPECT_FALSE(*select_for_clone(catalog, MemoryRefs(), by_depth));
    ObjectId blob;
    for (const auto& [id, object] : at.objects.all()) {
        if (object->type == ObjectType::blob && *catalog->contains(id)) blob = id;
    }
    const CloneRequest by_id{{blob}, nullptr, false, Unreachable::may_be_held};
    EXPECT_FALSE(*select_for_clone(catalog, MemoryRefs(), by_id));
}

TEST(ReachableObjects, says_of_every_object_what_a_naive_walk_says) {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        RandomPacks at(seed);
        at.make_graphs();
        const std::vector<ObjectId> tips{at.pick(at.commits), at.pick(at.commits)};
        const std::set<ObjectId> reached = closure(at.objects, tips);
        const auto catalog = at.catalog();
        ReachableObjects reachable(catalog);
        ASSERT_TRUE(reachable.add(tips));
        std::vector<ObjectId> ids;
        std::vector<ObjectId> expected;
        for (const ObjectId& id : closure(at.objects, at.commits)) {
            EXPECT_EQ(*reachable.contains(id), reached.contains(id));
            ids.push_back(id);
            if (!reached.contains(id)) expected.push_back(id);
        }
        EXPECT_EQ(*unreachable_in(catalog, ids, tips), expected);
    }
}

TEST(ReachableObjects, reports_what_is_missing_as_corrupt) {
    MemoryObjects objects;
    const ObjectId blob = objects.blob("x");
    const ObjectId tree = objects.tree({{kModeBlob, "x", blob}});
    const ObjectId commit = objects.commit(tree, {}, 1);
    const auto catalog = catalog_of_pack(pack_of(objects, {tree, commit})).value();
    ReachableObjects reachable(catalog);
    EXPECT_EQ(reachable.add({commit}).error().code, ErrorCode::corrupt);
}

}  // namespace
}  // namespace ashlar::git
