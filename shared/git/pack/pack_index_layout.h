// Where the parts of an index lie (pack_index.h has the table). For its reader and its builder.
#pragma once

#include <cstdint>
#include <string_view>

#include "git/object/object_id.h"

namespace ashlar::git::layout {

inline constexpr std::string_view kMagic = "ashpidx1";
inline constexpr std::size_t kHeaderSize = 64;
inline constexpr std::size_t kFanoutSize = 256 * 4;
inline constexpr std::size_t kRowSize = 40;
inline constexpr std::size_t kOrderSize = 4;

inline std::uint64_t ids_offset() {
    return kHeaderSize + kFanoutSize;
}
inline std::uint64_t rows_offset(std::uint32_t count) {
    return ids_offset() + std::uint64_t{count} * ObjectId::kSize;
}
inline std::uint64_t order_offset(std::uint32_t count) {
    return rows_offset(count) + std::uint64_t{count} * kRowSize;
}
inline std::uint64_t index_size(std::uint32_t count) {
    return order_offset(count) + std::uint64_t{count} * kOrderSize;
}

}  // namespace ashlar::git::layout
