#include "git/wire/ref_list.h"

#include <algorithm>
#include <utility>

namespace ashlar::git {
namespace {

// Sorted, and without those that another one covers.
std::vector<std::string> disjoint(std::vector<std::string> prefixes) {
    std::sort(prefixes.begin(), prefixes.end());
    std::vector<std::string> result;
    for (std::string& prefix : prefixes) {
        if (result.empty() || !prefix.starts_with(result.back())) {
            result.push_back(std::move(prefix));
        }
    }
    return result;
}

class RefListStream : public ChunkStream {
  public:
    RefListStream(const RefSource& refs, std::vector<std::string> prefixes, Bytes head,
                  RefWriter writer, Bytes tail)
        : refs_(refs),
          prefixes_(disjoint(std::move(prefixes))),
          head_(std::move(head)),
          writer_(std::move(writer)),
          tail_(std::move(tail)) {}

    Expected<std::optional<Chunk>> next() override {
        if (ended_) return std::optional<Chunk>();
        Bytes page;
        std::string last = last_;
        std::size_t count = 0;
        while (prefix_ < prefixes_.size() && count < kRefsPerChunk) {
            const std::size_t count_before = count;
            auto visit = [&](const Ref& ref) {
                writer_(page, ref);
                last = ref.name;
                return ++count < kRefsPerChunk;
            };
            // An error leaves last_ as it is: the page is read again when the host has the data.
            ASHLAR_CHECK(refs_.scan_after(prefixes_[prefix_], last, visit));
            if (count < kRefsPerChunk || count == count_before) ++prefix_;
        }
        last_ = std::move(last);
        Bytes chunk = std::exchange(head_, {});
        append(chunk, page);
        if (prefix_ == prefixes_.size()) {
            ended_ = true;
            append(chunk, tail_);
        }
        if (chunk.empty()) return std::optional<Chunk>();
        return std::optional<Chunk>(std::move(chunk));
    }

  private:
    const RefSource& refs_;
    std::vector<std::string> prefixes_;
    std::size_t prefix_ = 0;
    std::string last_;
    Bytes head_;
    RefWriter writer_;
    Bytes tail_;
    bool ended_ = false;
};

}  // namespace

std::unique_ptr<ChunkStream> list_refs(const RefSource& refs, std::vector<std::string> prefixes,
                                       Bytes head, RefWriter writer, Bytes tail) {
    return std::make_unique<RefListStream>(refs, std::move(prefixes), std::move(head),
                                           std::move(writer), std::move(tail));
}

}  // namespace ashlar::git
