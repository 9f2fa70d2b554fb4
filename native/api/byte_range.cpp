#include "native/api/byte_range.h"

#include <algorithm>
#include <charconv>

namespace ashlar::native {
namespace {

constexpr std::string_view kUnit = "bytes=";

std::optional<std::uint64_t> number_from(std::string_view text) {
    std::uint64_t number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
    return number;
}

std::uint64_t size_of_part(const Chunk& part) {
    if (const auto* range = std::get_if<StoredRange>(&part)) return range->length;
    return std::get<Bytes>(part).size();
}

Chunk cut(Chunk part, std::uint64_t skip, std::uint64_t length) {
    if (auto* range = std::get_if<StoredRange>(&part)) {
        return StoredRange{std::move(range->source), range->offset + skip, length};
    }
    const ByteView bytes = std::get<Bytes>(part);
    return to_bytes(
        bytes.subspan(static_cast<std::size_t>(skip), static_cast<std::size_t>(length)));
}

class PartsStream final : public ChunkStream {
  public:
    explicit PartsStream(std::vector<Chunk> parts) : parts_(std::move(parts)) {}
    Expected<std::optional<Chunk>> next() override {
        if (next_ == parts_.size()) return std::optional<Chunk>();
        return std::optional<Chunk>(std::move(parts_[next_++]));
    }

  private:
    std::vector<Chunk> parts_;
    std::size_t next_ = 0;
};

class PartOfStream final : public ChunkStream {
  public:
    PartOfStream(std::unique_ptr<ChunkStream> whole, ByteRange range)
        : whole_(std::move(whole)), range_(range) {}

    Expected<std::optional<Chunk>> next() override {
        while (range_.length > 0) {
            ASHLAR_TRY(std::optional<Chunk> chunk, whole_->next());
            if (!chunk) return fail(ErrorCode::corrupt, "a file is shorter than it is said to be");
            const std::uint64_t size = size_of_part(*chunk);
            const std::uint64_t skip = std::min(size, range_.first);
            const std::uint64_t length = std::min(size - skip, range_.length);
            range_.first -= skip;
            range_.length -= length;
            if (length > 0) return std::optional<Chunk>(cut(*std::move(chunk), skip, length));
        }
        return std::optional<Chunk>();
    }

  private:
    std::unique_ptr<ChunkStream> whole_;
    ByteRange range_;  // counted from where the whole stands
};

}  // namespace

AskedRange parse_range(std::string_view header, std::uint64_t size) {
    if (!header.starts_with(kUnit)) return {};
    header.remove_prefix(kUnit.size());
    const std::size_t hyphen = header.find('-');
    if (hyphen == std::string_view::npos) return {};
    const std::string_view before = header.substr(0, hyphen);
    const std::string_view behind = header.substr(hyphen + 1);
    const auto last = number_from(behind);
    if (!behind.empty() && !last) return {};
    if (before.empty()) {
        if (!last) return {};
        if (*last == 0 || size == 0) return {RangeKind::unsatisfiable, {}};
        const std::uint64_t length = std::min(*last, size);
        return {RangeKind::part, {size - length, length}};
    }
    const auto first = number_from(before);
    if (!first || (last && *last < *first)) return {};
    if (*first >= size) return {RangeKind::unsatisfiable, {}};
    const std::uint64_t end = last && *last < size - 1 ? *last + 1 : size;
    return {RangeKind::part, {*first, end - *first}};
}

std::uint64_t size_of(const std::vector<Chunk>& parts) {
    std::uint64_t size = 0;
    for (const Chunk& part : parts) size += size_of_part(part);
    return size;
}

std::unique_ptr<ChunkStream> stream_of_range(std::unique_ptr<ChunkStream> whole, ByteRange range) {
    return std::make_unique<PartOfStream>(std::move(whole), range);
}

std::unique_ptr<ChunkStream> stream_of_range(std::vector<Chunk> parts, ByteRange range) {
    std::vector<Chunk> kept;
    for (Chunk& part : parts) {
        const std::uint64_t size = size_of_part(part);
        const std::uint64_t skip = std::min(size, range.first);
        const std::uint64_t length = std::min(size - skip, range.length);
        range.first -= skip;
        range.length -= length;
        if (length > 0) kept.push_back(cut(std::move(part), skip, length));
    }
    return std::make_unique<PartsStream>(std::move(kept));
}

}  // namespace ashlar::native
