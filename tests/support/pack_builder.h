// Builds packs by hand, right ones and wrong ones.
#pragma once

#include "git/pack/inflate.h"
#include "git/pack/pack_entry.h"

namespace ashlar::git {

class PackBuilder {
  public:
    // Where the next entry starts.
    std::uint64_t offset() const { return kPackHeaderSize + entries_.size(); }

    // Each gives the offset of the entry.
    std::uint64_t add(ObjectType type, ByteView content) {
        return add_entry({entry_kind_of(type), content.size(), 0, {}, 0}, content);
    }
    std::uint64_t add(ObjectType type, std::string_view content) {
        return add(type, as_bytes(content));
    }
    std::uint64_t add_offset_delta(std::uint64_t base_offset, ByteView delta) {
        return add_entry({EntryKind::offset_delta, delta.size(), offset() - base_offset, {}, 0},
                         delta);
    }
    std::uint64_t add_reference_delta(const ObjectId& base, ByteView delta) {
        return add_entry({EntryKind::reference_delta, delta.size(), 0, base, 0}, delta);
    }
    // An entry whose header and content need not fit each other.
    std::uint64_t add_entry(const PackEntryHeader& header, ByteView content) {
        std::uint64_t at = offset();
        append_pack_entry_header(entries_, header);
        WholeDeflater().deflate(content, entries_);
        ++count_;
        return at;
    }
    std::uint64_t add_bytes(ByteView bytes) {
        std::uint64_t at = offset();
        append(entries_, bytes);
        ++count_;
        return at;
    }

    void claim_count(std::uint32_t count) { count_ = count; }

    Bytes build() const {
        Bytes pack = encode_pack_header(count_);
        append(pack, entries_);
        crypto::Sha1 hash(crypto::CollisionDetection::off);
        append(pack, ByteView(*hash.update(pack).finish()));
        return pack;
    }

  private:
    Bytes entries_;
    std::uint32_t count_ = 0;
};

// A delta, command by command.
class DeltaBuilder {
  public:
    DeltaBuilder(std::uint64_t base_size, std::uint64_t result_size) {
        append_size(base_size);
        append_size(result_size);
    }
    DeltaBuilder& copy(std::uint32_t offset, std::uint32_t size) {
        std::size_t command = bytes_.size();
        bytes_.push_back(0x80);
        for (unsigned i = 0; i < 4; ++i) append_byte(command, 1U << i, offset >> (8 * i));
        for (unsigned i = 0; i < 3; ++i) append_byte(command, 16U << i, size >> (8 * i));
        return *this;
    }
    DeltaBuilder& insert(std::string_view text) {
        bytes_.push_back(static_cast<Byte>(text.size()));
        append(bytes_, text);
        return *this;
    }
    const Bytes& bytes() const { return bytes_; }

  private:
    void append_size(std::uint64_t size) {
        for (; size >= 0x80; size >>= 7) bytes_.push_back(static_cast<Byte>(size | 0x80));
        bytes_.push_back(static_cast<Byte>(size));
    }
    void append_byte(std::size_t command, unsigned flag, std::uint32_t value) {
        if ((value & 0xff) == 0) return;
        bytes_[command] = static_cast<Byte>(bytes_[command] | flag);
        bytes_.push_back(static_cast<Byte>(value));
    }

    Bytes bytes_;
};

}  // namespace ashlar::git
