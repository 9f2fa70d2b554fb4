#include "git/pack/pack_selection.h"

#include "pack_helpers.h"
#include "support/seeded_random.h"

namespace ashlar::git {
namespace {

constexpr std::size_t kLarge = 200'000;

Bytes delta_that_appends(const Bytes& base, std::string_view text) {
    DeltaBuilder delta(base.size(), base.size() + text.size());
    constexpr std::uint32_t kCopyMax = 0x10000 - 1;
    for (std::uint32_t at = 0; at < base.size(); at += kCopyMax) {
        delta.copy(at, std::min(kCopyMax, static_cast<std::uint32_t>(base.size()) - at));
    }
    return delta.insert(text).bytes();
}

// A large base, a large blob that can be left out, another, and deltas upon the base.
struct LargePack {
    explicit LargePack(std::uint64_t seed) {
        support::SeededRandom random(seed);
        base = random.bytes(kLarge);
        PackBuilder builder;
        const std::uint64_t base_at = builder.add(ObjectType::blob, base);
        builder.add(ObjectType::blob, random.bytes(kLarge));
        builder.add(ObjectType::blob, random.bytes(kLarge));
        builder.add_offset_delta(base_at, delta_that_appends(base, "one"));
        builder.add_offset_delta(base_at, delta_that_appends(base, "two"));
        pack = builder.build();
        catalog = catalog_of({receive(pack)->pack});
    }
    Bytes base;
    Bytes pack;
    std::shared_ptr<const PackCatalog> catalog;
};

std::vector<ObjectId> sorted_ids(const PackCatalog& catalog) {
    std::vector<ObjectId> ids = ids_of(catalog);
    std::sort(ids.begin(), ids.end());
    return ids;
}

std::shared_ptr<const PackCatalog> received_of(const std::shared_ptr<const PackCatalog>& catalog,
                                               const PackSelection& selection) {
    auto stream = SelectedPack::create(catalog, selection);
    EXPECT_TRUE(stream) << stream.error().message();
    auto pack = drain(**stream);
    EXPECT_TRUE(pack) << pack.error().message();
    auto received = receive(*pack);
    EXPECT_TRUE(received) << received.error().message();
    return catalog_of({received->pack});
}

TEST(SelectedPack, of_everything_is_the_pack_as_it_is_stored) {
    LargePack at(1);
    auto stream = SelectedPack::create(at.catalog, *select_all(*at.catalog)).value();
    EXPECT_EQ(stream->object_count(), 5u);
    EXPECT_EQ(*drain(*stream), at.pack);
}

TEST(SelectedPack, moves_deltas_closer_to_their_base_where_something_is_left_out) {
    LargePack at(2);
    PackSelection selection = *select_all(*at.catalog);
    selection.packs[0].clear(1);
    const auto received = received_of(at.catalog, selection);
    EXPECT_EQ(ids_of(*received), ids_of(*at.catalog, selection).value());
    PackedObjects objects(received);
    const ObjectId last = ids_of(*received).back();
    Bytes expected = at.base;
    append(expected, "two");
    EXPECT_EQ((*objects.read(last, 1 << 20))->content, expected);
    EXPECT_EQ(received->index(0).entry_at(*received->index(0).find(last).value())->depth, 1u);
}

TEST(SelectedPack, sends_long_stretches_as_ranges) {
    LargePack at(3);
    PackSelection selection = *select_all(*at.catalog);
    selection.packs[0].clear(4);
    auto stream = SelectedPack::create(at.catalog, selection).value();
    std::uint64_t in_ranges = 0;
    while (auto chunk = stream->next().value()) {
        if (const StoredRange* range = std::get_if<StoredRange>(&*chunk)) {
            in_ranges += range->length;
        }
    }
    EXPECT_GT(in_ranges, 3 * kLarge);
}

TEST(SelectedPack, makes_deltas_whole_whose_base_is_left_out) {
    LargePack at(4);
    PackSelection selection = *select_all(*at.catalog);
    selection.packs[0].clear(0);
    const auto received = received_of(at.catalog, selection);
    EXPECT_EQ(ids_of(*received), ids_of(*at.catalog, selection).value());
}

TEST(SelectedPack, finds_the_base_in_an_earlier_pack_that_has_it_too) {
    LargePack at(5);
    PackBuilder first;
    first.add(ObjectType::blob, at.base);
    first.add(ObjectType::blob, "small");
    const auto catalog = catalog_of({receive(first.build())->pack, receive(at.pack)->pack});
    const std::vector<SurplusCopy> copies = surplus_copies(*catalog).value();
    ASSERT_EQ(copies.size(), 1u);
    EXPECT_EQ(copies[0].first.pack, 0u);
    EXPECT_EQ(copies[0].copy.pack, 1u);
    const PackSelection selection = *select_all(*catalog);
    EXPECT_EQ(selection.count(), 6u);
    const auto received = received_of(catalog, selection);
    std::vector<ObjectId> expected = ids_of(*catalog, selection).value();
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(sorted_ids(*received), expected);
    // Both deltas are deltas still.
    EXPECT_LT(received->pack(0).body->size(), 3 * kLarge + 20'000);
}

TEST(SurplusCopies, of_an_object_in_three_packs_lead_to_the_first) {
    PackBuilder builder;
    builder.add(ObjectType::blob, "same");
    builder.add(ObjectType::blob, "first");
    PackBuilder other;
    other.add(ObjectType::blob, "same");
    other.add(ObjectType::blob, "second");
    PackBuilder third;
    third.add(ObjectType::blob, "same");
    const auto catalog = catalog_of({receive(builder.build())->pack, receive(other.build())->pack,
                                     receive(third.build())->pack});
    const auto copies = surplus_copies(*catalog).value();
    ASSERT_EQ(copies.size(), 2u);
    EXPECT_EQ(copies[0].first, copies[1].first);
    EXPECT_EQ(copies[0].first.pack, 0u);
    EXPECT_EQ(select_all(*catalog)->count(), 3u);
}

// Anybody may push a pack of what is there already: a clone must not take memory with the square of
// their number.
TEST(SurplusCopies, take_memory_for_each_copy_and_not_for_each_pair_of_packs) {
    constexpr std::size_t kPacks = 12;
    constexpr std::size_t kObjects = 40;
    std::vector<std::shared_ptr<const StoredPack>> packs;
    for (std::size_t number = 0; number < kPacks; ++number) {
        PackBuilder builder;
        for (std::size_t i = 0; i < kObjects; ++i) {
            builder.add(ObjectType::blob, "same " + std::to_string(i));
        }
        builder.add(ObjectType::blob, "of pack " + std::to_string(number));
        packs.push_back(receive(builder.build())->pack);
    }
    const auto copies = surplus_copies(*catalog_of(packs)).value();
    ASSERT_EQ(copies.size(), (kPacks - 1) * kObjects);
    for (const SurplusCopy& copy : copies) EXPECT_EQ(copy.first.pack, 0u);
    // What was held while they were found.
    EXPECT_LE(copies.capacity(), 2 * copies.size());
}

}  // namespace
}  // namespace ashlar::git
