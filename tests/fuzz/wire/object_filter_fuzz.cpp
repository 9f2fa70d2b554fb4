// Filter specifications and the patterns of sparse filters: a line with the specification, a line
// with a path, and the patterns.
#include <cstdlib>

#include "git/walk/object_filter.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ashlar;
    std::string_view text = as_text(ByteView(data, size));
    const std::string_view spec = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), spec.size() + 1));
    const std::string_view path = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), path.size() + 1));
    auto patterns = git::SparsePatterns::parse(as_bytes(text));
    auto filter = git::ObjectFilter::parse(spec);
    if (!filter) return 0;
    if (filter->rules().size() > git::kFilterPartsMax) std::abort();
    if (filter->keeps_blobs_at(7) && !filter->keeps_entries_at(7)) std::abort();
    if (!patterns) return 0;
    for (git::FilterRule& rule : filter->rules()) {
        rule.patterns = std::make_shared<const git::SparsePatterns>(*patterns);
    }
    filter->keeps_path(path, filter->folder_state(path, 0));
    return 0;
}
