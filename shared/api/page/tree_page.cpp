#include <algorithm>

#include "api/page/answer_pages.h"
#include "api/page/answers.h"
#include "api/page/describe.h"
#include "api/page/readme.h"
#include "git/browse/last_change.h"
#include "pages/text.h"

namespace ashlar::api::page {

namespace {

namespace browse = git::browse;

constexpr std::size_t kEntriesPerPage = 2'000;
constexpr std::size_t kSymlinkBytesMax = 4'096;

std::string joined(std::string_view folder, std::string_view name) {
    std::string path(folder);
    if (!path.empty()) path.push_back('/');
    return path.append(name);
}

// Folders first, each kind in the order of its names.
void sort_for_people(std::vector<git::TreeEntryView>& entries) {
    std::stable_partition(entries.begin(), entries.end(),
                          [](const git::TreeEntryView& entry) { return entry.is_tree(); });
}

Page empty_page(const RepositoryContext& repository, Value model) {
    const forge::Repository& record = repository.card().record;
    Page page;
    page.template_name = "empty_repository";
    page.model = std::move(model);
    page.model.set("name", record.name).set("clone_url", repository.clone_url());
    page.model.set("default_branch", record.default_branch.empty()
                                         ? "main"
                                         : pages::visible_name(record.default_branch));
    return page;
}

class TreePage {
  public:
    TreePage(const RepositoryContext& repository, browse::Location location)
        : repository_(repository), location_(std::move(location)) {}

    Expected<Answer> run() {
        ASHLAR_TRY(browse::Commit commit,
                   browse::read_commit(repository_.objects(), location_.revision.commit));
        ASHLAR_TRY(auto entry,
                   browse::find_path(repository_.objects(), commit.view.tree, location_.path));
        if (!entry) {
            return fail(ErrorCode::not_found,
                        location_.path + " is not in " + revision_name(location_.revision));
        }
        if (!entry->is_tree()) return redirection(address("blob", location_.path));
        ASHLAR_TRY(tree_, browse::read_entries(repository_.objects(), entry->id));
        ASHLAR_CHECK(begin());
        ASHLAR_CHECK(add_changes());
        sort_for_people(tree_.entries);
        ASHLAR_CHECK(add_entries());
        ASHLAR_TRY(Value readme, describe_readme(repository_, location_, tree_.entries));
        page_.model.set("readme", std::move(readme));
        return std::move(page_);
    }

  private:
    Expected<void> begin() {
        page_.template_name = "tree";
        std::string title = repository_.card().owner + "/" + repository_.card().record.name;
        if (!location_.path.empty()) title = pages::visible_name(location_.path) + " in " + title;
        ASHLAR_TRY(page_.model,
                   begin_repository_model(repository_, title, Tab::files,
                                          pages::encode_path(location_.revision.name)));
        ASHLAR_CHECK(fill_tools(page_.model, repository_, "tree", location_));
        if (!location_.path.empty()) {
            std::size_t slash = location_.path.rfind('/');
            std::string above = slash == std::string::npos ? "" : location_.path.substr(0, slash);
            page_.model.set("parent_href", address("tree", above));
            page_.model.set("history_href", address("commits", location_.path));
        }
        return {};
    }

    std::string address(std::string_view what, std::string_view path) const {
        return address_of(repository_, what, location_.revision.name, path);
    }

    Expected<void> add_changes() {
        ASHLAR_TRY(changes_,
                   browse::find_last_changes(repository_.objects(), location_.revision.commit,
                                             location_.path, {}));
        for (const browse::Commit& commit : changes_.commits) {
            described_.push_back(describe_commit(repository_, commit));
        }
        // At the root the commit itself; in a folder the last that touched it.
        if (location_.path.empty()) {
            ASHLAR_TRY(browse::Commit latest,
                       browse::read_commit(repository_.objects(), location_.revision.commit));
            page_.model.set("latest", describe_commit(repository_, latest));
        } else if (!described_.empty()) {
            page_.model.set("latest", described_.front());
        }
        if (!changes_.complete) {
            page_.model.set("changes_note", "Last changes were looked for in the latest " +
                                                pages::human_count(changes_.walked) +
                                                " commits; older ones are not shown here.");
        }
        return {};
    }

    Expected<void> add_entries() {
        std::size_t first = page_number() * kEntriesPerPage;
        std::size_t count = tree_.entries.size();
        if (first >= count) first = 0;
        std::size_t last = std::min(count, first + kEntriesPerPage);
        Value::List items;
        for (std::size_t i = first; i < last; ++i) {
            ASHLAR_TRY(Value item, describe(tree_.entries[i]));
            items.push_back(std::move(item));
        }
        page_.model.set("entries", std::move(items));
        if (first == 0 && last == count) return {};
        page_.model.set("entries_note", "Entries " + pages::human_count(first + 1) + " to " +
                                            pages::human_count(last) + " of " +
                                            pages::human_count(count) + ".");
        if (last < count) {
            page_.model.set("next_href", address("tree", location_.path) +
                                             "?page=" + std::to_string(page_number() + 1));
        }
        return {};
    }

    std::size_t page_number() const {
        std::string_view text = repository_.context.parameter("page");
        std::size_t number = 0;
        for (char digit : text.substr(0, 6)) {
            if (digit < '0' || digit > '9') return 0;
            number = number * 10 + static_cast<std::size_t>(digit - '0');
        }
        return number;
    }

    Expected<Value> describe(const git::TreeEntryView& entry) {
        Value item;
        item.set("name", pages::visible_name(entry.name));
        std::string path = joined(location_.path, entry.name);
        if (entry.is_tree()) {
            item.set("icon", "i-folder").set("href", address("tree", path));
        } else if (entry.is_gitlink()) {
            item.set("icon", "i-module").set("note", "at " + short_id(entry.id));
        } else {
            item.set("icon", entry.is_symlink() ? "i-link" : "i-file");
            item.set("href", address("blob", path));
        }
        if (entry.is_symlink()) {
            ASHLAR_TRY(std::string target, symlink_target(entry));
            if (!target.empty()) item.set("note", "\u2192 " + target);
        }
        auto change = changes_.by_name.find(entry.name);
        if (change != changes_.by_name.end()) {
            const Value& commit = described_[change->second];
            item.set("change", *commit.find("subject")).set("change_href", *commit.find("href"));
            item.set("date", *commit.find("date")).set("datetime", *commit.find("datetime"));
            item.set("readable", *commit.find("readable"));
        }
        return item;
    }

    // Empty where the target cannot be read.
    Expected<std::string> symlink_target(const git::TreeEntryView& entry) {
        auto object = repository_.objects().read(entry.id, kSymlinkBytesMax);
        if (object) {
            return std::string(
                pages::cut_text(pages::visible_name(as_text((*object)->content)), kNameBytesMax));
        }
        if (object.error().code == ErrorCode::needs_data) {
            return Unexpected(std::move(object).error());
        }
        return std::string();
    }

    const RepositoryContext& repository_;
    browse::Location location_;
    browse::Tree tree_;
    browse::LastChanges changes_;
    Value::List described_;  // of changes_.commits
    Page page_;
};

// HEAD; where it is unborn, the first branch; nothing in an empty repository.
Expected<std::optional<browse::Revision>> first_revision(const RepositoryContext& repository) {
    auto head = browse::resolve_head(repository.refs(), repository.objects());
    if (head) return std::optional(std::move(*head));
    if (head.error().code != ErrorCode::not_found) return Unexpected(std::move(head).error());
    std::string branch;
    ASHLAR_CHECK(repository.refs().scan("refs/heads/", [&](const git::Ref& ref) {
        branch = ref.name;
        return false;
    }));
    if (branch.empty()) return std::optional<browse::Revision>();
    ASHLAR_TRY(browse::Location location, repository.resolve(browse::short_ref_name(branch)));
    return std::optional(std::move(location.revision));
}

}  // namespace

Expected<Answer> tree_page(const RepositoryContext& repository,
                           std::string_view revision_and_path) {
    browse::Location location;
    if (revision_and_path.empty()) {
        ASHLAR_TRY(auto revision, first_revision(repository));
        if (!revision) {
            std::string title = repository.card().owner + "/" + repository.card().record.name;
            ASHLAR_TRY(Value model, begin_repository_model(repository, title, Tab::files, ""));
            return empty_page(repository, std::move(model));
        }
        location.revision = std::move(*revision);
    } else {
        ASHLAR_TRY(location, repository.resolve(revision_and_path));
    }
    return TreePage(repository, std::move(location)).run();
}

}  // namespace ashlar::api::page
