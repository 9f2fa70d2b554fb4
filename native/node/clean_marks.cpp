#include "native/node/clean_marks.h"

#include "ledger/storage_keys.h"

namespace ashlar::node {

Bytes clean_mark_key(forge::RepositoryId repository) {
    Bytes key = to_bytes(ledger::storage_prefix::kNode);
    append(key, "clean");
    append_big_endian_64(key, repository.value);
    return key;
}

Bytes clean_mark(const forge::Repository& repository) {
    Bytes mark = to_bytes(repository.refs_root.view());
    append_big_endian_64(mark, repository.pack_sequence);
    return mark;
}

Expected<bool> is_marked_clean(const KeyValueReader& rows, const forge::Repository& repository) {
    ASHLAR_TRY(const auto mark, rows.get(clean_mark_key(repository.id)));
    return mark && *mark == clean_mark(repository);
}

}  // namespace ashlar::node
