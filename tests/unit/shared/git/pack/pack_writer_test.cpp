#include "git/pack/pack_writer.h"

#include <algorithm>

#include "pack_helpers.h"

namespace ashlar::git {
namespace {

std::vector<ObjectId> sorted(std::vector<ObjectId> ids) {
    std::sort(ids.begin(), ids.end());
    return ids;
}

Expected<Bytes> write(std::shared_ptr<const PackCatalog> catalog, const std::vector<ObjectId>& ids,
                      PackWriterOptions options = {}) {
    ASHLAR_TRY(auto writer, PackWriter::create(std::move(catalog), ids, std::move(options)));
    return drain(*writer);
}

std::shared_ptr<const PackCatalog> golden_catalog() {
    return catalog_of({receive(test::read_golden("git/offset_deltas.hex"))->pack});
}

TEST(PackWriter, writes_all_objects_of_a_pack_as_they_are) {
    auto catalog = golden_catalog();
    EXPECT_EQ(*write(catalog, ids_of(*catalog)), test::read_golden("git/offset_deltas.hex"));
}

TEST(PackWriter, writes_bases_before_deltas_whatever_the_order) {
    auto catalog = golden_catalog();
    std::vector<ObjectId> ids = ids_of(*catalog);
    std::reverse(ids.begin(), ids.end());
    auto pack = write(catalog, ids);
    ASSERT_TRUE(pack);
    auto received = receive(*pack);
    ASSERT_TRUE(received) << received.error().message();
    EXPECT_EQ(sorted(ids_of(*catalog_of({received->pack}))), sorted(ids));
}

TEST(PackWriter, names_bases_by_id_for_a_reader_without_offset_deltas) {
    auto catalog = golden_catalog();
    PackWriterOptions options;
    options.offset_deltas = false;
    EXPECT_EQ(*write(catalog, ids_of(*catalog), options),
              test::read_golden("git/reference_deltas.hex"));
}

TEST(PackWriter, makes_an_object_whole_whose_base_stays_behind) {
    auto catalog = golden_catalog();
    auto pack = write(catalog, {id_of(kNumbers125)});
    ASSERT_TRUE(pack);
    auto received = receive(*pack);
    ASSERT_TRUE(received) << received.error().message();
    PackedObjects objects(catalog_of({received->pack}));
    EXPECT_EQ(as_text((*objects.read(id_of(kNumbers125), 10000))->content), numbers_to(125));
}

TEST(PackWriter, leaves_out_a_base_that_the_reader_has) {
    auto catalog = golden_catalog();
    PackWriterOptions options;
    options.reader_has = [](const ObjectId& id) { return id == id_of(kNumbers130); };
    auto pack = write(catalog, {id_of(kNumbers125)}, options);
    ASSERT_TRUE(pack);
    EXPECT_LT(pack->size(), 80U);
    PackedObjects reader(catalog);
    ReceiveOptions receive_options;
    receive_options.thin_bases = &reader;
    EXPECT_EQ(refusal(*pack, receive_options), "");
}

TEST(PackWriter, writes_an_empty_pack_as_git_does) {
    EXPECT_EQ(*write(golden_catalog(), {}), test::read_golden("git/empty.hex"));
}

TEST(PackWriter, refuses_objects_that_are_missing_or_named_twice) {
    auto missing = write(golden_catalog(), {ObjectId{}});
    EXPECT_EQ(missing.error().code, ErrorCode::not_found);
    auto twice = write(golden_catalog(), {id_of(kTag), id_of(kTag)});
    EXPECT_EQ(twice.error().code, ErrorCode::invalid);
}

// One object is whole in one pack and a delta in the other, both ways round.
TEST(PackWriter, finds_its_way_between_packs_that_share_objects) {
    std::string first = "first content";
    std::string second = "first content, and more";
    PackBuilder left;
    left.add_offset_delta(left.add(ObjectType::blob, first),
                          DeltaBuilder(13, 23).copy(0, 13).insert(", and more").bytes());
    PackBuilder right;
    right.add_offset_delta(right.add(ObjectType::blob, second),
                           DeltaBuilder(23, 13).copy(0, 13).bytes());
    auto one = receive(left.build());
    auto other = receive(right.build());
    ASSERT_TRUE(one && other);
    std::vector<ObjectId> ids = {*object_id_of(ObjectType::blob, as_bytes(second)),
                                 *object_id_of(ObjectType::blob, as_bytes(first))};
    for (bool swapped : {false, true}) {
        auto catalog =
            swapped ? catalog_of({other->pack, one->pack}) : catalog_of({one->pack, other->pack});
        auto pack = write(catalog, ids);
        ASSERT_TRUE(pack) << pack.error().message();
        EXPECT_EQ(refusal(*pack), "");
    }
}

TEST(PackConcatenation, is_one_pack_of_all_objects) {
    PackBuilder more;
    more.add(ObjectType::blob, "something else");
    auto first = receive(test::read_golden("git/offset_deltas.hex"));
    auto second = receive(more.build());
    ASSERT_TRUE(first && second);
    auto catalog = catalog_of({first->pack, second->pack});
    EXPECT_TRUE(*packs_are_disjoint(*catalog, {0, 1}));
    PackConcatenation fresh({first->pack, second->pack});
    auto pack = drain(fresh);
    ASSERT_TRUE(pack);
    EXPECT_EQ(pack->size(), fresh.size());
    auto received = receive(*pack);
    ASSERT_TRUE(received) << received.error().message();
    EXPECT_EQ(received->summary.object_count, 15U);
    // With the trailer that is known now, the same bytes come in one range a pack.
    PackConcatenation again({first->pack, second->pack}, fresh.trailer());
    EXPECT_EQ(*drain(again), *pack);
}

TEST(PackConcatenation, is_not_for_packs_that_share_an_object) {
    auto first = receive(test::read_golden("git/offset_deltas.hex"));
    auto second = receive(test::read_golden("git/up_to_tag.hex"));
    auto catalog = catalog_of({first->pack, second->pack});
    EXPECT_FALSE(*packs_are_disjoint(*catalog, {0, 1}));
    EXPECT_FALSE(*packs_are_disjoint(*catalog, {0, 0}));
}

// A body that now and then lacks data, as a replica's does.
class Forgetful : public RandomAccess {
  public:
    explicit Forgetful(std::shared_ptr<const RandomAccess> body) : body_(std::move(body)) {}
    std::uint64_t size() const override { return body_->size(); }
    Expected<void> read(std::uint64_t offset, std::span<Byte> into) const override {
        lacks_ = !lacks_;
        if (lacks_) return fail(ErrorCode::needs_data, "an extent");
        return body_->read(offset, into);
    }

  private:
    std::shared_ptr<const RandomAccess> body_;
    mutable bool lacks_ = false;
};

TEST(PackWriter, goes_on_where_it_was_when_data_was_missing) {
    auto received = receive(test::read_golden("git/offset_deltas.hex"));
    auto pack = std::make_shared<StoredPack>(*received->pack);
    pack->body = std::make_shared<Forgetful>(pack->body);
    auto catalog = catalog_of({pack});
    auto writer = PackWriter::create(catalog, ids_of(*catalog));
    ASSERT_TRUE(writer);
    Bytes all;
    int needs = 0;
    while (true) {
        auto chunk = (*writer)->next();
        if (!chunk) {
            ASSERT_EQ(chunk.error().code, ErrorCode::needs_data);
            ++needs;
            continue;
        }
        if (!*chunk) break;
        append(all, ByteView(std::get<Bytes>(**chunk)));
    }
    EXPECT_GT(needs, 10);
    EXPECT_EQ(all, test::read_golden("git/offset_deltas.hex"));
}

}  // namespace
}  // namespace ashlar::git
