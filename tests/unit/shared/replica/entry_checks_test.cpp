#include "replica/entry_checks.h"

#include "base/memory_bytes.h"
#include "git/wire/pkt_line.h"
#include "git/wire/upload_pack.h"
#include "replica_fixture.h"

namespace ashlar::replica {
namespace {

// A body whose extents come one after the other, as they are asked for.
class ArrivingBody final : public RandomAccess {
  public:
    explicit ArrivingBody(std::shared_ptr<const RandomAccess> body) : body_(std::move(body)) {}
    std::uint64_t size() const override { return body_->size(); }
    Expected<void> read(std::uint64_t offset, std::span<Byte> into) const override {
        if (into.empty()) return {};
        const std::uint64_t last = (offset + into.size() - 1) / git::kPackExtentSize;
        for (std::uint64_t extent = offset / git::kPackExtentSize; extent <= last; ++extent) {
            if (there_.insert(extent).second) return fail(ErrorCode::needs_data, "an extent");
        }
        return body_->read(offset, into);
    }

  private:
    std::shared_ptr<const RandomAccess> body_;
    mutable std::set<std::uint64_t> there_;
};

struct Pack {
    git::MemoryRepository repository;
    std::shared_ptr<const git::PackCatalog> catalog;
    std::shared_ptr<SharedChecks> shared = std::make_shared<SharedChecks>();

    // Some objects are small, and one takes several extents.
    Pack() {
        support::FaultPlan random(3);
        std::string large;
        while (large.size() < (5u << 20)) {
            large.push_back(static_cast<char>(random.random_below(256)));
        }
        repository.commit_on("main", {{"README", {"hello"}}, {"large", {large}}}, "one");
        repository.commit_on("main", {{"README", {"hello again"}}, {"large", {large}}}, "two");
        catalog = *git::catalog_of_pack(
            git::pack_of(repository.objects, git::all_ids(repository.objects)));
    }
    const git::StoredPack& stored() const { return catalog->pack(0); }
    std::uint64_t size() const { return stored().body->size(); }

    using Change =
        std::function<void(std::vector<git::ObjectId>&, std::vector<git::PackIndexEntry>&)>;
    // With an index that says something else, and is in itself as it should be.
    std::shared_ptr<EntryChecks> checks(const Change& change = nullptr) {
        const auto& index = catalog->index(0);
        std::vector<git::ObjectId> ids;
        std::vector<git::PackIndexEntry> entries;
        for (std::uint32_t i = 0; i < index.object_count(); ++i) {
            ids.push_back(*index.id_at(i));
            entries.push_back(*index.entry_at(i));
        }
        if (change) change(ids, entries);
        git::PackIndexBuilder builder;
        for (std::size_t i = 0; i < ids.size(); ++i) builder.add({ids[i], entries[i], 0});
        Bytes bytes = *std::move(builder).build(index.pack_size(), index.pack_checksum());
        auto pack = std::make_shared<git::StoredPack>(stored());
        pack->body = std::make_shared<ArrivingBody>(stored().body);
        pack->index = std::make_shared<MemoryBytes>(std::move(bytes));
        return *EntryChecks::begin(std::move(pack), "/checked/x", shared);
    }
};

// Until all is there.
Expected<void> check(EntryChecks& checks, std::uint64_t begin, std::uint64_t end) {
    for (int i = 0; i < 1000; ++i) {
        auto checked = checks.check(begin, end);
        if (checked || checked.error().code != ErrorCode::needs_data) return checked;
    }
    return fail(ErrorCode::corrupt, "there is always something missing");
}

TEST(EntryChecks, pass_a_pack_whose_index_tells_the_truth_once_and_for_all) {
    Pack pack;
    const auto checks = pack.checks();
    const auto checked = check(*checks, 0, pack.size());
    ASSERT_TRUE(checked) << checked.error().message();
    const std::uint32_t count = pack.catalog->index(0).object_count();
    EXPECT_EQ(checks->checked_count(), count);
    ASSERT_EQ(pack.shared->changed.size(), 1u);
    const Bytes kept = checks->encode();
    const auto again = pack.checks();
    again->restore(kept);
    EXPECT_EQ(again->checked_count(), count);
    for (std::size_t at = 0; at < kept.size(); ++at) {
        Bytes damaged = kept;
        damaged[at] = static_cast<Byte>(damaged[at] ^ 1);
        const auto other = pack.checks();
        other->restore(damaged);
        EXPECT_EQ(other->checked_count(), 0u) << "byte " << at;
    }
}

TEST(EntryChecks, look_at_what_a_range_touches_and_nothing_else) {
    Pack pack;
    const auto checks = pack.checks();
    const auto& index = pack.catalog->index(0);
    const auto second = *index.entry_at(*index.position_by_offset(1));
    ASSERT_TRUE(check(*checks, second.offset, second.offset + 1));
    EXPECT_EQ(checks->checked_count(), 1u);
    ASSERT_TRUE(check(*checks, second.offset - 1, second.offset));
    EXPECT_EQ(checks->checked_count(), 2u);
    ASSERT_TRUE(check(*checks, 0, git::kPackHeaderSize));
    ASSERT_TRUE(check(*checks, pack.size() - 1, pack.size()));
}

TEST(EntryChecks, find_objects_that_lie_elsewhere) {
    Pack pack;
    const auto swapped =
        pack.checks([](auto& ids, auto&) { std::rotate(ids.begin(), ids.begin() + 1, ids.end()); });
    const auto& index = pack.catalog->index(0);
    for (std::uint32_t rank = 0; rank < index.object_count(); ++rank) {
        const auto entry = *index.entry_at(*index.position_by_offset(rank));
        const auto checked = check(*swapped, entry.offset, entry.offset + entry.length);
        ASSERT_FALSE(checked) << "entry " << rank;
        EXPECT_EQ(checked.error().code, ErrorCode::invalid);
    }
    EXPECT_EQ(swapped->checked_count(), 0u);
}

TEST(EntryChecks, find_entries_that_are_of_another_type_or_size) {
    Pack pack;
    const auto other_type = pack.checks([](auto&, auto& entries) {
        for (auto& entry : entries) {
            if (git::is_delta(entry.kind)) continue;
            entry.type = git::ObjectType::tag;
            entry.kind = git::EntryKind::tag;
        }
    });
    const auto other_size = pack.checks([](auto&, auto& entries) {
        for (auto& entry : entries) ++entry.size;
    });
    const auto& index = pack.catalog->index(0);
    for (std::uint32_t rank = 0; rank < index.object_count(); ++rank) {
        const auto entry = *index.entry_at(*index.position_by_offset(rank));
        if (git::is_delta(entry.kind)) continue;
        EXPECT_FALSE(check(*other_type, entry.offset, entry.offset + entry.length));
        EXPECT_FALSE(check(*other_size, entry.offset, entry.offset + entry.length));
    }
}

TEST(EntryChecks, are_kept_by_a_replica_so_that_a_restart_checks_nothing_again) {
    Fixture fixture;
    const auto clone = [&]() -> Expected<std::uint64_t> {
        const auto opened = fixture.open();
        if (!opened) return Unexpected(opened.error());
        const auto objects = opened->objects();
        const git::RepositoryView view{*opened->refs, *objects, opened->packs,
                                       git::Unreachable::none};
        Bytes request;
        git::append_line(request, "command=fetch");
        git::append_delimiter(request);
        git::append_line(request, "want " + fixture.upstream.head.hex());
        git::append_line(request, "ofs-delta");
        git::append_line(request, "done");
        git::append_flush(request);
        ASHLAR_TRY(auto stream, fixture.until_there([&] {
            return git::serve_upload_pack(view, git::ProtocolVersion::v2, request);
        }));
        std::uint64_t chunks = 0;
        while (true) {
            ASHLAR_TRY(const auto chunk, fixture.until_there([&] { return stream->next(); }));
            if (!chunk) return chunks;
            ++chunks;
        }
    };
    const auto cloned = clone();
    ASSERT_TRUE(cloned) << cloned.error().message();
    fixture.keep_findings();
    fixture.replica = fixture.begin();
    ASSERT_TRUE(clone());
    EXPECT_FALSE(fixture.replica->take_findings().has_value());
}

}  // namespace
}  // namespace ashlar::replica
