#include "git/browse/renames.h"

#include <algorithm>
#include <map>

#include "git/browse/similarity.h"

namespace ashlar::git::browse {

namespace {

using Signature = std::optional<LineHashes>;

bool is_regular(const FileSide& side) {
    return (side.mode & kModeTypeMask) == (kModeBlob & kModeTypeMask);
}

class RenameSearch {
  public:
    RenameSearch(ObjectSource& objects, std::vector<FileDiff>& files, const DiffLimits& limits)
        : objects_(objects), files_(files), limits_(limits) {}

    Expected<void> run() {
        collect();
        join_equal();
        ASHLAR_CHECK(join_alike());
        files_.erase(std::remove_if(files_.begin(), files_.end(),
                                    [](const FileDiff& file) {
                                        return !file.change.before && !file.change.after;
                                    }),
                     files_.end());
        return {};
    }

  private:
    void collect() {
        for (std::size_t i = 0; i < files_.size(); ++i) {
            const FileChange& change = files_[i].change;
            if (!change.after && is_regular(*change.before)) deleted_.push_back(i);
            if (!change.before && is_regular(*change.after)) added_.push_back(i);
        }
    }

    void join(std::size_t deleted, std::size_t added, int similarity) {
        files_[added].change.before = std::move(files_[deleted].change.before);
        files_[added].similarity = similarity;
        files_[deleted].change.before.reset();
        std::erase(deleted_, deleted);
        std::erase(added_, added);
    }

    void join_equal() {
        std::map<ObjectId, std::vector<std::size_t>> by_content;
        for (std::size_t i : deleted_) by_content[files_[i].change.before->id].push_back(i);
        for (std::size_t added : std::vector<std::size_t>(added_)) {
            auto same = by_content.find(files_[added].change.after->id);
            if (same == by_content.end() || same->second.empty()) continue;
            std::size_t deleted = same->second.front();
            same->second.erase(same->second.begin());
            join(deleted, added, 100);
        }
    }

    // What the file looks like; nothing where it is not compared.
    Expected<Signature> signature_of(const FileSide& side) {
        auto object = objects_.read(side.id, limits_.rename_bytes_max);
        if (!object && object.error().code == ErrorCode::needs_data) {
            return Unexpected(std::move(object).error());
        }
        if (!object || (*object)->content.empty()) return Signature();
        const Bytes& content = (*object)->content;
        if (looks_binary(content)) return Signature();
        return LineHashes::of(content);
    }

    Expected<void> join_alike() {
        if (deleted_.empty() || added_.empty()) return {};
        if (deleted_.size() * added_.size() > limits_.rename_pairs_max) return {};
        std::map<std::size_t, Signature> signatures;
        for (std::size_t i : deleted_) {
            ASHLAR_TRY(signatures[i], signature_of(*files_[i].change.before));
        }
        for (std::size_t i : added_) {
            ASHLAR_TRY(signatures[i], signature_of(*files_[i].change.after));
        }
        for (const Pair& pair : alike_pairs(signatures)) {
            bool both_free =
                files_[pair.deleted].change.before && !files_[pair.added].change.before;
            if (both_free) join(pair.deleted, pair.added, pair.similarity);
        }
        return {};
    }

    struct Pair {
        int similarity = 0;
        std::size_t deleted = 0;
        std::size_t added = 0;
    };

    // The most alike first; among equals in the order of paths.
    std::vector<Pair> alike_pairs(const std::map<std::size_t, Signature>& signatures) const {
        std::vector<Pair> pairs;
        for (std::size_t deleted : deleted_) {
            for (std::size_t added : added_) {
                const Signature& left = signatures.at(deleted);
                const Signature& right = signatures.at(added);
                if (!left || !right) continue;
                int similarity = left->similarity_to(*right);
                // Only one content is 100.
                similarity = std::min(similarity, 99);
                if (similarity >= limits_.rename_similarity_min) {
                    pairs.push_back({similarity, deleted, added});
                }
            }
        }
        std::stable_sort(pairs.begin(), pairs.end(), [](const Pair& left, const Pair& right) {
            return left.similarity > right.similarity;
        });
        return pairs;
    }

    ObjectSource& objects_;
    std::vector<FileDiff>& files_;
    const DiffLimits& limits_;
    std::vector<std::size_t> deleted_;
    std::vector<std::size_t> added_;
};

}  // namespace

Expected<void> join_renames(ObjectSource& objects, std::vector<FileDiff>& files,
                            const DiffLimits& limits) {
    return RenameSearch(objects, files, limits).run();
}

}  // namespace ashlar::git::browse
