// A git repository in memory: objects made in one line, and refs.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "git/object/object_source.h"
#include "git/object/tree.h"
#include "git/ref_source.h"

namespace ashlar::git {

class MemoryObjects : public ObjectSource {
  public:
    Expected<std::shared_ptr<const Object>> read(const ObjectId& id,
                                                 std::uint64_t size_max) override {
        ++read_count;
        auto found = objects_.find(id);
        if (found == objects_.end()) return fail(missing_code, "object " + id.hex());
        if (found->second->content.size() > size_max) {
            return fail(ErrorCode::limit_exceeded, "object " + id.hex());
        }
        return found->second;
    }
    Expected<ObjectInfo> info(const ObjectId& id) override {
        auto found = objects_.find(id);
        if (found == objects_.end()) return fail(missing_code, "object " + id.hex());
        return ObjectInfo{found->second->type, found->second->content.size()};
    }
    Expected<bool> contains(const ObjectId& id) override {
        if (objects_.contains(id)) return true;
        if (missing_code == ErrorCode::needs_data) return fail(missing_code, id.hex());
        return false;
    }
    Expected<std::vector<ObjectId>> find_prefix(std::string_view, std::size_t) override {
        return fail(ErrorCode::unsupported, "find_prefix");
    }

    ObjectId add(ObjectType type, std::string_view content) {
        ObjectId id = object_id_of(type, as_bytes(content)).value();
        objects_[id] = std::make_shared<const Object>(Object{type, to_bytes(content)});
        return id;
    }
    ObjectId blob(std::string_view content) { return add(ObjectType::blob, content); }

    struct Entry {
        std::uint32_t mode;
        std::string name;
        ObjectId id;
    };
    // Entries in any order.
    ObjectId tree(const std::vector<Entry>& entries) {
        auto key = [](const Entry& entry) {
            return entry.name + (entry.mode == kModeTree ? "/" : "");
        };
        std::map<std::string, const Entry*> sorted;
        for (const Entry& entry : entries) sorted[key(entry)] = &entry;
        std::string content;
        for (const auto& [name, entry] : sorted) {
            content += octal(entry->mode) + " " + entry->name;
            content.push_back('\0');
            content += as_text(entry->id.view());
        }
        return add(ObjectType::tree, content);
    }
    ObjectId commit(const ObjectId& tree, const std::vector<ObjectId>& parents,
                    std::int64_t seconds, std::string_view message = "change\n") {
        std::string content = "tree " + tree.hex() + "\n";
        for (const ObjectId& parent : parents) content += "parent " + parent.hex() + "\n";
        const std::string who = "A U Thor <author@example.com> " + std::to_string(seconds);
        content += "author " + who + " +0000\ncommitter " + who + " +0000\n\n";
        return add(ObjectType::commit, content + std::string(message));
    }
    ObjectId tag(const ObjectId& target, ObjectType type, std::string_view name) {
        return add(ObjectType::tag,
                   "object " + target.hex() + "\ntype " + std::string(to_string(type)) + "\ntag " +
                       std::string(name) + "\ntagger A <a@example.com> 1 +0000\n\ntag\n");
    }
    void remove(const ObjectId& id) { objects_.erase(id); }
    const std::map<ObjectId, std::shared_ptr<const Object>>& all() const { return objects_; }

    ErrorCode missing_code = ErrorCode::not_found;
    std::size_t read_count = 0;

  private:
    static std::string octal(std::uint32_t mode) {
        std::string digits;
        for (; mode > 0; mode /= 8)
            digits.insert(digits.begin(), static_cast<char>('0' + mode % 8));
        return digits;
    }
    std::map<ObjectId, std::shared_ptr<const Object>> objects_;
};

class MemoryRefs : public RefSource {
  public:
    Expected<void> scan(std::string_view prefix, const Visitor& visit) const override {
        for (auto ref = refs_.lower_bound(std::string(prefix)); ref != refs_.end(); ++ref) {
            if (!ref->first.starts_with(prefix) || !visit(ref->second)) break;
        }
        return {};
    }
    Expected<std::optional<Ref>> find(std::string_view name) const override {
        auto ref = refs_.find(std::string(name));
        if (ref == refs_.end()) return std::optional<Ref>();
        return std::optional<Ref>(ref->second);
    }
    Expected<std::string> head_target() const override { return head; }

    void set(const std::string& name, const ObjectId& id,
             std::optional<ObjectId> peeled = std::nullopt) {
        refs_[name] = Ref{name, id, peeled};
    }
    void remove(const std::string& name) { refs_.erase(name); }

    std::string head = "refs/heads/main";

  private:
    std::map<std::string, Ref> refs_;
};

}  // namespace ashlar::git
