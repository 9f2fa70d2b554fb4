#include "git/pack/pack_writer.h"

#include "git/pack/pack_plan.h"

namespace ashlar::git {
namespace {

constexpr std::size_t kChunkSize = std::size_t{128} << 10;
// Entries are copied in pieces of this size.
constexpr std::uint64_t kPieceSize = std::uint64_t{64} << 10;

}  // namespace

// Each step either appends to the chunk or changes nothing, so that a read that needs data can be
// run again.
class PackWriter::Implementation {
  public:
    Implementation(std::shared_ptr<const PackCatalog> catalog, PackPlan plan,
                   const PackWriterOptions& options)
        : catalog_(std::move(catalog)),
          plan_(std::move(plan)),
          object_size_max_(options.object_size_max),
          objects_(catalog_),
          hash_(crypto::CollisionDetection::off) {
        chunk_ = encode_pack_header(object_count());
    }

    Expected<std::optional<Chunk>> next() {
        while (chunk_.size() < kChunkSize && written_ < plan_.entries.size()) {
            ASHLAR_CHECK(step());
        }
        if (ended_) return std::optional<Chunk>();
        hash_.update(chunk_);
        offset_ += chunk_.size();
        if (written_ == plan_.entries.size()) {
            ASHLAR_TRY(crypto::Sha1Digest checksum, hash_.finish());
            append(chunk_, checksum);
            ended_ = true;
        }
        Bytes chunk;
        chunk.swap(chunk_);
        return std::optional<Chunk>(std::move(chunk));
    }

    std::uint32_t object_count() const { return static_cast<std::uint32_t>(plan_.entries.size()); }
    std::uint32_t written_count() const { return static_cast<std::uint32_t>(written_); }

    PackWriterCounts counts() const {
        PackWriterCounts counts;
        counts.objects = object_count();
        for (const PackPlan::Entry& entry : plan_.entries) {
            if (entry.form == PackPlan::Form::made_whole) ++counts.made_whole;
            if (entry.form == PackPlan::Form::offset_delta ||
                entry.form == PackPlan::Form::reference_delta) {
                ++counts.deltas;
            }
        }
        return counts;
    }

  private:
    Expected<void> step() {
        PackPlan::Entry& planned = plan_.entries[written_];
        if (!started_) return start(planned);
        if (planned.form == PackPlan::Form::made_whole) {
            copy_piece(remade_, copied_, remade_.size());
        } else {
            ASHLAR_CHECK(copy_stored_piece(planned));
        }
        if (copied_ < length_) return {};
        started_ = false;
        remade_ = Bytes();
        ++written_;
        return {};
    }

    // Writes the entry's header, and finds what follows it.
    Expected<void> start(PackPlan::Entry& planned) {
        ASHLAR_TRY(PackIndexEntry entry, catalog_->entry_at(planned.location));
        planned.written_at = offset_ + chunk_.size();
        if (planned.form == PackPlan::Form::made_whole) {
            ASHLAR_TRY(auto object, objects_.read_at(planned.location, object_size_max_));
            remade_.clear();
            deflater_.deflate(object->content, remade_);
            length_ = remade_.size();
            copied_ = 0;
            append_pack_entry_header(chunk_, {entry_kind_of(entry.type), entry.size, 0, {}, 0});
        } else {
            ASHLAR_TRY(PackEntryHeader header, read_header(planned.location, entry));
            copied_ = header.length;
            length_ = entry.length;
            ASHLAR_CHECK(rewrite_header(planned, entry, header));
            append_pack_entry_header(chunk_, header);
        }
        started_ = true;
        return {};
    }

    Expected<PackEntryHeader> read_header(PackLocation location, const PackIndexEntry& entry) {
        std::array<Byte, kPackEntryHeaderSizeMax> bytes;
        std::span<Byte> head = std::span<Byte>(bytes).first(static_cast<std::size_t>(
            std::min<std::uint64_t>(entry.length, kPackEntryHeaderSizeMax)));
        ASHLAR_CHECK(catalog_->pack(location.pack).body->read(entry.offset, head));
        auto header = parse_pack_entry_header(head);
        if (!header || !*header) {
            return fail(ErrorCode::corrupt, "pack " + catalog_->pack(location.pack).digest.hex() +
                                                ": the entry at " + std::to_string(entry.offset) +
                                                " is broken");
        }
        return **header;
    }

    Expected<void> rewrite_header(const PackPlan::Entry& planned, const PackIndexEntry& entry,
                                  PackEntryHeader& header) {
        if (planned.form == PackPlan::Form::offset_delta) {
            header.kind = EntryKind::offset_delta;
            header.base_distance = planned.written_at - plan_.entries[planned.base].written_at;
        } else if (planned.form == PackPlan::Form::reference_delta) {
            header.kind = EntryKind::reference_delta;
            ASHLAR_TRY(header.base_id, catalog_->id_at({planned.location.pack, entry.base}));
        }
        return {};
    }

    Expected<void> copy_stored_piece(const PackPlan::Entry& planned) {
        ASHLAR_TRY(PackIndexEntry entry, catalog_->entry_at(planned.location));
        const RandomAccess& body = *catalog_->pack(planned.location.pack).body;
        std::uint64_t size = std::min(kPieceSize, length_ - copied_);
        std::size_t before = chunk_.size();
        chunk_.resize(before + static_cast<std::size_t>(size));
        auto read = body.read(entry.offset + copied_, std::span<Byte>(chunk_).subspan(before));
        if (!read) {
            chunk_.resize(before);
            return read;
        }
        copied_ += size;
        return {};
    }

    void copy_piece(const Bytes& from, std::uint64_t& at, std::uint64_t end) {
        auto size = static_cast<std::size_t>(std::min(kPieceSize, end - at));
        append(chunk_, ByteView(from).subspan(static_cast<std::size_t>(at), size));
        at += size;
    }

    std::shared_ptr<const PackCatalog> catalog_;
    PackPlan plan_;
    std::uint64_t object_size_max_;
    PackedObjects objects_;
    WholeDeflater deflater_{WholeDeflater::kLevelFast};
    crypto::Sha1 hash_;
    Bytes chunk_;
    std::uint64_t offset_ = 0;  // of the chunk in the pack
    std::size_t written_ = 0;
    bool ended_ = false;
    // The entry that is being written.
    bool started_ = false;
    std::uint64_t copied_ = 0;  // of length_
    std::uint64_t length_ = 0;
    Bytes remade_;
};

Expected<std::unique_ptr<PackWriter>> PackWriter::create(std::shared_ptr<const PackCatalog> catalog,
                                                         const std::vector<ObjectId>& ids,
                                                         PackWriterOptions options) {
    ASHLAR_TRY(PackPlan plan, make_pack_plan(*catalog, ids, options));
    auto implementation =
        std::make_unique<Implementation>(std::move(catalog), std::move(plan), options);
    return std::unique_ptr<PackWriter>(new PackWriter(std::move(implementation)));
}

PackWriter::PackWriter(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}

PackWriter::~PackWriter() = default;

Expected<std::optional<Chunk>> PackWriter::next() {
    return implementation_->next();
}

std::uint32_t PackWriter::object_count() const {
    return implementation_->object_count();
}

PackWriterCounts PackWriter::counts() const {
    return implementation_->counts();
}

std::uint32_t PackWriter::written_count() const {
    return implementation_->written_count();
}

}  // namespace ashlar::git
