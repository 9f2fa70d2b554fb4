// Pages over repositories in memory.
#pragma once

#include <map>
#include <string>

#include "api/pages.h"
#include "support/memory_repository.h"

namespace ashlar::api {

// What a viewer may see is decided as the forge decides it.
class MemorySite : public Repositories {
  public:
    struct Item {
        RepositoryCard card;
        std::shared_ptr<git::MemoryRepository> world = std::make_shared<git::MemoryRepository>();
    };

    Item& add(const std::string& owner, const std::string& name) {
        Item& item = items[owner + "/" + name];
        item.card.owner = owner;
        item.card.record.name = name;
        item.card.record.default_branch = "main";
        return item;
    }

    Expected<RepositoryList> list(const Viewer& viewer, std::optional<std::string_view> owner,
                                  std::string_view after, std::size_t count_max) override {
        RepositoryList list;
        bool known = !owner;
        for (const auto& [name, item] : items) {
            if (owner && item.card.owner != *owner) continue;
            known = true;
            if (!may_read(viewer, item) || name <= after) continue;
            if (list.repositories.size() == count_max) {
                list.next =
                    list.repositories.back().owner + "/" + list.repositories.back().record.name;
                break;
            }
            list.repositories.push_back(item.card);
        }
        if (!known) return fail(ErrorCode::not_found, "account");
        return list;
    }

    Expected<OpenRepository> open(const Viewer& viewer, std::string_view owner,
                                  std::string_view name) override {
        auto found = items.find(std::string(owner) + "/" + std::string(name));
        if (found == items.end() || !may_read(viewer, found->second)) {
            return fail(ErrorCode::not_found, "repository");
        }
        const Item& item = found->second;
        return OpenRepository{item.card,
                              std::shared_ptr<const git::RefSource>(item.world, &item.world->refs),
                              std::shared_ptr<git::ObjectSource>(item.world, &item.world->objects)};
    }

    std::map<std::string, Item> items;

  private:
    static bool may_read(const Viewer& viewer, const Item& item) {
        bool is_open = item.card.record.visibility == forge::Visibility::visible_to_all;
        return is_open || (viewer.account && viewer.account->login == item.card.owner);
    }
};

}  // namespace ashlar::api
