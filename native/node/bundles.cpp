#include "native/node/bundles.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "git/pack/pack_entry.h"
#include "git/pack/pack_selection.h"
#include "git/pack/pack_writer.h"
#include "git/wire/bundle.h"
#include "ledger/storage_keys.h"

namespace ashlar::node {
namespace {

constexpr Byte kRecordFormat = 2;
constexpr std::size_t kAskedForMax = 16;
// A new one is due when the repository has so many times the bytes of the last.
constexpr std::uint64_t kGrowth = 2;
constexpr std::size_t kPacksMax = 10'000;

Unexpected damaged(std::string_view what) {
    return fail(ErrorCode::corrupt, "a bundle's row: " + std::string(what));
}

std::uint64_t pack_bytes_of(const git::PackCatalog& catalog) {
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < catalog.pack_count(); ++i) {
        bytes += catalog.shared_pack(i)->manifest.size;
    }
    return bytes;
}

// The packs that the record names, open; `not_found` where the repository has not all of them.
Expected<std::vector<std::shared_ptr<const git::StoredPack>>> packs_of(
    const BundleRecord& record, const git::PackCatalog& catalog) {
    std::vector<std::shared_ptr<const git::StoredPack>> packs;
    for (const git::PackDigest& digest : record.packs) {
        std::shared_ptr<const git::StoredPack> found;
        for (std::size_t i = 0; i < catalog.pack_count() && !found; ++i) {
            if (catalog.shared_pack(i)->digest == digest) found = catalog.shared_pack(i);
        }
        if (!found) return fail(ErrorCode::not_found, "the bundle's packs were merged since");
        packs.push_back(std::move(found));
    }
    return packs;
}

// All refs, and HEAD before them; nothing where there are too many.
Expected<std::optional<git::BundleHeader>> header_of(const RepositoryView& view) {
    git::BundleHeader header;
    ASHLAR_TRY(const std::string target, view.refs->head_target());
    ASHLAR_TRY(const std::optional<git::Ref> head, view.refs->find(target));
    if (head) header.refs.push_back({"HEAD", head->id, std::nullopt});
    ASHLAR_CHECK(view.refs->scan("refs/", [&header](const git::Ref& ref) {
        header.refs.push_back({ref.name, ref.id, std::nullopt});
        return header.refs.size() <= git::kBundleRefsMax;
    }));
    if (header.refs.empty() || header.refs.size() > git::kBundleRefsMax) {
        return std::optional<git::BundleHeader>();
    }
    return std::optional<git::BundleHeader>(std::move(header));
}

// The pack of all that they hold, for a form that was chosen for them.
Expected<std::unique_ptr<ChunkStream>> pack_stream(
    BundleRecord::Form form, std::vector<std::shared_ptr<const git::StoredPack>> packs) {
    if (form == BundleRecord::Form::concatenated) {
        return std::unique_ptr<ChunkStream>(
            std::make_unique<git::PackConcatenation>(std::move(packs)));
    }
    ASHLAR_TRY(auto catalog, git::PackCatalog::open(std::move(packs)));
    ASHLAR_TRY(git::PackSelection selection, git::select_all(*catalog));
    ASHLAR_TRY(auto pack, git::SelectedPack::create(std::move(catalog), std::move(selection)));
    return std::unique_ptr<ChunkStream>(std::move(pack));
}

class HeadedStream final : public ChunkStream {
  public:
    HeadedStream(Bytes head, std::unique_ptr<ChunkStream> rest)
        : head_(std::move(head)), rest_(std::move(rest)) {}
    Expected<std::optional<Chunk>> next() override {
        if (head_.empty()) return rest_->next();
        return std::optional<Chunk>(std::exchange(head_, {}));
    }

  private:
    Bytes head_;
    std::unique_ptr<ChunkStream> rest_;
};

}  // namespace

Bytes bundle_key(forge::RepositoryId repository) {
    Bytes key = to_bytes(ledger::storage_prefix::kNode);
    append(key, "bundle");
    append_big_endian_64(key, repository.value);
    return key;
}

Bytes encode(const BundleRecord& record) {
    Bytes bytes = {kRecordFormat};
    bytes.push_back(static_cast<Byte>(record.form));
    append_big_endian_64(bytes, record.pack_size);
    append(bytes, record.trailer);
    append_big_endian_32(bytes, static_cast<std::uint32_t>(record.packs.size()));
    for (const git::PackDigest& pack : record.packs) append(bytes, pack.digest.view());
    append(bytes, record.header);
    return bytes;
}

Expected<BundleRecord> decode_bundle_record(ByteView bytes) {
    BundleRecord record;
    constexpr std::size_t kFixedSize = 2 + sizeof(std::uint64_t);
    const std::size_t head_size = kFixedSize + record.trailer.size() + sizeof(std::uint32_t);
    if (bytes.size() < head_size || bytes.front() != kRecordFormat) return damaged("its head");
    record.form = static_cast<BundleRecord::Form>(bytes[1]);
    if (record.form != BundleRecord::Form::concatenated &&
        record.form != BundleRecord::Form::selected) {
        return damaged("its form");
    }
    record.pack_size = read_big_endian_64(bytes.subspan(2));
    bytes = bytes.subspan(kFixedSize);
    std::copy_n(bytes.begin(), record.trailer.size(), record.trailer.begin());
    const std::size_t count = read_big_endian_32(bytes.subspan(record.trailer.size()));
    bytes = bytes.subspan(record.trailer.size() + sizeof(std::uint32_t));
    if (count > kPacksMax || bytes.size() < count * crypto::Digest::kSize) {
        return damaged("the count of its packs");
    }
    for (std::size_t i = 0; i < count; ++i) {
        ASHLAR_TRY(crypto::Digest digest,
                   crypto::Digest::from_bytes(bytes.first(crypto::Digest::kSize)));
        record.packs.push_back({digest});
        bytes = bytes.subspan(crypto::Digest::kSize);
    }
    ByteView rest = bytes;
    const auto header = git::parse_bundle_header(rest);
    if (!header) return damaged(header.error().detail);
    if (!rest.empty()) return damaged("bytes behind its header");
    record.header = to_bytes(bytes);
    return record;
}

crypto::Digest bundle_id(const BundleRecord& record) {
    return crypto::hash("ashlar bundle", encode(record));
}

Bundles::Bundles(GuardedRows& rows, const BundleOptions& options, OnFailure on_failure)
    : rows_(rows),
      options_(options),
      on_failure_(std::move(on_failure)),
      thread_([this] { run(); }) {}

Bundles::~Bundles() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

Expected<std::optional<BundleRecord>> Bundles::usable(const RepositoryView& view) const {
    std::optional<BundleRecord> none;
    if (view.repository.may_hold_unreachable) return none;
    ASHLAR_TRY(const auto row, rows_.get(bundle_key(view.repository.id)));
    if (!row) return none;
    // A damaged one is made again.
    auto record = decode_bundle_record(*row);
    if (!record || !packs_of(*record, *view.packs)) return none;
    return std::optional<BundleRecord>(*std::move(record));
}

Expected<std::optional<crypto::Digest>> Bundles::offered(const RepositoryView& view) {
    std::optional<crypto::Digest> none;
    const std::uint64_t bytes = pack_bytes_of(*view.packs);
    if (view.repository.may_hold_unreachable || bytes < options_.pack_bytes_min) return none;
    ASHLAR_TRY(const auto record, usable(view));
    if (!record) {
        ask_for(view);
        return none;
    }
    ASHLAR_TRY(const auto packs, packs_of(*record, *view.packs));
    std::uint64_t bundled = 0;
    for (const auto& pack : packs) bundled += pack->manifest.size;
    if (bytes >= bundled * kGrowth) ask_for(view);
    return std::optional<crypto::Digest>(bundle_id(*record));
}

Expected<BundleFile> Bundles::open(const RepositoryView& view, const crypto::Digest& id) const {
    ASHLAR_TRY(const auto record, usable(view));
    if (!record || bundle_id(*record) != id) {
        return fail(ErrorCode::not_found, "there is no bundle of this name (any more)");
    }
    ASHLAR_TRY(auto packs, packs_of(*record, *view.packs));
    BundleFile file;
    file.size = record->header.size() + record->pack_size;
    if (record->form == BundleRecord::Form::selected) {
        ASHLAR_TRY(auto pack, pack_stream(record->form, std::move(packs)));
        file.stream = std::make_unique<HeadedStream>(record->header, std::move(pack));
        return file;
    }
    std::uint64_t count = 0;
    for (const auto& pack : packs) count += pack->manifest.object_count;
    Bytes head = record->header;
    append(head, git::encode_pack_header(static_cast<std::uint32_t>(count)));
    std::vector<Chunk>& parts = file.parts;
    parts.emplace_back(std::move(head));
    for (const auto& pack : packs) {
        const std::uint64_t length =
            pack->manifest.size - git::kPackHeaderSize - git::kPackTrailerSize;
        if (length > 0) parts.emplace_back(StoredRange{pack->body, git::kPackHeaderSize, length});
    }
    parts.emplace_back(to_bytes(ByteView(record->trailer)));
    return file;
}

void Bundles::ask_for(const RepositoryView& view) {
    const std::lock_guard lock(mutex_);
    const auto is_of_it = [&view](const RepositoryView& other) {
        return other.repository.id == view.repository.id;
    };
    const bool known = at_work_on_ == view.repository.id ||
                       std::any_of(asked_for_.begin(), asked_for_.end(), is_of_it);
    // Who is not taken asks again with the next clone.
    if (known || stopping_ || asked_for_.size() == kAskedForMax) return;
    asked_for_.push_back(view);
    wake_.notify_all();
}

void Bundles::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return stopping_ || !asked_for_.empty(); });
        if (stopping_) return;
        std::optional<RepositoryView> view(std::move(asked_for_.front()));
        asked_for_.pop_front();
        at_work_on_ = view->repository.id;
        lock.unlock();
        // What fails here fails again for whoever reads the packs, and is told there.
        static_cast<void>(make(*view));
        view.reset();
        lock.lock();
        at_work_on_.reset();
    }
}

Expected<void> Bundles::make(const RepositoryView& view) {
    const git::PackCatalog& catalog = *view.packs;
    if (view.repository.may_hold_unreachable || catalog.pack_count() == 0 ||
        catalog.pack_count() > kPacksMax) {
        return {};
    }
    std::vector<std::uint32_t> numbers;
    std::vector<std::shared_ptr<const git::StoredPack>> packs;
    BundleRecord record;
    for (std::size_t i = 0; i < catalog.pack_count(); ++i) {
        numbers.push_back(static_cast<std::uint32_t>(i));
        packs.push_back(catalog.shared_pack(i));
        record.packs.push_back(packs.back()->digest);
    }
    ASHLAR_TRY(const bool disjoint, git::packs_are_disjoint(catalog, numbers));
    ASHLAR_TRY(const auto header, header_of(view));
    if (!header) return {};
    record.header = git::encode_bundle_header(*header);
    record.form = disjoint ? BundleRecord::Form::concatenated : BundleRecord::Form::selected;
    ASHLAR_TRY(const auto pack, pack_stream(record.form, std::move(packs)));
    Bytes end;  // the last bytes that came, which are the trailer at last
    while (true) {
        ASHLAR_TRY(const auto chunk, pack->next());
        if (!chunk) break;
        if (const auto* range = std::get_if<StoredRange>(&*chunk)) {
            record.pack_size += range->length;
        } else {
            end = std::get<Bytes>(*chunk);
            record.pack_size += end.size();
        }
        const std::lock_guard lock(mutex_);
        if (stopping_) return {};
    }
    ASHLAR_ASSERT(end.size() >= record.trailer.size());
    std::copy_n(end.end() - static_cast<std::ptrdiff_t>(record.trailer.size()),
                record.trailer.size(), record.trailer.begin());
    WriteBatch batch;
    batch.put(bundle_key(view.repository.id), encode(record));
    const auto committed = rows_.commit(batch, Durability::synced);
    if (!committed) on_failure_(committed.error());
    return committed;
}

}  // namespace ashlar::node
