#include "git/walk/object_walk.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "git/object/commit.h"
#include "git/object/tag.h"
#include "random_history.h"
#include "support/memory_objects.h"
#include "support/seeded_random.h"

namespace ashlar::git {
namespace {

std::vector<ObjectId> list(MemoryObjects& objects, ObjectWalkRequest request,
                           const std::vector<ObjectId>& cuts = {}) {
    CommitGraph graph(objects);
    for (const ObjectId& id : cuts) graph.cut(id);
    Expected<ListedObjects> listed = list_objects(graph, request);
    EXPECT_TRUE(listed) << listed.error().message();
    return listed ? listed->ids : std::vector<ObjectId>();
}

std::vector<ObjectId> sorted(std::vector<ObjectId> ids) {
    std::sort(ids.begin(), ids.end());
    return ids;
}

std::vector<ObjectId> list_filtered(MemoryObjects& objects, std::vector<ObjectId> wants,
                                    std::string_view filter) {
    ObjectWalkRequest request;
    request.wants = std::move(wants);
    request.filter = ObjectFilter::parse(filter).value();
    return list(objects, std::move(request));
}

// Two commits; the second changes lib/a and keeps the rest.
struct TwoCommits {
    MemoryObjects objects;
    ObjectId readme = objects.blob("read me\n");
    ObjectId old_a = objects.blob("a\n");
    ObjectId new_a = objects.blob("a, changed\n");
    ObjectId doc = objects.blob("a longer document\n");
    ObjectId docs = objects.tree({{kModeBlob, "doc", doc}});
    ObjectId old_lib = objects.tree({{kModeBlob, "a", old_a}});
    ObjectId new_lib = objects.tree({{kModeBlob, "a", new_a}});
    ObjectId old_root = root(old_lib);
    ObjectId new_root = root(new_lib);
    ObjectId first = objects.commit(old_root, {}, 100);
    ObjectId second = objects.commit(new_root, {first}, 200);
    ObjectId tag = objects.tag(second, ObjectType::commit, "v1");

    ObjectId root(const ObjectId& lib) {
        return objects.tree({{kModeBlob, "README", readme},
                             {kModeTree, "docs", docs},
                             {kModeTree, "lib", lib},
                             {kModeGitlink, "module", *ObjectId::from_hex(std::string(40, '9'))}});
    }
};

TEST(ObjectWalk, lists_everything_that_is_reached_newest_first) {
    TwoCommits at;
    EXPECT_EQ(
        list(at.objects, {{at.tag}, {}, {}, {}}),
        (std::vector<ObjectId>{at.second, at.first, at.tag, at.new_root, at.new_lib, at.new_a,
                               at.old_root, at.readme, at.docs, at.doc, at.old_lib, at.old_a}));
}

TEST(ObjectWalk, lists_only_what_changed_since_a_have) {
    TwoCommits at;
    EXPECT_EQ(list(at.objects, {{at.second}, {at.first}, {}, {}}),
              (std::vector<ObjectId>{at.second, at.new_root, at.new_lib, at.new_a}));
}

TEST(ObjectWalk, knows_what_deltas_can_be_based_on) {
    TwoCommits at;
    CommitGraph graph(at.objects);
    ListedObjects listed = list_objects(graph, {{at.second}, {at.first}, {}, {}}).value();
    EXPECT_TRUE(listed.client_holds(at.old_a));
    EXPECT_TRUE(listed.client_holds(at.old_lib));
    EXPECT_FALSE(listed.client_holds(at.new_a));
    EXPECT_FALSE(listed.client_holds(at.doc));
}

TEST(ObjectWalk, passes_over_haves_that_are_not_there) {
    TwoCommits at;
    const ObjectId unknown = *ObjectId::from_hex(std::string(40, '7'));
    EXPECT_EQ(list(at.objects, {{at.second}, {unknown, at.second}, {}, {}}),
              std::vector<ObjectId>{});
}

TEST(ObjectWalk, reports_what_is_missing_as_corrupt) {
    TwoCommits at;
    at.objects.remove(at.docs);
    CommitGraph graph(at.objects);
    EXPECT_EQ(list_objects(graph, {{at.second}, {}, {}, {}}).error().code, ErrorCode::corrupt);
}

TEST(ObjectWalk, asks_for_data_that_a_host_can_fetch) {
    TwoCommits at;
    at.objects.remove(at.docs);
    at.objects.missing_code = ErrorCode::needs_data;
    CommitGraph graph(at.objects);
    EXPECT_EQ(list_objects(graph, {{at.second}, {}, {}, {}}).error().code, ErrorCode::needs_data);
}

TEST(ObjectWalk, stops_at_shallow_cuts) {
    TwoCommits at;
    std::vector<ObjectId> all = list(at.objects, {{at.second}, {}, {}, {}}, {at.second});
    EXPECT_EQ(sorted(all),
              sorted({at.second, at.new_root, at.readme, at.docs, at.doc, at.new_lib, at.new_a}));
}

TEST(ObjectWalk, that_deepens_sends_only_what_is_new) {
    TwoCommits at;
    // The client has `second` without its parents, and gets them now.
    ObjectWalkRequest request{{at.second, at.first}, {at.second}, {at.second}, {}};
    EXPECT_EQ(list(at.objects, request, {at.second}),
              (std::vector<ObjectId>{at.first, at.old_root, at.old_lib, at.old_a}));
}

TEST(ObjectWalk, leaves_out_what_filters_leave_out) {
    TwoCommits at;
    auto expect = [&](std::string_view filter, std::vector<ObjectId> expected) {
        EXPECT_EQ(sorted(list_filtered(at.objects, {at.tag}, filter)), sorted(std::move(expected)))
            << filter;
    };
    expect("blob:none", {at.tag, at.second, at.first, at.new_root, at.new_lib, at.old_root, at.docs,
                         at.old_lib});
    expect("blob:limit=9", {at.tag, at.second, at.first, at.new_root, at.new_lib, at.old_root,
                            at.docs, at.old_lib, at.readme, at.old_a});
    expect("tree:0", {at.tag, at.second, at.first});
    expect("tree:1", {at.tag, at.second, at.first, at.new_root, at.old_root});
    expect("tree:2", {at.tag, at.second, at.first, at.new_root, at.old_root, at.readme, at.docs,
                      at.new_lib, at.old_lib});
    expect("object:type=commit", {at.tag, at.second, at.first});
    expect("object:type=tree",
           {at.tag, at.second, at.new_root, at.new_lib, at.old_root, at.docs, at.old_lib});
    expect("object:type=blob", {at.tag, at.second, at.readme, at.doc, at.old_a, at.new_a});
    expect("object:type=tag", {at.tag, at.second});
    expect("combine:tree:2+blob:none", {at.tag, at.second, at.first, at.new_root, at.old_root,
                                        at.docs, at.new_lib, at.old_lib});
}

TEST(ObjectWalk, sends_what_is_wanted_by_id_whatever_the_filter) {
    TwoCommits at;
    EXPECT_EQ(list_filtered(at.objects, {at.doc, at.old_a}, "blob:none"),
              (std::vector<ObjectId>{at.doc, at.old_a}));
    EXPECT_EQ(list_filtered(at.objects, {at.docs}, "tree:0"), (std::vector<ObjectId>{at.docs}));
    EXPECT_EQ(sorted(list_filtered(at.objects, {at.new_root}, "tree:1")),
              sorted({at.new_root, at.readme, at.docs, at.new_lib}));
    EXPECT_EQ(list_filtered(at.objects, {at.second}, "object:type=blob").front(), at.second);
}

TEST(ObjectWalk, looks_into_a_tree_again_where_it_lies_less_deep) {
    MemoryObjects objects;
    ObjectId blob = objects.blob("x");
    ObjectId shared = objects.tree({{kModeBlob, "x", blob}});
    ObjectId deep = objects.tree({{kModeTree, "shared", shared}});
    ObjectId root = objects.tree({{kModeTree, "a", deep}, {kModeTree, "b", shared}});
    ObjectId commit = objects.commit(root, {}, 1);
    EXPECT_EQ(sorted(list_filtered(objects, {commit}, "tree:3")),
              sorted({commit, root, deep, shared, blob}));
}

TEST(ObjectWalk, keeps_the_paths_of_a_sparse_filter) {
    TwoCommits at;
    ObjectWalkRequest request;
    request.wants = {at.second};
    request.filter = ObjectFilter::parse("sparse:oid=x").value();
    request.filter.rules()[0].patterns = std::make_shared<SparsePatterns>(
        SparsePatterns::parse(as_bytes("/docs/\n!*.bin\n/REA*\n")).value());
    EXPECT_EQ(sorted(list(at.objects, request)),
              sorted({at.second, at.first, at.new_root, at.old_root, at.docs, at.new_lib,
                      at.old_lib, at.doc, at.readme}));
}

TEST(ObjectWalk, goes_down_trees_thousands_deep_and_no_further) {
    MemoryObjects objects;
    ObjectId tree = objects.tree({});
    for (std::size_t i = 1; i < kTreeDepthMax; ++i) tree = objects.tree({{kModeTree, "d", tree}});
    EXPECT_EQ(list(objects, {{objects.commit(tree, {}, 1)}, {}, {}, {}}).size(), kTreeDepthMax + 1);
    ObjectId deeper = objects.tree({{kModeTree, "d", tree}});
    CommitGraph graph(objects);
    EXPECT_EQ(list_objects(graph, {{objects.commit(deeper, {}, 1)}, {}, {}, {}}).error().code,
              ErrorCode::limit_exceeded);
}

TEST(ObjectWalk, follows_tags_of_tags_up_to_a_limit) {
    MemoryObjects objects;
    ObjectId id = objects.blob("x");
    ObjectType type = ObjectType::blob;
    for (std::size_t i = 0; i < kTagDepthMax; ++i) {
        id = objects.tag(id, type, "t" + std::to_string(i));
        type = ObjectType::tag;
    }
    EXPECT_EQ(list(objects, {{id}, {}, {}, {}}).size(), kTagDepthMax + 1);
    CommitGraph graph(objects);
    EXPECT_EQ(list_objects(graph, {{objects.tag(id, type, "last")}, {}, {}, {}}).error().code,
              ErrorCode::limit_exceeded);
}

TEST(ObjectWalk, agrees_with_a_naive_walk_on_random_histories) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        support::SeededRandom random(seed);
        MemoryObjects objects;
        std::vector<ObjectId> commits = random_history(objects, random);
        auto pick = [&]() { return commits[below(random, commits.size())]; };
        ObjectWalkRequest request;
        for (std::size_t i = 1 + below(random, 3); i > 0; --i) request.wants.push_back(pick());
        for (std::size_t i = below(random, 4); i > 0; --i) request.haves.push_back(pick());
        const std::set<ObjectId> wanted = closure(objects, request.wants);
        const std::set<ObjectId> held = closure(objects, request.haves);
        const std::vector<ObjectId> listed = list(objects, request);
        const std::set<ObjectId> unique(listed.begin(), listed.end());
        ASSERT_EQ(unique.size(), listed.size()) << "listed twice, seed " << seed;
        for (const ObjectId& id : wanted) {
            ASSERT_TRUE(unique.contains(id) || held.contains(id)) << "left out, seed " << seed;
        }
        for (const ObjectId& id : listed) {
            ASSERT_TRUE(wanted.contains(id)) << "not wanted, seed " << seed;
            const bool is_commit = objects.info(id)->type == ObjectType::commit;
            ASSERT_FALSE(is_commit && held.contains(id)) << "a commit again, seed " << seed;
        }
        if (request.haves.empty()) {
            ASSERT_EQ(unique, wanted) << seed;
        }
    }
}

}  // namespace
}  // namespace ashlar::git
