#include "git/pack/pack_index.h"

#include "base/memory_bytes.h"
#include "pack_helpers.h"

namespace ashlar::git {
namespace {

Bytes golden_index() {
    return receive(test::read_golden("git/offset_deltas.hex"))->summary.index;
}

// Bytes that are read, never mapped, as from a store.
class Unmapped : public MemoryBytes {
  public:
    using MemoryBytes::MemoryBytes;
    ByteView mapped() const override { return {}; }
};

TEST(PackIndex, has_the_bytes_that_are_documented) {
    EXPECT_GOLDEN("git/pack_index.hex", golden_index());
}

TEST(PackIndex, finds_every_object_mapped_or_not) {
    PackBuilder pack;
    for (int i = 0; i < 1000; ++i) pack.add(ObjectType::blob, std::to_string(i));
    Bytes bytes = receive(pack.build())->summary.index;
    auto mapped = PackIndex::open(std::make_shared<MemoryBytes>(bytes));
    auto read = PackIndex::open(std::make_shared<Unmapped>(bytes));
    ASSERT_TRUE(mapped && read);
    for (int i = 0; i < 1100; ++i) {
        ObjectId id = *object_id_of(ObjectType::blob, as_bytes(std::to_string(i)));
        auto position = *mapped->find(id);
        EXPECT_EQ(position, *read->find(id));
        EXPECT_EQ(position.has_value(), i < 1000);
        if (position) {
            EXPECT_EQ(*read->id_at(*position), id);
        }
    }
}

TEST(PackIndex, finds_nothing_in_an_empty_pack) {
    Bytes bytes = receive(test::read_golden("git/empty.hex"))->summary.index;
    auto index = PackIndex::open(std::make_shared<MemoryBytes>(bytes));
    ASSERT_TRUE(index);
    EXPECT_FALSE(*index->find(ObjectId{}));
    ObjectId last;
    last.bytes.fill(0xff);
    EXPECT_FALSE(*index->find(last));
}

TEST(PackIndex, of_another_size_is_refused) {
    Bytes bytes = golden_index();
    for (std::size_t size : {0UL, 63UL, 1087UL, 1088UL, bytes.size() - 1}) {
        Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_EQ(PackIndex::open(std::make_shared<MemoryBytes>(cut)).error().code,
                  ErrorCode::corrupt);
    }
    bytes.push_back(0);
    EXPECT_FALSE(PackIndex::open(std::make_shared<MemoryBytes>(bytes)));
}

// Whoever changes what a lookup relies on is found out.
TEST(PackIndex, with_any_structural_byte_changed_is_refused_or_harmless) {
    const Bytes good = golden_index();
    for (std::size_t at = 0; at < good.size(); ++at) {
        Bytes bytes = good;
        bytes[at] ^= 0xff;
        auto index = PackIndex::open(std::make_shared<MemoryBytes>(bytes));
        if (!index || !index->validate()) continue;
        for (std::uint32_t position = 0; position < index->object_count(); ++position) {
            auto entry = index->entry_at(position);
            ASSERT_TRUE(entry);
            EXPECT_LE(entry->offset + entry->length, index->pack_size());
            if (entry->base != kNoBase) {
                EXPECT_LT(entry->base, index->object_count());
            }
        }
    }
}

TEST(PackCatalog, finds_ids_by_their_first_digits) {
    auto catalog = catalog_of({receive(test::read_golden("git/offset_deltas.hex"))->pack,
                               receive(test::read_golden("git/up_to_tag.hex"))->pack});
    EXPECT_EQ(*catalog->find_prefix("2952", 10), std::vector<ObjectId>{id_of(kTag)});
    EXPECT_EQ(*catalog->find_prefix(kTag, 10), std::vector<ObjectId>{id_of(kTag)});
    EXPECT_TRUE(catalog->find_prefix("0000", 10)->empty());
    EXPECT_EQ(catalog->find_prefix("295", 10).error().code, ErrorCode::invalid);
    EXPECT_EQ(catalog->find_prefix("29xx", 10).error().code, ErrorCode::invalid);
}

TEST(PackCatalog, refuses_an_index_of_another_pack) {
    auto first = receive(test::read_golden("git/offset_deltas.hex"));
    auto pack = std::make_shared<StoredPack>(*first->pack);
    pack->index = receive(test::read_golden("git/up_to_tag.hex"))->pack->index;
    EXPECT_EQ(PackCatalog::open({pack}).error().code, ErrorCode::corrupt);
}

TEST(PackedObjects, reads_within_its_limit) {
    PackedObjects objects(catalog_of({receive(test::read_golden("git/offset_deltas.hex"))->pack}));
    EXPECT_EQ((*objects.read(id_of(kNumbers120), 372))->content, to_bytes(numbers_to(120)));
    EXPECT_EQ(objects.read(id_of(kNumbers120), 371).error().code, ErrorCode::limit_exceeded);
    EXPECT_EQ(objects.read(ObjectId{}, 371).error().code, ErrorCode::not_found);
    auto info = objects.info(id_of(kNumbers120));
    ASSERT_TRUE(info);
    EXPECT_EQ(info->size, 372U);
    EXPECT_EQ(info->type, ObjectType::blob);
}

TEST(PackedObjects, never_serves_what_the_index_does_not_say) {
    auto received = receive(test::read_golden("git/offset_deltas.hex"));
    const Bytes good = to_bytes(received->pack->body->mapped());
    for (std::size_t at = kPackHeaderSize; at < good.size() - kPackTrailerSize; ++at) {
        Bytes bytes = good;
        bytes[at] ^= 0x55;
        auto pack = std::make_shared<StoredPack>(*received->pack);
        pack->body = std::make_shared<MemoryBytes>(std::move(bytes));
        auto catalog = catalog_of({pack});
        PackedObjects objects(catalog);
        for (const ObjectId& id : ids_of(*catalog)) {
            auto object = objects.read(id, 100000);
            if (!object) continue;
            // Only an entry's own type lies outside zlib's checksum.
            EXPECT_EQ((*object)->content.size(), objects.info(id)->size);
        }
    }
}

TEST(PackManifest, goes_round) {
    auto received = receive(test::read_golden("git/offset_deltas.hex"));
    Bytes bytes = encode(received->pack->manifest);
    EXPECT_GOLDEN("git/pack_manifest.hex", bytes);
    auto manifest = decode_pack_manifest(bytes);
    ASSERT_TRUE(manifest);
    EXPECT_EQ(manifest->digest(), received->pack->digest);
    EXPECT_EQ(manifest->index_digest, received->pack->manifest.index_digest);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(decode_pack_manifest(ByteView(bytes).first(size)));
    }
}

}  // namespace
}  // namespace ashlar::git
