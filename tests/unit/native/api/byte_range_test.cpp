#include "native/api/byte_range.h"

#include <gtest/gtest.h>

#include "base/memory_bytes.h"

namespace ashlar::native {
namespace {

std::string shown(std::string_view header, std::uint64_t size = 100) {
    const AskedRange asked = parse_range(header, size);
    if (asked.kind == RangeKind::none) return "all";
    if (asked.kind == RangeKind::unsatisfiable) return "outside";
    return std::to_string(asked.range.first) + "+" + std::to_string(asked.range.length);
}

std::string read_all(ChunkStream& stream) {
    std::string read;
    while (auto chunk = stream.next().value()) {
        if (const auto* bytes = std::get_if<Bytes>(&*chunk)) {
            read += as_text(*bytes);
            continue;
        }
        const StoredRange& range = std::get<StoredRange>(*chunk);
        Bytes bytes_read(range.length);
        EXPECT_TRUE(range.source->read(range.offset, bytes_read));
        read += as_text(bytes_read);
    }
    return read;
}

TEST(ByteRange, is_read_in_its_three_forms) {
    EXPECT_EQ(shown("bytes=0-9"), "0+10");
    EXPECT_EQ(shown("bytes=90-"), "90+10");
    EXPECT_EQ(shown("bytes=-7"), "93+7");
    EXPECT_EQ(shown("bytes=0-1000"), "0+100");
    EXPECT_EQ(shown("bytes=-1000"), "0+100");
    EXPECT_EQ(shown("bytes=99-99"), "99+1");
    EXPECT_EQ(shown("bytes=5-18446744073709551615"), "5+95");
}

TEST(ByteRange, outside_of_the_file_cannot_be_had) {
    EXPECT_EQ(shown("bytes=100-"), "outside");
    EXPECT_EQ(shown("bytes=-0"), "outside");
    EXPECT_EQ(shown("bytes=0-", 0), "outside");
    EXPECT_EQ(shown("bytes=-5", 0), "outside");
}

TEST(ByteRange, that_is_none_means_all) {
    for (std::string_view header :
         {"", "bytes", "bytes=", "bytes=-", "lines=0-5", "bytes=9-0", "bytes=a-b", "bytes=0-5,7-9",
          "bytes=99999999999999999999-", "bytes= 0-5", "bytes=--5"}) {
        EXPECT_EQ(shown(header), "all") << header;
    }
}

TEST(ByteRange, of_several_parts_is_what_they_are_together) {
    const std::string whole = "0123456789abcdefghij";
    const auto stored = std::make_shared<MemoryBytes>(to_bytes("xx56789abcdexx"));
    const auto parts = [&] {
        std::vector<Chunk> made;
        made.emplace_back(to_bytes("01234"));
        made.emplace_back(StoredRange{stored, 2, 10});
        made.emplace_back(to_bytes("fghij"));
        return made;
    };
    EXPECT_EQ(size_of(parts()), whole.size());
    for (std::uint64_t first = 0; first < whole.size(); ++first) {
        for (std::uint64_t length = 0; first + length <= whole.size(); ++length) {
            const ByteRange range{first, length};
            EXPECT_EQ(read_all(*stream_of_range(parts(), range)), whole.substr(first, length));
            auto stream = stream_of_range(parts(), {0, whole.size()});
            EXPECT_EQ(read_all(*stream_of_range(std::move(stream), range)),
                      whole.substr(first, length));
        }
    }
}

}  // namespace
}  // namespace ashlar::native
