#include "api/page/answer_pages.h"
#include "api/page/describe.h"
#include "pages/text.h"

namespace ashlar::api::page {

namespace {

namespace browse = git::browse;

constexpr std::size_t kRefsPerPage = 100;

struct Kind {
    std::string_view prefix;
    std::string_view path;
    std::string_view heading;
    std::string_view icon;
    Tab tab;
    std::string_view empty_heading;
    std::string_view empty_text;
};

constexpr Kind kBranches{"refs/heads/",
                         "/branches",
                         "Branches",
                         "i-branch",
                         Tab::branches,
                         "No branches yet",
                         "The first push makes the first branch."};
constexpr Kind kTags{"refs/tags/",
                     "/tags",
                     "Tags",
                     "i-tag",
                     Tab::tags,
                     "No tags yet",
                     "\u201cgit tag v1.0\u201d and \u201cgit push origin v1.0\u201d make one."};

class RefsPage {
  public:
    RefsPage(const RepositoryContext& repository, const Kind& kind)
        : repository_(repository), kind_(kind) {}

    Expected<Answer> run() {
        ASHLAR_TRY(default_, repository_.refs().head_target());
        ASHLAR_CHECK(collect());
        Page page;
        page.template_name = "refs";
        std::string title = std::string(kind_.heading) + " of " + repository_.card().owner + "/" +
                            repository_.card().record.name;
        ASHLAR_TRY(page.model, begin_repository_model(repository_, title, kind_.tab, ""));
        page.model.set("heading", kind_.heading).set("empty_heading", kind_.empty_heading);
        page.model.set("empty_text", kind_.empty_text);
        if (refs_.empty()) return page;
        Value shown;
        if (has_more_) {
            shown.set("next_href", repository_.base + std::string(kind_.path) +
                                       "?after=" + pages::encode_segment(short_name(refs_.back())));
        }
        Value::List items;
        ASHLAR_CHECK(add_default(items));
        for (const git::Ref& ref : refs_) {
            if (ref.name == default_) continue;
            ASHLAR_TRY(Value item, describe(ref));
            items.push_back(std::move(item));
        }
        shown.set("items", std::move(items));
        page.model.set("refs", std::move(shown));
        return page;
    }

  private:
    std::string_view after() const { return repository_.context.parameter("after"); }

    static std::string_view short_name(const git::Ref& ref) {
        return browse::short_ref_name(ref.name);
    }

    // In the order of names, so that a page can begin anywhere.
    Expected<void> collect() {
        return repository_.refs().scan(kind_.prefix, [&](const git::Ref& ref) {
            if (!after().empty() && short_name(ref) <= after()) return true;
            if (refs_.size() >= kRefsPerPage) {
                has_more_ = true;
                return false;
            }
            refs_.push_back(ref);
            return true;
        });
    }

    // The first page begins with the default branch, wherever its name stands.
    Expected<void> add_default(Value::List& items) {
        if (kind_.tab != Tab::branches || !after().empty()) return {};
        ASHLAR_TRY(auto ref, repository_.refs().find(default_));
        if (!ref) return {};
        ASHLAR_TRY(Value item, describe(*ref));
        item.set("is_default", true);
        items.push_back(std::move(item));
        return {};
    }

    Expected<Value> describe(const git::Ref& ref) {
        ASHLAR_TRY(std::string name, address_name(repository_.refs(), ref.name));
        Value item;
        item.set("name", pages::visible_name(short_name(ref))).set("icon", kind_.icon);
        item.set("href", address_of(repository_, "tree", name, ""));
        ASHLAR_TRY(browse::Peeled peeled,
                   browse::peel(repository_.objects(), ref.peeled ? *ref.peeled : ref.id));
        if (peeled.type != git::ObjectType::commit) {
            item.set("href", "")
                .set("note", "names a " + std::string(to_string(peeled.type)) + ", not a commit");
            return item;
        }
        ASHLAR_TRY(browse::Commit commit, browse::read_commit(repository_.objects(), peeled.id));
        item.set("commit", describe_commit(repository_, commit));
        return item;
    }

    const RepositoryContext& repository_;
    const Kind& kind_;
    std::string default_;
    std::vector<git::Ref> refs_;
    bool has_more_ = false;
};

}  // namespace

Expected<Answer> branches_page(const RepositoryContext& repository) {
    return RefsPage(repository, kBranches).run();
}

Expected<Answer> tags_page(const RepositoryContext& repository) {
    return RefsPage(repository, kTags).run();
}

}  // namespace ashlar::api::page
