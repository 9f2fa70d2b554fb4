// What a partial clone leaves out (git-rev-list, "--filter=<filter-spec>"). What is asked for by
// id is always sent, whatever the filter says.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "git/object/object.h"
#include "git/walk/sparse_patterns.h"

namespace ashlar::git {

inline constexpr std::size_t kFilterSpecSizeMax = 16 * 1024;
inline constexpr std::size_t kFilterPartsMax = 64;

// One condition; all conditions of a filter have to hold.
struct FilterRule {
    enum class Kind : std::uint8_t { blob_none, blob_limit, tree_depth, object_type, sparse };
    Kind kind = Kind::blob_none;
    std::uint64_t limit = 0;  // blob_limit: bytes; tree_depth: levels
    ObjectType type = ObjectType::blob;
    std::string sparse_name;  // "<id>" or "<revision>:<path>" of the blob that holds the patterns
    std::shared_ptr<const SparsePatterns> patterns;  // what whoever reads the blob puts here
};

class ObjectFilter {
  public:
    // "blob:none", "blob:limit=1k", "tree:0", "object:type=blob", "sparse:oid=<id>",
    // "combine:<spec>+<spec>" (URL-encoded parts). Fails with `invalid` on anything else.
    static Expected<ObjectFilter> parse(std::string_view spec);

    bool empty() const { return rules_.empty(); }
    std::vector<FilterRule>& rules() { return rules_; }
    const std::vector<FilterRule>& rules() const { return rules_; }

    bool keeps_commits() const { return keeps_type(ObjectType::commit); }
    bool keeps_tags() const { return keeps_type(ObjectType::tag); }
    // Depth: 0 is a commit's tree, 1 are the entries of that, and so on.
    bool keeps_tree_at(std::uint64_t depth) const;
    // All that can be said without the blob's size and place.
    bool keeps_blobs_at(std::uint64_t depth) const;
    // Whether any tree or blob at this depth or deeper is kept.
    bool keeps_entries_at(std::uint64_t depth) const;

    // Blobs of this size and larger are left out.
    std::optional<std::uint64_t> blob_size_limit() const;
    // Nothing at this depth or deeper is kept.
    std::optional<std::uint64_t> depth_limit() const;
    // Whether each tree is either kept or left out, wherever it lies.
    bool keeps_every_tree() const;

    // Where a sparse rule asks for paths: what each such rule says of a folder, which holds for
    // what lies in it unless something more is said there. One bit for each rule.
    using SparseState = std::uint64_t;
    bool depends_on_path() const;
    SparseState folder_state(std::string_view path, SparseState of_folder_above) const;
    bool keeps_path(std::string_view path, SparseState of_folder) const;

  private:
    Expected<void> add(std::string_view spec, std::size_t nesting);
    bool keeps_type(ObjectType type) const;
    std::vector<FilterRule> rules_;
};

}  // namespace ashlar::git
