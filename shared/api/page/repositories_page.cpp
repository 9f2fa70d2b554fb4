#include "api/page/answer_pages.h"
#include "pages/text.h"

namespace ashlar::api::page {

namespace {

constexpr std::size_t kRepositoriesPerPage = 100;

Value describe(const RepositoryCard& card) {
    Value item;
    item.set("owner", card.owner).set("name", card.record.name);
    item.set("href", "/" + pages::encode_segment(card.owner) + "/" +
                         pages::encode_segment(card.record.name));
    item.set("description", pages::visible_name(card.record.description));
    item.set("restricted", card.record.visibility != forge::Visibility::visible_to_all);
    std::uint64_t changed_ms = card.record.pushed_ms.value_or(card.record.updated_ms);
    if (changed_ms != 0) {
        auto changed_s = static_cast<std::int64_t>(changed_ms / 1000);
        item.set("date", pages::short_date(changed_s, 0));
        item.set("datetime", pages::iso_time(changed_s, 0));
    }
    return item;
}

}  // namespace

Expected<Answer> repositories_page(const Context& context, Repositories& repositories) {
    const bool is_home = context.route.kind == RouteKind::repositories;
    std::optional<std::string_view> owner;
    if (!is_home) owner = context.route.owner;
    ASHLAR_TRY(
        RepositoryList list,
        repositories.list(context.viewer, owner, context.parameter("after"), kRepositoriesPerPage));
    Page page;
    page.template_name = "repositories";
    std::string heading = is_home ? "Repositories" : pages::visible_name(context.route.owner);
    page.model = begin_model(context, heading);
    if (!is_home) {
        Value crumb;
        crumb.set("name", heading).set("last", true);
        crumb.set("href", "/" + pages::encode_segment(context.route.owner));
        Value crumbs;
        crumbs.set("items", Value::List{std::move(crumb)});
        page.model.set("crumbs", std::move(crumbs));
    }
    page.model.set("heading", heading).set("owner", heading).set("is_home", is_home);
    if (list.repositories.empty()) return page;
    Value::List items;
    for (const RepositoryCard& card : list.repositories) items.push_back(describe(card));
    bool is_whole = list.next.empty() && context.parameter("after").empty();
    if (is_whole) page.model.set("count", pages::human_count(items.size()));
    Value shown;
    shown.set("items", std::move(items));
    if (!list.next.empty()) {
        std::string here = is_home ? "/" : "/" + pages::encode_segment(context.route.owner);
        shown.set("next_href", here + "?after=" + pages::encode_segment(list.next));
    }
    page.model.set("repositories", std::move(shown));
    return page;
}

}  // namespace ashlar::api::page
