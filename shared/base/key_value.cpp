#include "base/key_value.h"

namespace ashlar {

void WriteBatch::put(ByteView key, ByteView value) {
    byte_count_ += key.size() + value.size();
    operations_.push_back({to_bytes(key), to_bytes(value)});
}

void WriteBatch::remove(ByteView key) {
    byte_count_ += key.size();
    operations_.push_back({to_bytes(key), std::nullopt});
}

void WriteBatch::append(const WriteBatch& other) {
    byte_count_ += other.byte_count_;
    operations_.insert(operations_.end(), other.operations_.begin(), other.operations_.end());
}

Expected<std::vector<std::optional<Bytes>>> KeyValueReader::multi_get(
    const std::vector<Bytes>& keys) const {
    std::vector<std::optional<Bytes>> values;
    values.reserve(keys.size());
    for (const Bytes& key : keys) {
        ASHLAR_TRY(auto value, get(key));
        values.push_back(std::move(value));
    }
    return values;
}

Expected<void> KeyValueReader::scan_prefix(ByteView prefix, const Visitor& visit) const {
    return scan(prefix, end_of_prefix(prefix), visit);
}

Bytes end_of_prefix(ByteView prefix) {
    Bytes end = to_bytes(prefix);
    while (!end.empty() && end.back() == 0xff) end.pop_back();
    if (!end.empty()) ++end.back();
    return end;
}

}  // namespace ashlar
