#include "ledger/storage_keys.h"

namespace ashlar::ledger {

Bytes storage_key(std::string_view prefix, std::string_view tail) {
    Bytes key = to_bytes(prefix);
    append(key, tail);
    return key;
}

Bytes storage_key(std::string_view prefix, std::uint64_t number, std::string_view tail) {
    Bytes key = to_bytes(prefix);
    append_big_endian_64(key, number);
    append(key, tail);
    return key;
}

Bytes storage_key(std::string_view prefix, std::uint64_t first, std::uint64_t second) {
    Bytes key = to_bytes(prefix);
    append_big_endian_64(key, first);
    append_big_endian_64(key, second);
    return key;
}

}  // namespace ashlar::ledger
