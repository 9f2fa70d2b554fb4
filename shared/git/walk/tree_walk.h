// The part of a walk that goes through trees: lists what was not met yet, and looks into trees
// that the client has only as far as something beside them changed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "git/object/object_source.h"
#include "git/object/tree.h"
#include "git/walk/object_filter.h"
#include "git/walk/object_walk.h"

namespace ashlar::git {

class TreeWalk {
  public:
    TreeWalk(ObjectSource& objects, const ObjectFilter& filter, ObjectIdMap<WalkState>& states)
        : objects_(objects), filter_(filter), states_(states) {}

    // Lists the tree, at the given depth of the filter, and what it holds into `to`. `beside`:
    // trees of parents at the same path, which were walked before or which the client has.
    Expected<void> list(const ObjectId& root, std::uint64_t depth,
                        const std::vector<ObjectId>& beside, std::vector<ObjectId>& to);
    // As list(), of a tree that was asked for itself: its entries are at depth 0.
    Expected<void> list_wanted(const ObjectId& root, std::vector<ObjectId>& to);
    // Marks all that the tree holds as held by the client.
    Expected<void> hold(const ObjectId& root);

  private:
    // A tree being read, one entry ahead.
    struct Cursor {
        std::shared_ptr<const Object> tree;
        TreeReader reader;
        std::optional<TreeEntryView> entry;
    };
    struct Frame {
        std::shared_ptr<const Object> tree;
        TreeReader reader;
        std::uint64_t depth = 0;  // of the entries
        std::vector<Cursor> beside;
        std::size_t path_size = 0;
        ObjectFilter::SparseState sparse = 0;
    };

    Expected<std::shared_ptr<const Object>> read_tree(const ObjectId& id);
    void add(const ObjectId& id, std::vector<ObjectId>& to);
    bool begins(const ObjectId& id, std::uint64_t depth, ObjectFilter::SparseState sparse);
    Expected<void> open(const ObjectId& id, std::uint64_t depth,
                        const std::vector<ObjectId>& beside, ObjectFilter::SparseState sparse);
    Expected<void> open_beside(const ObjectId& id, Frame& frame);
    Expected<void> run(std::vector<ObjectId>& to);
    Expected<void> take_tree(const TreeEntryView& entry, std::vector<ObjectId>& to);
    Expected<void> take_blob(const TreeEntryView& entry, std::vector<ObjectId>& to);
    Expected<std::vector<ObjectId>> trees_beside(Frame& frame, std::string_view name);
    void close();

    ObjectSource& objects_;
    const ObjectFilter& filter_;
    ObjectIdMap<WalkState>& states_;
    ObjectIdMap<std::uint64_t> depths_;  // least depth at which a tree was looked into, plus 1
    ObjectIdSet places_;                 // trees at paths, where the filter asks for paths
    std::vector<Frame> frames_;
    std::string path_;  // of the open trees, each followed by '/'
    std::size_t open_bytes_ = 0;
};

}  // namespace ashlar::git
