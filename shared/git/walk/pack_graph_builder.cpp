#include "git/walk/pack_graph_builder.h"

#include <algorithm>
#include <tuple>

#include "git/object/commit.h"
#include "git/object/tag.h"
#include "git/object/tree.h"
#include "git/pack/compressed_bits.h"
#include "git/pack/pack_graph.h"
#include "git/pack/packed_objects.h"

namespace ashlar::git {
namespace {

constexpr std::uint32_t kObjectsPerPause = 512;
// A bitmap is taken to compress to this part of its size.
constexpr std::uint64_t kCompressionGuess = 8;
constexpr std::uint32_t kGenerationUnknown = 0;

// What is named and does not lie in the pack ends the work without an error.
Error open_pack() {
    return {ErrorCode::not_found, "the pack is not closed"};
}

class Builder {
  public:
    Builder(const std::shared_ptr<const PackCatalog>& catalog, const PackGraphOptions& options)
        : index_(catalog->index(0)),
          options_(options),
          objects_(catalog),
          reached_(index_.object_count()) {
        for (Bits& type : parts_.types) type = Bits(index_.object_count());
    }

    Expected<std::optional<Bytes>> run(const std::vector<ObjectId>& tips) {
        parts_.pack_checksum = index_.pack_checksum();
        ASHLAR_CHECK(rank_objects());
        ASHLAR_CHECK(read_commits());
        ASHLAR_CHECK(check_tags());
        ASHLAR_CHECK(count_generations());
        ASHLAR_TRY(const std::vector<std::uint32_t> chosen, choose(tips));
        for (const std::uint32_t number : chosen) ASHLAR_CHECK(add_bitmap(number));
        return encode(std::move(parts_));
    }

  private:
    Expected<void> pause() {
        if (++steps_ % kObjectsPerPause != 0) return {};
        return options_.pause();
    }

    Expected<std::uint32_t> rank_of(const ObjectId& id) const {
        ASHLAR_TRY(const std::optional<std::uint32_t> position, index_.find(id));
        if (!position) return Unexpected(open_pack());
        return parts_.ranks[*position];
    }

    Expected<std::uint32_t> rank_of(const ObjectId& id, ObjectType type) const {
        ASHLAR_TRY(const std::uint32_t rank, rank_of(id));
        if (bits_of(type).get(rank)) return rank;
        return fail(ErrorCode::corrupt, "object " + id.hex() + " is no " +
                                            std::string(to_string(type)) + " as it is named");
    }

    const Bits& bits_of(ObjectType type) const {
        return parts_.types[static_cast<std::size_t>(type) - 1];
    }

    Expected<std::shared_ptr<const Object>> read(std::uint32_t rank) {
        ASHLAR_CHECK(pause());
        ASHLAR_TRY(const std::uint32_t position, index_.position_by_offset(rank));
        return objects_.read_at({0, position}, kObjectSizeMaxDefault);
    }

    Expected<void> rank_objects() {
        parts_.ranks.resize(index_.object_count());
        for (std::uint32_t rank = 0; rank < index_.object_count(); ++rank) {
            ASHLAR_TRY(const std::uint32_t position, index_.position_by_offset(rank));
            ASHLAR_TRY(const PackIndexEntry entry, index_.entry_at(position));
            parts_.ranks[position] = rank;
            parts_.types[static_cast<std::size_t>(entry.type) - 1].set(rank);
            parts_.entries.push_back({entry.offset, kNoBase, false});
        }
        for (std::uint32_t rank = 0; rank < index_.object_count(); ++rank) {
            ASHLAR_TRY(const std::uint32_t position, index_.position_by_offset(rank));
            ASHLAR_TRY(const PackIndexEntry entry, index_.entry_at(position));
            if (!is_delta(entry.kind)) continue;
            if (entry.base >= parts_.ranks.size()) {
                return fail(ErrorCode::corrupt, "pack index: a delta without a base");
            }
            parts_.entries[rank].base = parts_.ranks[entry.base];
            parts_.entries[rank].names_base_by_id = entry.kind == EntryKind::reference_delta;
        }
        return {};
    }

    Expected<void> read_commits() {
        const Bits& commits = bits_of(ObjectType::commit);
        commit_ranks_.reserve(commits.count());
        for (std::uint32_t rank = commits.next(0); rank < commits.size();
             rank = commits.next(rank + 1)) {
            commit_ranks_.push_back(rank);
        }
        for (const std::uint32_t rank : commit_ranks_) {
            ASHLAR_TRY(const auto object, read(rank));
            const Expected<CommitLinks> links = parse_commit_links(object->content);
            if (!links) return fail(ErrorCode::corrupt, "a commit: " + links.error().detail);
            PackGraphCommit commit;
            commit.rank = rank;
            commit.generation = kGenerationUnknown;
            commit.committed_seconds = links->committed_seconds;
            ASHLAR_TRY(commit.tree_rank, rank_of(links->tree, ObjectType::tree));
            for (const ObjectId& parent : links->parents) {
                ASHLAR_TRY(const std::uint32_t parent_rank, rank_of(parent, ObjectType::commit));
                commit.parents.push_back(number_of(parent_rank));
            }
            parts_.commits.push_back(std::move(commit));
        }
        return {};
    }

    std::uint32_t number_of(std::uint32_t rank) const {
        return static_cast<std::uint32_t>(
            std::lower_bound(commit_ranks_.begin(), commit_ranks_.end(), rank) -
            commit_ranks_.begin());
    }

    Expected<void> check_tags() {
        const Bits& tags = bits_of(ObjectType::tag);
        for (std::uint32_t rank = tags.next(0); rank < tags.size(); rank = tags.next(rank + 1)) {
            ASHLAR_TRY(const auto object, read(rank));
            const Expected<TagView> tag = parse_tag(object->content);
            if (!tag) return fail(ErrorCode::corrupt, "a tag: " + tag.error().detail);
            ASHLAR_CHECK(rank_of(tag->target.id));
        }
        return {};
    }

    Expected<void> count_generations() {
        std::vector<std::uint32_t> path;
        for (std::uint32_t start = 0; start < parts_.commits.size(); ++start) {
            if (parts_.commits[start].generation == kGenerationUnknown) path.push_back(start);
            while (!path.empty()) {
                ASHLAR_CHECK(pause());
                PackGraphCommit& commit = parts_.commits[path.back()];
                std::uint32_t largest = 0;
                const std::size_t depth = path.size();
                for (const std::uint32_t parent : commit.parents) {
                    const std::uint32_t generation = parts_.commits[parent].generation;
                    if (generation == kGenerationUnknown) path.push_back(parent);
                    largest = std::max(largest, generation);
                }
                if (path.size() > depth) continue;
                commit.generation = largest + 1;
                path.pop_back();
            }
        }
        return {};
    }

    // Oldest first, so that each bitmap begins with those below it.
    Expected<std::vector<std::uint32_t>> choose(const std::vector<ObjectId>& tips) const {
        const std::uint64_t bytes_each = index_.object_count() / 8 / kCompressionGuess + 1;
        const std::uint64_t count_max = options_.bitmap_bytes_max / bytes_each;
        std::vector<std::uint32_t> chosen;
        for (const ObjectId& tip : tips) {
            ASHLAR_TRY(const std::optional<std::uint32_t> position, index_.find(tip));
            if (!position) continue;
            const std::uint32_t rank = parts_.ranks[*position];
            if (bits_of(ObjectType::commit).get(rank)) chosen.push_back(number_of(rank));
        }
        const auto newest_first = [this](std::uint32_t left, std::uint32_t right) {
            return std::tuple(parts_.commits[left].generation, left) >
                   std::tuple(parts_.commits[right].generation, right);
        };
        std::sort(chosen.begin(), chosen.end(), newest_first);
        chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
        chosen.resize(std::min<std::size_t>(
            {chosen.size(), options_.tips_max, static_cast<std::size_t>(count_max / 2 + 1)}));
        const std::uint64_t wanted = parts_.commits.size() / options_.generations_per_bitmap + 1;
        const std::uint64_t allowed = std::max<std::uint64_t>(1, std::min(wanted, count_max / 2));
        const std::uint64_t step = parts_.commits.size() / allowed + 1;
        for (std::uint32_t number = 0; number < parts_.commits.size(); ++number) {
            if (parts_.commits[number].generation % step == 0) chosen.push_back(number);
        }
        std::sort(chosen.begin(), chosen.end(), newest_first);
        chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
        std::reverse(chosen.begin(), chosen.end());
        return chosen;
    }

    Expected<void> add_bitmap(std::uint32_t number) {
        reached_.clear_all();
        std::vector<std::uint32_t> commits{number};
        std::vector<std::uint32_t> trees;
        while (!commits.empty()) {
            const PackGraphCommit& commit = parts_.commits[commits.back()];
            commits.pop_back();
            if (reached_.get(commit.rank)) continue;
            if (commit.bitmap != kNoBitmap) {
                ASHLAR_CHECK(add_compressed_bits(parts_.bitmaps[commit.bitmap], reached_));
                continue;
            }
            reached_.set(commit.rank);
            trees.push_back(commit.tree_rank);
            commits.insert(commits.end(), commit.parents.begin(), commit.parents.end());
        }
        ASHLAR_CHECK(reach_trees(trees));
        parts_.commits[number].bitmap = static_cast<std::uint32_t>(parts_.bitmaps.size());
        parts_.bitmaps.push_back(compress_bits(reached_));
        return {};
    }

    Expected<void> reach_trees(std::vector<std::uint32_t>& pending) {
        while (!pending.empty()) {
            const std::uint32_t rank = pending.back();
            pending.pop_back();
            if (reached_.get(rank)) continue;
            reached_.set(rank);
            ASHLAR_TRY(const auto tree, read(rank));
            TreeReader reader(tree->content);
            TreeEntryView entry;
            TreeReader::Step step = TreeReader::Step::entry;
            while ((step = reader.next_into(entry)) == TreeReader::Step::entry) {
                if (entry.is_gitlink()) continue;
                const ObjectType type = entry.is_tree() ? ObjectType::tree : ObjectType::blob;
                ASHLAR_TRY(const std::uint32_t child, rank_of(entry.id, type));
                if (entry.is_tree()) {
                    pending.push_back(child);
                } else {
                    reached_.set(child);
                }
            }
            if (step == TreeReader::Step::broken) return fail(ErrorCode::corrupt, reader.fault());
        }
        return {};
    }

    const PackIndex& index_;
    const PackGraphOptions& options_;
    PackedObjects objects_;
    PackGraphParts parts_;
    std::vector<std::uint32_t> commit_ranks_;  // by number
    Bits reached_;
    std::uint32_t steps_ = 0;
};

}  // namespace

Expected<std::optional<Bytes>> build_pack_graph(const std::shared_ptr<const PackCatalog>& catalog,
                                                const std::vector<ObjectId>& tips,
                                                const PackGraphOptions& options) {
    if (catalog->pack_count() != 1) {
        return fail(ErrorCode::invalid, "a graph is made of one pack");
    }
    Expected<std::optional<Bytes>> graph = Builder(catalog, options).run(tips);
    if (!graph && graph.error().code == ErrorCode::not_found) return std::optional<Bytes>();
    return graph;
}

}  // namespace ashlar::git
