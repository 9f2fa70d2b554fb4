// A whole repository in memory, made commit by commit from paths and contents.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "support/memory_objects.h"

namespace ashlar::git {

// Objects that can also be found by the beginning of their ids.
class SearchableObjects : public MemoryObjects {
  public:
    Expected<std::vector<ObjectId>> find_prefix(std::string_view hex_prefix,
                                                std::size_t count_max) override {
        std::vector<ObjectId> found;
        for (const auto& [id, object] : all()) {
            if (found.size() < count_max && id.hex().starts_with(hex_prefix)) found.push_back(id);
        }
        return found;
    }
};

struct MemoryFile {
    std::string content;
    std::uint32_t mode = kModeBlob;  // kModeGitlink: the content is 40 hexadecimal digits
};
using MemoryFiles = std::map<std::string, MemoryFile>;  // by path

class MemoryRepository {
  public:
    // The tree of these files.
    ObjectId tree(const MemoryFiles& files) {
        std::map<std::string, MemoryFiles> folders;
        std::vector<MemoryObjects::Entry> entries;
        for (const auto& [path, file] : files) {
            std::size_t slash = path.find('/');
            if (slash == std::string::npos) {
                entries.push_back({file.mode, path, file_id(file)});
            } else {
                folders[path.substr(0, slash)][path.substr(slash + 1)] = file;
            }
        }
        for (const auto& [name, inner] : folders) entries.push_back({kModeTree, name, tree(inner)});
        return objects.tree(entries);
    }

    // A commit of these files; each is a minute later than the one before.
    ObjectId commit(const MemoryFiles& files, const std::vector<ObjectId>& parents,
                    std::string_view message) {
        clock_s += 60;
        return objects.commit(tree(files), parents, clock_s, message);
    }

    // The same, on the branch, whose tip is the parent.
    ObjectId commit_on(const std::string& branch, const MemoryFiles& files,
                       std::string_view message) {
        std::string name = "refs/heads/" + branch;
        auto tip = refs.find(name).value();
        std::vector<ObjectId> parents;
        if (tip) parents.push_back(tip->id);
        ObjectId id = commit(files, parents, message);
        refs.set(name, id);
        return id;
    }

    SearchableObjects objects;
    MemoryRefs refs;
    std::int64_t clock_s = 1'700'000'000;

  private:
    ObjectId file_id(const MemoryFile& file) {
        if (file.mode == kModeGitlink) return ObjectId::from_hex(file.content).value();
        return objects.blob(file.content);
    }
};

}  // namespace ashlar::git
