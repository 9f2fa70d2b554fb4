#include "git/pack/pack_receiver.h"

#include "pack_helpers.h"

namespace ashlar::git {
namespace {

struct VerifiedRow {
    std::string_view id;
    ObjectType type;
    std::uint64_t length;
    std::uint64_t offset;
    std::uint32_t crc32;
    unsigned depth;
    std::string_view base;
};

// What git verify-pack -v and git show-index say of offset_deltas.hex.
constexpr VerifiedRow kRows[] = {
    {"b75815571f233f9966372a0135e2814506ca2f97", ObjectType::commit, 169, 12, 0x1499a706, 0, ""},
    {"8277bde1ecdce0f9ae64ad54f6121aef184264b7", ObjectType::commit, 157, 181, 0x4d15f105, 0, ""},
    {"29522f8123c244e2aaefdb1fc8102a0c7ba0fe9d", ObjectType::tag, 127, 338, 0x580fbe09, 0, ""},
    {"dfde58cc97609c76f68891557a53a46c3fde6f7d", ObjectType::commit, 126, 465, 0x4ef81dbf, 0, ""},
    {"c971d04a4ba2893bdffcc506c37f47e94b0cf5d2", ObjectType::tree, 145, 591, 0x0f985022, 0, ""},
    {"aaa96ced2d9a1c8e72c56b253a0e2fe78393feb7", ObjectType::tree, 48, 736, 0x3fc029f5, 0, ""},
    {"0dbaa7ff98e2c9a7f9dd4e0b6c92cff6416a3947", ObjectType::tree, 145, 784, 0x155ab40c, 0, ""},
    {"547f6687d329f2ca2b1b5b8dfe9097c32d8981ec", ObjectType::tree, 82, 929, 0x84b59862, 0, ""},
    {"ce013625030ba8dba906f756967f9e9ca394464a", ObjectType::blob, 15, 1011, 0x52941500, 0, ""},
    {"719b620aaf9e982ea4e2a8269996d1b2d72131ce", ObjectType::blob, 13, 1026, 0x418c5d00, 0, ""},
    {kNumbers130, ObjectType::blob, 209, 1039, 0xfadf885b, 0, ""},
    {kNumbers125, ObjectType::blob, 18, 1248, 0x747c0112, 1, kNumbers130},
    {kNumbers120, ObjectType::blob, 18, 1266, 0xc6994f06, 1, kNumbers130},
    {"f5bdd214e01603ecd6c83be9f66d88579c588ec6", ObjectType::blob, 13, 1284, 0xc191e4d6, 0, ""},
};

void expect_rows(const StoredPack& pack) {
    auto index = PackIndex::open(pack.index);
    ASSERT_TRUE(index);
    EXPECT_TRUE(index->validate());
    EXPECT_EQ(index->object_count(), std::size(kRows));
    for (const VerifiedRow& row : kRows) {
        auto position = index->find(id_of(row.id));
        ASSERT_TRUE(position && *position) << row.id;
        PackIndexEntry entry = *index->entry_at(**position);
        EXPECT_EQ(entry.type, row.type) << row.id;
        EXPECT_EQ(entry.length, row.length) << row.id;
        EXPECT_EQ(entry.offset, row.offset) << row.id;
        EXPECT_EQ(entry.crc32, row.crc32) << row.id;
        EXPECT_EQ(entry.depth, row.depth) << row.id;
        if (row.base.empty()) {
            EXPECT_EQ(entry.base, kNoBase);
        } else {
            EXPECT_EQ(*index->id_at(entry.base), id_of(row.base));
        }
    }
}

class ReversedRunner : public TaskRunner {
  public:
    std::size_t width() const override { return 3; }
    void run(std::size_t count, const std::function<void(std::size_t)>& task) override {
        for (std::size_t i = count; i-- > 0;) task(i);
    }
};

TEST(PackReceiver, indexes_a_pack_as_git_does) {
    auto received = receive(test::read_golden("git/offset_deltas.hex"));
    ASSERT_TRUE(received) << received.error().message();
    expect_rows(*received->pack);
    EXPECT_EQ(received->summary.counts[1], 3U);
    EXPECT_EQ(received->summary.counts[2], 4U);
    EXPECT_EQ(received->summary.counts[3], 6U);
    EXPECT_EQ(received->summary.counts[4], 1U);
    EXPECT_TRUE(received->summary.boundary.empty());
    EXPECT_EQ(received->summary.warning_count, 0U);
}

TEST(PackReceiver, gives_the_same_for_pieces_of_any_size) {
    Bytes pack = test::read_golden("git/offset_deltas.hex");
    for (std::size_t size : {1U, 2U, 3U, 7U, 19U, 20U, 64U, 1000U}) {
        ReceiveOptions options;
        options.chunk_size = size;
        auto received = receive(pack, options);
        ASSERT_TRUE(received) << size << ": " << received.error().message();
        expect_rows(*received->pack);
        Bytes stored(pack.size());
        ASSERT_TRUE(received->pack->body->read(0, stored));
        EXPECT_EQ(stored, pack);
    }
}

TEST(PackReceiver, gives_the_same_whatever_order_its_tasks_run_in) {
    ReversedRunner runner;
    ReceiveOptions options;
    options.runner = &runner;
    auto received = receive(test::read_golden("git/offset_deltas.hex"), options);
    ASSERT_TRUE(received) << received.error().message();
    expect_rows(*received->pack);
    EXPECT_TRUE(receive(test::read_golden("git/reference_deltas.hex"), options));
}

TEST(PackReceiver, resolves_deltas_that_name_their_base) {
    auto received = receive(test::read_golden("git/reference_deltas.hex"));
    ASSERT_TRUE(received) << received.error().message();
    PackedObjects objects(catalog_of({received->pack}));
    EXPECT_EQ(as_text((*objects.read(id_of(kNumbers120), 10000))->content), numbers_to(120));
    EXPECT_EQ(as_text((*objects.read(id_of(kNumbers125), 10000))->content), numbers_to(125));
}

TEST(PackReceiver, completes_a_thin_pack_and_tells_what_it_needs) {
    auto before = receive(test::read_golden("git/up_to_tag.hex"));
    ASSERT_TRUE(before);
    PackedObjects repository(catalog_of({before->pack}));
    ReceiveOptions options;
    options.thin_bases = &repository;
    auto received = receive(test::read_golden("git/thin.hex"), options);
    ASSERT_TRUE(received) << received.error().message();
    EXPECT_EQ(received->summary.object_count, 4U);
    EXPECT_EQ(received->summary.appended_count, 1U);
    PackedObjects alone(catalog_of({received->pack}));
    EXPECT_EQ(as_text((*alone.read(id_of(kNumbers130), 10000))->content), numbers_to(130));
    EXPECT_TRUE(*alone.contains(id_of(kNumbers125)));
    // The third commit's parent, and what its tree shares with the second's.
    std::vector<ObjectReference> expected = {
        {id_of("719b620aaf9e982ea4e2a8269996d1b2d72131ce"), ObjectType::blob},
        {id_of("8277bde1ecdce0f9ae64ad54f6121aef184264b7"), ObjectType::commit},
        {id_of("aaa96ced2d9a1c8e72c56b253a0e2fe78393feb7"), ObjectType::tree},
        {id_of("f5bdd214e01603ecd6c83be9f66d88579c588ec6"), ObjectType::blob},
    };
    EXPECT_EQ(received->summary.boundary, expected);
    // What was stored is a pack that stands alone: it can be received again.
    Bytes completed(static_cast<std::size_t>(received->summary.pack_size));
    ASSERT_TRUE(received->pack->body->read(0, completed));
    EXPECT_EQ(refusal(completed), "");
}

TEST(PackReceiver, refuses_a_thin_pack_whose_base_is_nowhere) {
    auto received = receive(test::read_golden("git/thin.hex"));
    ASSERT_FALSE(received);
    EXPECT_EQ(received.error().code, ErrorCode::not_found);
    EXPECT_NE(received.error().detail.find(kNumbers125), std::string::npos);
}

TEST(PackReceiver, takes_a_pack_of_no_objects) {
    auto received = receive(test::read_golden("git/empty.hex"));
    ASSERT_TRUE(received) << received.error().message();
    EXPECT_EQ(received->summary.object_count, 0U);
    EXPECT_TRUE(PackIndex::open(received->pack->index)->validate());
}

TEST(PackReceiver, knows_when_the_pack_is_complete) {
    MemoryPackStore store;
    auto staging = *store.stage();
    PackReceiver receiver(*staging, nullptr, {});
    Bytes pack = test::read_golden("git/offset_deltas.hex");
    ASSERT_TRUE(receiver.write(ByteView(pack).first(pack.size() - 1)));
    EXPECT_FALSE(receiver.complete());
    ASSERT_TRUE(receiver.write(ByteView(pack).last(1)));
    EXPECT_TRUE(receiver.complete());
}

TEST(PackReceiver, refuses_a_pack_cut_short_anywhere) {
    Bytes pack = test::read_golden("git/offset_deltas.hex");
    for (std::size_t size = 0; size < pack.size(); ++size) {
        auto received = receive(ByteView(pack).first(size));
        ASSERT_FALSE(received) << size;
        EXPECT_EQ(received.error().code, ErrorCode::invalid) << received.error().message();
    }
}

TEST(PackReceiver, refuses_a_pack_with_any_bit_flipped) {
    const Bytes good = test::read_golden("git/offset_deltas.hex");
    for (std::size_t at = 0; at < good.size(); ++at) {
        Bytes pack = good;
        pack[at] ^= static_cast<Byte>(1U << (at % 8));
        EXPECT_NE(refusal(pack), "") << at;
    }
}

TEST(PackReceiver, refuses_bytes_behind_the_pack) {
    Bytes pack = test::read_golden("git/offset_deltas.hex");
    pack.push_back(0);
    EXPECT_EQ(refusal(pack), "invalid: bytes behind the end of the pack");
    ReceiveOptions options;
    options.chunk_size = 1;
    EXPECT_EQ(refusal(pack, options), "invalid: bytes behind the end of the pack");
}

TEST(PackReceiver, refuses_a_wrong_count) {
    PackBuilder fewer;
    fewer.add(ObjectType::blob, "a");
    fewer.claim_count(2);
    EXPECT_NE(refusal(fewer.build()), "");
    PackBuilder more;
    more.add(ObjectType::blob, "a");
    more.add(ObjectType::blob, "b");
    more.claim_count(1);
    EXPECT_NE(refusal(more.build()), "");
}

TEST(PackReceiver, refuses_what_is_no_pack) {
    EXPECT_EQ(refusal(as_bytes("this is not a pack at all, is it?")), "invalid: not a pack");
    EXPECT_NE(refusal(Bytes(1 << 20)), "");
    PackBuilder unknown;
    unknown.add_bytes(Bytes{0x50, 0x00});
    EXPECT_EQ(refusal(unknown.build()),
              "invalid: the pack entry at 12: a pack entry of the unknown type 5");
}

TEST(PackReceiver, refuses_an_entry_of_another_size_than_it_says) {
    for (std::uint64_t claimed : {0U, 4U, 6U, 100U}) {
        PackBuilder pack;
        pack.add_entry({EntryKind::blob, claimed, 0, {}, 0}, as_bytes("hello"));
        EXPECT_NE(refusal(pack.build()), "") << claimed;
    }
}

TEST(PackReceiver, allocates_nothing_for_a_size_that_is_only_claimed) {
    PackBuilder terabyte;
    terabyte.add_entry({EntryKind::blob, std::uint64_t{1} << 40, 0, {}, 0}, as_bytes("x"));
    EXPECT_EQ(refusal(terabyte.build()),
              "limit_exceeded: a blob of 1099511627776 bytes, more than "
              "4294967296");
    PackBuilder tree;
    tree.add_entry({EntryKind::tree, std::uint64_t{100} << 20, 0, {}, 0}, as_bytes("x"));
    EXPECT_NE(refusal(tree.build()).find("fewer bytes than its header says"), std::string::npos);
}

TEST(PackReceiver, refuses_an_object_that_comes_twice) {
    PackBuilder pack;
    pack.add(ObjectType::blob, "same");
    pack.add(ObjectType::blob, "same");
    EXPECT_NE(refusal(pack.build()).find("twice"), std::string::npos);
}

TEST(PackReceiver, refuses_a_delta_that_makes_what_is_there_already) {
    PackBuilder pack;
    std::uint64_t base = pack.add(ObjectType::blob, "same");
    pack.add_offset_delta(base, DeltaBuilder(4, 4).copy(0, 4).bytes());
    EXPECT_NE(refusal(pack.build()).find("twice"), std::string::npos);
}

TEST(PackReceiver, refuses_deltas_upon_each_other) {
    // Each names as its base what the other would be.
    ObjectId first = *object_id_of(ObjectType::blob, as_bytes("first"));
    ObjectId second = *object_id_of(ObjectType::blob, as_bytes("second"));
    PackBuilder pack;
    pack.add_reference_delta(second, DeltaBuilder(6, 5).insert("first").bytes());
    pack.add_reference_delta(first, DeltaBuilder(5, 6).insert("second").bytes());
    EXPECT_NE(refusal(pack.build()).find("is missing"), std::string::npos);
}

TEST(PackReceiver, refuses_a_base_before_the_start_of_the_pack_or_between_entries) {
    for (std::uint64_t distance : {0U, 1U, 5U, 100U, 100000U}) {
        PackBuilder pack;
        pack.add(ObjectType::blob, "base");
        Bytes delta = DeltaBuilder(4, 1).insert("x").bytes();
        pack.add_entry({EntryKind::offset_delta, delta.size(), distance, {}, 0}, delta);
        EXPECT_NE(refusal(pack.build()).find("no object starts where its base should"),
                  std::string::npos)
            << distance;
    }
}

// A pack of a kilobyte that would inflate to a gigabyte in two steps.
TEST(PackReceiver, refuses_a_delta_bomb_before_it_allocates) {
    PackBuilder pack;
    std::string start(65536, 'x');
    std::uint64_t base = pack.add(ObjectType::blob, start);
    constexpr std::uint64_t kFirst = std::uint64_t{65536} * 256;
    DeltaBuilder first(65536, kFirst);
    for (int i = 0; i < 256; ++i) first.copy(0, 65536);
    std::uint64_t middle = pack.add_offset_delta(base, first.bytes());
    constexpr std::uint64_t kSecond = kFirst * 64;
    DeltaBuilder second(kFirst, kSecond);
    for (std::uint64_t i = 0; i < kSecond / 0xff0000; ++i) second.copy(0, 0xff0000);
    pack.add_offset_delta(middle, second.bytes());
    Bytes bytes = pack.build();
    EXPECT_LT(bytes.size(), 2000U);
    auto received = receive(bytes);
    ASSERT_FALSE(received);
    EXPECT_EQ(received.error().code, ErrorCode::limit_exceeded);
    EXPECT_NE(received.error().detail.find("a delta that makes an object of 1073741824 bytes"),
              std::string::npos)
        << received.error().detail;
}

TEST(PackReceiver, refuses_many_deltas_that_are_too_much_together) {
    PackBuilder pack;
    std::string start(65536, 'x');
    std::uint64_t base = pack.add(ObjectType::blob, start);
    for (char letter = 'a'; letter < 'z'; ++letter) {
        DeltaBuilder delta(65536, 65537);
        pack.add_offset_delta(base, delta.copy(0, 65536).insert(std::string(1, letter)).bytes());
    }
    ReceiveOptions options;
    options.limits.inflated_bytes_max = 65536 * 20;
    EXPECT_NE(refusal(pack.build(), options).find("bytes together"), std::string::npos);
    options.limits.inflated_bytes_max = 65536 * 30;
    EXPECT_EQ(refusal(pack.build(), options), "");
    options.limits.delta_work_bytes_max = 65536 * 10;
    EXPECT_NE(refusal(pack.build(), options).find("resolving the deltas takes more than"),
              std::string::npos);
}

// A chain of `length` deltas, each adding a letter; by distance, or by name.
Bytes chain_pack(std::size_t length, bool by_name) {
    PackBuilder pack;
    std::string content = "start";
    std::uint64_t base = pack.add(ObjectType::blob, content);
    for (std::size_t i = 0; i < length; ++i) {
        auto size = static_cast<std::uint32_t>(content.size());
        std::string letter(1, static_cast<char>('a' + i % 26));
        Bytes delta = DeltaBuilder(size, size + 1).copy(0, size).insert(letter).bytes();
        ObjectId base_id = *object_id_of(ObjectType::blob, as_bytes(content));
        base =
            by_name ? pack.add_reference_delta(base_id, delta) : pack.add_offset_delta(base, delta);
        content += letter;
    }
    return pack.build();
}

TEST(PackReceiver, rejects_a_delta_chain_over_the_limit) {
    ReceiveOptions options;
    options.limits.delta_depth_max = 100;
    for (bool by_name : {false, true}) {
        EXPECT_EQ(refusal(chain_pack(100, by_name), options), "");
        EXPECT_EQ(refusal(chain_pack(101, by_name), options),
                  "limit_exceeded: a delta chain is longer than 100");
    }
}

TEST(PackReceiver, resolves_a_chain_of_thousands_without_recursion) {
    EXPECT_EQ(refusal(chain_pack(4000, false)), "");
    EXPECT_EQ(refusal(chain_pack(4000, true)), "");
}

// A family with two long branches at each of several steps, resolved with hardly any memory: what
// was given up is made again, and comes out the same.
TEST(PackReceiver, makes_given_up_bases_again) {
    PackBuilder pack;
    std::string trunk(1000, 't');
    std::uint64_t trunk_at = pack.add(ObjectType::blob, trunk);
    for (int i = 0; i < 20; ++i) {
        std::uint64_t branch_at = trunk_at;
        std::string branch = trunk;
        for (int j = 0; j < 5; ++j) {
            auto size = static_cast<std::uint32_t>(branch.size());
            std::string addition = "b" + std::to_string(i) + "." + std::to_string(j);
            DeltaBuilder delta(size, size + addition.size());
            branch_at =
                pack.add_offset_delta(branch_at, delta.copy(0, size).insert(addition).bytes());
            branch += addition;
        }
        auto size = static_cast<std::uint32_t>(trunk.size());
        std::string addition = "t" + std::to_string(i);
        DeltaBuilder delta(size, size + addition.size());
        trunk_at = pack.add_offset_delta(trunk_at, delta.copy(0, size).insert(addition).bytes());
        trunk += addition;
    }
    Bytes bytes = pack.build();
    auto roomy = receive(bytes);
    ASSERT_TRUE(roomy);
    ReceiveOptions options;
    options.limits.delta_memory_max = 4000;
    auto tight = receive(bytes, options);
    ASSERT_TRUE(tight) << tight.error().message();
    EXPECT_EQ(tight->summary.index, roomy->summary.index);
    options.limits.delta_memory_max = 1500;
    EXPECT_NE(refusal(bytes, options).find("bytes of memory"), std::string::npos);
}

// With several workers each has a share of the memory; what needs more still gets it.
TEST(PackReceiver, gives_a_large_family_all_memory_when_its_share_is_too_little) {
    PackBuilder pack;
    std::string content(1000, 'x');
    std::uint64_t base = pack.add(ObjectType::blob, content);
    pack.add_offset_delta(base, DeltaBuilder(1000, 1001).copy(0, 1000).insert("y").bytes());
    ReversedRunner runner;
    ReceiveOptions options;
    options.runner = &runner;
    options.limits.delta_memory_max = 2100;
    EXPECT_EQ(refusal(pack.build(), options), "");
    options.limits.delta_memory_max = 1900;
    EXPECT_NE(refusal(pack.build(), options).find("bytes of memory"), std::string::npos);
}

TEST(PackReceiver, refuses_deltas_that_do_not_fit_their_base) {
    std::vector<Bytes> deltas = {
        DeltaBuilder(5, 1).insert("x").bytes(),          // for a base of another size
        DeltaBuilder(4, 2).insert("x").bytes(),          // gives less
        DeltaBuilder(4, 1).insert("xy").bytes(),         // gives more
        DeltaBuilder(4, 4).copy(1, 4).bytes(),           // copies from beyond the base
        DeltaBuilder(4, 4).copy(0xffffffff, 4).bytes(),  // far beyond
        Bytes{4, 1, 0},                                  // the reserved command
        Bytes{4, 1, 0x91},                               // ends within a copy
        Bytes{4, 5, 5, 'a', 'b'},                        // ends within literal bytes
        Bytes{4},                                        // no result size
        Bytes{},                                         // nothing at all
        Bytes(12, 0xff),                                 // sizes that never end
    };
    for (std::size_t i = 0; i < deltas.size(); ++i) {
        PackBuilder pack;
        std::uint64_t base = pack.add(ObjectType::blob, "base");
        pack.add_offset_delta(base, deltas[i]);
        auto received = receive(pack.build());
        ASSERT_FALSE(received) << i;
        EXPECT_EQ(received.error().code, ErrorCode::invalid) << i << received.error().message();
    }
}

TEST(PackReceiver, refuses_more_objects_or_bytes_than_allowed) {
    Bytes pack = test::read_golden("git/offset_deltas.hex");
    ReceiveOptions options;
    options.limits.object_count_max = 13;
    EXPECT_EQ(refusal(pack, options), "limit_exceeded: a pack of 14 objects, more than 13");
    options = {};
    options.limits.pack_bytes_max = pack.size() - 21;
    EXPECT_NE(refusal(pack, options).find("limit_exceeded: a pack of more than"),
              std::string::npos);
    options = {};
    options.limits.object_size_max = 411;
    EXPECT_NE(refusal(pack, options).find("a blob of 412 bytes, more than 411"), std::string::npos);
}

TEST(PackReceiver, streams_a_blob_that_is_not_held) {
    Bytes large(9 << 20);
    for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<Byte>(i * i >> 7);
    PackBuilder pack;
    pack.add(ObjectType::blob, large);
    ReceiveOptions options;
    options.chunk_size = 10000;
    options.limits.held_object_size_max = 1000;
    auto received = receive(pack.build(), options);
    ASSERT_TRUE(received) << received.error().message();
    EXPECT_TRUE(*catalog_of({received->pack})->contains(*object_id_of(ObjectType::blob, large)));
}

TEST(PackReceiver, stays_failed_once_it_failed) {
    MemoryPackStore store;
    auto staging = *store.stage();
    PackReceiver receiver(*staging, nullptr, {});
    EXPECT_FALSE(receiver.write(as_bytes("not a pack, certainly")));
    EXPECT_FALSE(receiver.write(test::read_golden("git/empty.hex")));
    EXPECT_FALSE(receiver.finish());
}

TEST(PackReceiver, shows_a_staged_pack_before_it_is_published) {
    MemoryPackStore store;
    auto staging = *store.stage();
    PackReceiver receiver(*staging, nullptr, {});
    ASSERT_TRUE(receiver.write(test::read_golden("git/offset_deltas.hex")));
    auto received = receiver.finish();
    ASSERT_TRUE(received);
    PackedObjects objects(catalog_of({view_staged_pack(*staging, *received)}));
    EXPECT_EQ((*objects.read(id_of(kNumbers125), 10000))->content, to_bytes(numbers_to(125)));
    EXPECT_TRUE(store.list()->empty());
}

}  // namespace
}  // namespace ashlar::git
