#include "git/walk/reachability.h"

#include <gtest/gtest.h>

#include "git/walk/connectivity.h"
#include "support/memory_objects.h"

namespace ashlar::git {
namespace {

// main: first <- second; lost: first <- third, which no ref names.
struct Repository {
    MemoryObjects objects;
    MemoryRefs refs;
    ObjectId kept_blob = objects.blob("kept");
    ObjectId lost_blob = objects.blob("lost");
    ObjectId kept_folder = objects.tree({{kModeBlob, "kept", kept_blob}});
    ObjectId kept_tree = objects.tree({{kModeTree, "folder", kept_folder}});
    ObjectId lost_tree = objects.tree({{kModeBlob, "lost", lost_blob}});
    ObjectId first = objects.commit(kept_tree, {}, 100, "first");
    ObjectId second = objects.commit(kept_tree, {first}, 200, "second");
    ObjectId third = objects.commit(lost_tree, {first}, 300, "third");
    ObjectId tag = objects.tag(second, ObjectType::commit, "v1");
    ObjectId lost_tag = objects.tag(second, ObjectType::commit, "v2");

    Repository() { refs.set("refs/tags/v1", tag, second); }
};

TEST(Reachability, finds_what_the_tips_reach_and_nothing_else) {
    Repository at;
    const std::vector<ObjectId> ids = {at.first,       at.lost_blob, at.kept_blob,
                                       at.third,       at.second,    at.lost_tree,
                                       at.kept_folder, at.tag,       at.lost_tag};
    EXPECT_EQ(*unreachable_from(at.objects, ids, {at.tag}),
              (std::vector<ObjectId>{at.lost_blob, at.third, at.lost_tree, at.lost_tag}));
    EXPECT_EQ(*unreachable_from(at.objects, {at.kept_blob}, {}),
              std::vector<ObjectId>{at.kept_blob});
}

TEST(Reachability, of_commits_reads_no_trees) {
    Repository at;
    at.objects.read_count = 0;
    EXPECT_TRUE(unreachable_from(at.objects, {at.first}, {at.second})->empty());
    EXPECT_EQ(at.objects.read_count, 2U);
}

TEST(Reachability, of_tips_that_are_no_commits) {
    Repository at;
    EXPECT_TRUE(unreachable_from(at.objects, {at.kept_blob}, {at.kept_blob})->empty());
    EXPECT_TRUE(unreachable_from(at.objects, {at.kept_blob}, {at.kept_tree})->empty());
}

TEST(Reachability, asks_whether_every_want_leads_to_something_common) {
    MemoryObjects objects;
    const ObjectId tree = objects.tree({});
    const ObjectId base = objects.commit(tree, {}, 10, "base");
    const ObjectId left = objects.commit(tree, {base}, 20, "left");
    const ObjectId right = objects.commit(tree, {}, 20, "right");
    const ObjectId merge = objects.commit(tree, {right, left}, 30, "merge");
    CommitGraph graph(objects);
    auto index = [&](const ObjectId& id) { return graph.index_of(id).value(); };
    EXPECT_TRUE(*all_reach_some(graph, {index(left), index(merge)}, {index(base)}));
    EXPECT_FALSE(*all_reach_some(graph, {index(merge), index(right)}, {index(base)}));
    EXPECT_TRUE(*all_reach_some(graph, {index(merge), index(right)}, {index(base), index(right)}));
    EXPECT_FALSE(*all_reach_some(graph, {index(base)}, {}));
}

ConnectivityRequest push_of(std::vector<ObjectId> tips, std::vector<ObjectReference> boundary) {
    ConnectivityRequest request;
    request.tips = std::move(tips);
    request.boundary = std::move(boundary);
    request.is_in_pack = [](const ObjectId&) { return false; };
    return request;
}

TEST(Connectivity, holds_where_everything_was_reachable) {
    Repository at;
    EXPECT_TRUE(check_connected(at.objects, at.refs,
                                push_of({at.first}, {{at.kept_tree, ObjectType::tree},
                                                     {at.kept_blob, ObjectType::blob},
                                                     {at.second, ObjectType::commit}})));
}

TEST(Connectivity, fails_where_an_object_is_missing_or_of_another_type) {
    Repository at;
    const ObjectId unknown = *ObjectId::from_hex(std::string(40, '5'));
    auto check = [&](const ConnectivityRequest& request) {
        return check_connected(at.objects, at.refs, request).error();
    };
    EXPECT_EQ(check(push_of({unknown}, {})).detail, "missing object " + unknown.hex());
    EXPECT_EQ(check(push_of({at.first}, {{unknown, ObjectType::tree}})).detail,
              "missing tree " + unknown.hex());
    EXPECT_EQ(check(push_of({at.first}, {{at.kept_blob, ObjectType::tree}})).detail,
              "object " + at.kept_blob.hex() + " is a blob, not a tree");
}

TEST(Connectivity, does_not_revive_what_became_unreachable) {
    Repository at;
    for (ConnectivityRequest request :
         {push_of({at.third}, {}), push_of({}, {{at.lost_blob, ObjectType::blob}})}) {
        EXPECT_FALSE(check_connected(at.objects, at.refs, request));
        request.unreachable = Unreachable::none;
        EXPECT_TRUE(check_connected(at.objects, at.refs, request));
    }
}

TEST(Connectivity, of_what_is_in_the_pack_needs_nothing_else) {
    Repository at;
    const ObjectId unknown = *ObjectId::from_hex(std::string(40, '5'));
    ConnectivityRequest request = push_of({unknown}, {});
    request.is_in_pack = [&](const ObjectId& id) { return id == unknown; };
    EXPECT_TRUE(check_connected(at.objects, at.refs, request));
}

}  // namespace
}  // namespace ashlar::git
