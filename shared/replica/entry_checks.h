// Which entries of a fetched pack were found to be what its index says. An index from a stranger
// may say anything about where objects lie; whoever copies entries as they are stored would pass
// that on. So an entry is hashed before it is first given away, and never again.
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <vector>

#include "git/pack/bits.h"
#include "git/pack/inflate.h"
#include "git/pack/packed_objects.h"

namespace ashlar::replica {

class EntryChecks;
// What the checks of all packs share.
struct SharedChecks {
    std::vector<std::weak_ptr<EntryChecks>> changed;  // with news for whoever keeps them
    std::list<std::weak_ptr<EntryChecks>> warm;       // those that hold objects, the newest first
};

class EntryChecks : public std::enable_shared_from_this<EntryChecks> {
  public:
    // `index` is validated and of the pack; `address` is where this is kept.
    static Expected<std::shared_ptr<EntryChecks>> begin(std::shared_ptr<const git::StoredPack> pack,
                                                        std::string address,
                                                        std::shared_ptr<SharedChecks> shared);

    // Every entry that the range touches is what the index says: kind, base, extent, and content by
    // its id. Fails with `invalid` and what is wrong, with `needs_data`, or with `unsupported`
    // where an object is too large to be made here.
    Expected<void> check(std::uint64_t begin, std::uint64_t end);

    // As it is kept: by whoever keeps it for itself alone.
    const std::string& address() const { return address_; }
    Bytes encode();
    // Takes what was kept; nothing where that is damaged or of another pack.
    void restore(ByteView kept);

    std::uint32_t checked_count() const { return checked_.count(); }

  private:
    // One large object that is hashed piece by piece, as its extents arrive.
    struct Stream {
        std::uint32_t rank = 0;
        std::uint64_t consumed = 0;  // of the stored entry
        std::uint64_t produced = 0;
        bool finished = false;
        git::StreamInflater inflater;
        crypto::Sha1 hash{crypto::CollisionDetection::on};
    };
    struct Entry {
        std::uint32_t rank = 0;
        std::uint32_t position = 0;
        git::ObjectId id;
        git::PackIndexEntry stored;
    };

    EntryChecks(std::shared_ptr<const git::PackCatalog> catalog, std::string address,
                std::shared_ptr<SharedChecks> shared);

    Expected<std::uint64_t> offset_of(std::uint32_t rank) const;
    // The first rank whose entry begins at the offset or behind it.
    Expected<std::uint32_t> rank_from(std::uint64_t offset) const;
    Expected<Entry> entry_at(std::uint32_t rank) const;
    Expected<void> check_entry(const Entry& entry);
    Expected<git::PackEntryHeader> check_header(const Entry& entry) const;
    Expected<git::ObjectId> id_of_stream(const Entry& entry, const git::PackEntryHeader& header);
    Expected<void> read_piece(const Entry& entry, Stream& stream);
    Unexpected broken(const Entry& entry, const std::string& why) const;
    void mark(std::uint32_t rank);
    void warm_up();
    void cool_down();

    const std::shared_ptr<const git::PackCatalog> catalog_;  // of this pack alone
    const std::string address_;
    const std::shared_ptr<SharedChecks> shared_;
    std::optional<git::PackedObjects> objects_;  // while it is warm
    git::Bits checked_;                          // by rank
    bool changed_ = false;
    std::list<Stream> streams_;  // the most recently used first
};

// A pack's body that gives away what was checked, and nothing else.
class CheckedBody final : public RandomAccess {
  public:
    CheckedBody(std::shared_ptr<const RandomAccess> body, std::shared_ptr<EntryChecks> checks)
        : body_(std::move(body)), checks_(std::move(checks)) {}

    std::uint64_t size() const override { return body_->size(); }
    Expected<void> read(std::uint64_t offset, std::span<Byte> into) const override;

  private:
    std::shared_ptr<const RandomAccess> body_;
    std::shared_ptr<EntryChecks> checks_;
};

}  // namespace ashlar::replica
