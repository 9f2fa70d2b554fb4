#include "git/browse/read.h"

#include <algorithm>
#include <array>

#include "git/object/tag.h"

namespace ashlar::git::browse {

namespace {

Unexpected wrong_type(const ObjectId& id, ObjectType found, ObjectType wanted) {
    return fail(ErrorCode::invalid, id.hex() + " is a " + std::string(to_string(found)) +
                                        ", not a " + std::string(to_string(wanted)));
}

std::string lower_case(std::string_view text) {
    std::string lower(text);
    for (char& character : lower) {
        if (character >= 'A' && character <= 'Z') character = static_cast<char>(character + 32);
    }
    return lower;
}

}  // namespace

Expected<Commit> read_commit(ObjectSource& objects, const ObjectId& id) {
    ASHLAR_TRY(auto object, objects.read(id, kCommitBytesMax));
    if (object->type != ObjectType::commit) return wrong_type(id, object->type, ObjectType::commit);
    ASHLAR_TRY(CommitView view, parse_commit(object->content));
    return Commit{id, std::move(object), std::move(view)};
}

Expected<std::shared_ptr<const Object>> read_tree(ObjectSource& objects, const ObjectId& id) {
    ASHLAR_TRY(auto object, objects.read(id, kTreeBytesMax));
    if (object->type != ObjectType::tree) return wrong_type(id, object->type, ObjectType::tree);
    return object;
}

Expected<Peeled> peel(ObjectSource& objects, const ObjectId& id) {
    Peeled peeled{id, ObjectType::tag};
    for (std::size_t depth = 0; depth < kTagDepthMax; ++depth) {
        ASHLAR_TRY(ObjectInfo info, objects.info(peeled.id));
        peeled.type = info.type;
        if (info.type != ObjectType::tag) return peeled;
        ASHLAR_TRY(auto object, objects.read(peeled.id, kCommitBytesMax));
        ASHLAR_TRY(TagView tag, parse_tag(object->content));
        peeled.id = tag.target.id;
    }
    return fail(ErrorCode::limit_exceeded,
                "more than " + std::to_string(kTagDepthMax) + " tags of tags at " + id.hex());
}

Expected<std::optional<PathEntry>> find_path(ObjectSource& objects, const ObjectId& root_tree,
                                             std::string_view path) {
    PathEntry entry{kModeTree, root_tree};
    while (!path.empty()) {
        if (!entry.is_tree()) return std::optional<PathEntry>();
        std::string_view name = path.substr(0, path.find('/'));
        path.remove_prefix(std::min(path.size(), name.size() + 1));
        ASHLAR_TRY(auto tree, read_tree(objects, entry.id));
        ASHLAR_TRY(auto found, find_tree_entry(tree->content, name));
        if (!found) return std::optional<PathEntry>();
        entry = {found->mode, found->id};
    }
    return std::optional(entry);
}

Expected<Tree> read_entries(ObjectSource& objects, const ObjectId& id) {
    Tree tree;
    ASHLAR_TRY(tree.object, read_tree(objects, id));
    TreeReader reader(tree.object->content);
    while (true) {
        ASHLAR_TRY(auto entry, reader.next());
        if (!entry) return tree;
        tree.entries.push_back(*entry);
    }
}

bool looks_binary(ByteView content) {
    static constexpr std::size_t kLookedAt = 8000;
    ByteView start = content.first(std::min(content.size(), kLookedAt));
    return std::find(start.begin(), start.end(), Byte{0}) != start.end();
}

const TreeEntryView* find_readme(const std::vector<TreeEntryView>& entries) {
    static constexpr std::array<std::string_view, 6> kNames{
        "readme.md", "readme.markdown", "readme", "readme.txt", "readme.rst", "readme.adoc"};
    const TreeEntryView* best = nullptr;
    std::size_t best_rank = kNames.size();
    for (const TreeEntryView& entry : entries) {
        if (entry.is_tree() || entry.is_gitlink() || entry.is_symlink()) continue;
        if (entry.name.size() < 6 || entry.name.size() > 15) continue;
        auto name = std::find(kNames.begin(), kNames.end(), lower_case(entry.name));
        auto rank = static_cast<std::size_t>(name - kNames.begin());
        if (rank < best_rank) {
            best = &entry;
            best_rank = rank;
        }
    }
    return best;
}

}  // namespace ashlar::git::browse
