// What the receiver refuses because of what objects say, as git fsck would.
#include "git/pack/pack_receiver.h"

#include "pack_helpers.h"

namespace ashlar::git {
namespace {

TEST(PackReceiver, refuses_objects_that_break_a_rule_also_as_deltas) {
    PackBuilder whole;
    whole.add(ObjectType::commit, "tree nonsense\n\n");
    EXPECT_NE(refusal(whole.build()).find("badTreeSha1"), std::string::npos);
    PackBuilder pack;
    std::string commit =
        "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n"
        "author A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nm\n";
    std::uint64_t base = pack.add(ObjectType::commit, commit);
    auto size = static_cast<std::uint32_t>(commit.size());
    Bytes delta = DeltaBuilder(size, size - 5).copy(5, size - 5).bytes();
    pack.add_offset_delta(base, delta);
    EXPECT_NE(refusal(pack.build()).find("missingTree"), std::string::npos);
}

TEST(PackReceiver, refuses_an_object_that_is_named_as_another_type) {
    PackBuilder pack;
    pack.add(ObjectType::blob, "a blob");
    ObjectId blob = *object_id_of(ObjectType::blob, as_bytes("a blob"));
    pack.add(ObjectType::commit,
             "tree " + blob.hex() + "\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\n");
    EXPECT_EQ(refusal(pack.build()),
              "invalid: object " + blob.hex() + " is a blob, and is named as a tree");
}

Bytes tree_of(std::string_view name, const ObjectId& id) {
    Bytes tree = to_bytes("100644 ");
    append(tree, name);
    tree.push_back(0);
    append(tree, id.view());
    return tree;
}

TEST(PackReceiver, checks_the_blobs_that_trees_call_gitmodules) {
    std::string bad = "[submodule \"x\"]\n\tpath = x\n\turl = --upload-pack=touch /tmp/x\n";
    std::string good = "[submodule \"x\"]\n\tpath = x\n\turl = https://example.com/x.git\n";
    for (const std::string& text : {good, bad}) {
        PackBuilder pack;
        pack.add(ObjectType::blob, text);
        ObjectId id = *object_id_of(ObjectType::blob, as_bytes(text));
        pack.add(ObjectType::tree, tree_of(".GitModules", id));
        bool refused = refusal(pack.build()).find("gitmodulesUrl") != std::string::npos;
        EXPECT_EQ(refused, text == bad) << refusal(pack.build());
    }
}

}  // namespace
}  // namespace ashlar::git
