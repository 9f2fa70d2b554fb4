#include "git/walk/commit_paint.h"

#include <algorithm>

namespace ashlar::git {
namespace {

// How many commits are looked at when only unwanted ones are left (git's "slop").
constexpr int kSlop = 5;

class Painter {
  public:
    explicit Painter(CommitGraph& graph) : graph_(graph), queue_(graph) {}

    Expected<void> add(CommitIndex index, std::uint8_t color) { return paint(index, color); }

    Expected<std::vector<CommitIndex>> run(std::optional<std::int64_t> since_seconds) {
        std::vector<CommitIndex> popped;
        int slop = kSlop;
        while (!queue_.empty()) {
            if (wanted_in_queue_ > 0) {
                slop = kSlop;
            } else if (popped.empty() || (queue_.top_seconds() < oldest_wanted_ && slop-- == 0)) {
                break;
            }
            const CommitIndex index = queue_.pop();
            Node& node = node_of(index);
            node.queued = false;
            if (is_wanted(node)) --wanted_in_queue_;
            ASHLAR_TRY(const GraphCommit* commit, graph_.load(index));
            if (since_seconds && commit->committed_seconds < *since_seconds) {
                node.color |= kUnwanted;
            }
            if (is_wanted(node) && !node.popped) {
                popped.push_back(index);
                node.popped = true;
                oldest_wanted_ = std::min(oldest_wanted_, commit->committed_seconds);
            }
            const std::uint8_t color = node.color;
            const std::vector<CommitIndex> parents = commit->parents;
            for (CommitIndex parent : parents) ASHLAR_CHECK(paint(parent, color));
        }
        std::erase_if(popped, [&](CommitIndex index) { return !is_wanted(node_of(index)); });
        return popped;
    }

    static constexpr std::uint8_t kWanted = 1;
    static constexpr std::uint8_t kUnwanted = 2;

  private:
    struct Node {
        std::uint8_t color = 0;
        bool queued = false;
        bool popped = false;
    };

    static bool is_wanted(const Node& node) { return node.color == kWanted; }
    Node& node_of(CommitIndex index) {
        if (index >= nodes_.size()) nodes_.resize(std::max<std::size_t>(graph_.size(), index + 1));
        return nodes_[index];
    }

    // A commit that was looked at before is looked at again when it gets another color.
    Expected<void> paint(CommitIndex index, std::uint8_t color) {
        Node& node = node_of(index);
        if ((node.color | color) == node.color) return {};
        if (node.queued && is_wanted(node)) --wanted_in_queue_;
        node.color |= color;
        if (!node.queued) {
            ASHLAR_CHECK(queue_.push(index));
            node_of(index).queued = true;
        }
        if (is_wanted(node_of(index))) ++wanted_in_queue_;
        return {};
    }

    CommitGraph& graph_;
    CommitQueue queue_;
    std::vector<Node> nodes_;
    std::size_t wanted_in_queue_ = 0;
    std::int64_t oldest_wanted_ = std::numeric_limits<std::int64_t>::max();
};

}  // namespace

Expected<std::vector<CommitIndex>> commits_in_range(CommitGraph& graph, const CommitRange& range) {
    Painter painter(graph);
    for (CommitIndex index : range.unwanted) ASHLAR_CHECK(painter.add(index, Painter::kUnwanted));
    for (CommitIndex index : range.wanted) ASHLAR_CHECK(painter.add(index, Painter::kWanted));
    return painter.run(range.since_seconds);
}

}  // namespace ashlar::git
