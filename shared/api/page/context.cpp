#include "api/page/context.h"

#include <array>

#include "pages/text.h"

namespace ashlar::api::page {

namespace {

// Refs are counted up to here; more are "1,000+".
constexpr std::size_t kCountedMax = 1000;

Expected<std::string> count_refs(const git::RefSource& refs, std::string_view prefix) {
    std::size_t count = 0;
    ASHLAR_CHECK(refs.scan(prefix, [&](const git::Ref&) { return ++count <= kCountedMax; }));
    if (count > kCountedMax) return pages::human_count(kCountedMax) + "+";
    return std::to_string(count);
}

Value crumb(std::string_view name, std::string_view href) {
    Value value;
    value.set("name", pages::visible_name(name)).set("href", href);
    return value;
}

Value tab_value(std::string_view name, std::string_view icon, std::string href, bool current,
                std::string count) {
    Value value;
    value.set("name", name).set("icon", icon).set("href", std::move(href));
    value.set("current", current).set("count", std::move(count));
    return value;
}

std::string_view heading_of(int status) {
    switch (status) {
        case 400:
            return "That address is not right";
        case 401:
            return "Please sign in";
        case 403:
            return "You may not do this";
        case 404:
            return "Nothing is here";
        case 405:
            return "Pages are only read";
        case 422:
            return "Too much to show";
        case 503:
            return "Not available right now";
        default:
            return "Something is broken";
    }
}

int status_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::unauthenticated:
            return 401;
        case ErrorCode::forbidden:
            return 403;
        case ErrorCode::not_found:
        case ErrorCode::invalid:
            return 404;
        case ErrorCode::limit_exceeded:
            return 422;
        case ErrorCode::unavailable:
            return 503;
        case ErrorCode::unsupported:
            return 501;
        default:
            return 500;
    }
}

}  // namespace

std::string_view Context::parameter(std::string_view name) const {
    auto found = query.find(name);
    return found == query.end() ? std::string_view() : std::string_view(found->second);
}

std::string RepositoryContext::clone_url() const {
    return context.base_url + base + ".git";
}

Value begin_model(const Context& context, std::string_view title) {
    Value model;
    model.set("title", std::string(title) + " \u00b7 " + context.site.name);
    model.set("page_name", title).set("site_name", context.site.name);
    model.set("style_href", context.site.style_href);
    model.set("icon_href", context.site.icon_href);
    model.set("base_url", context.base_url);
    if (context.network != nullptr) model.set("network_href", "/network");
    if (context.viewer.account) model.set("login", context.viewer.account->login);
    return model;
}

Page message_page(const Context& context, int status, std::string_view heading,
                  std::string_view text) {
    Page page;
    page.template_name = "message";
    page.status = status;
    page.model = begin_model(context, heading);
    page.model.set("status", std::to_string(status)).set("heading", heading);
    page.model.set("text", pages::visible_name(text));
    bool in_repository = !context.route.repository.empty() && status != 401;
    std::string back = "/";
    if (in_repository) {
        back.append(pages::encode_segment(context.route.owner)).append("/");
        back.append(pages::encode_segment(context.route.repository));
    }
    page.model.set("back_href", back);
    page.model.set("back_name", in_repository ? "Back to the repository" : "All repositories");
    return page;
}

Page error_page(const Context& context, const Error& error) {
    int status = status_of(error.code);
    std::string text = error.detail;
    if (status == 500) text = "What is stored here could not be read. The details are not shown.";
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z')
        text[0] = static_cast<char>(text[0] - 32);
    return message_page(context, status, heading_of(status), text);
}

Expected<Value> begin_repository_model(const RepositoryContext& repository, std::string_view title,
                                       Tab tab, std::string_view revision) {
    const RepositoryCard& card = repository.card();
    Value model = begin_model(repository.context, title);
    Value last = crumb(card.record.name, repository.base);
    last.set("last", true);
    Value crumbs;
    crumbs.set("items", Value::List{crumb(card.owner, "/" + pages::encode_segment(card.owner)),
                                    std::move(last)});
    crumbs.set("restricted", card.record.visibility != forge::Visibility::visible_to_all);
    model.set("crumbs", std::move(crumbs));

    const std::string& base = repository.base;
    std::string files = base;
    std::string commits = base + "/commits";
    if (!revision.empty()) {
        files.append("/tree/").append(revision);
        commits.append("/").append(revision);
    }
    ASHLAR_TRY(std::string branches, count_refs(repository.refs(), "refs/heads/"));
    ASHLAR_TRY(std::string tags, count_refs(repository.refs(), "refs/tags/"));
    Value tabs;
    tabs.set(
        "items",
        Value::List{tab_value("Files", "i-code", std::move(files), tab == Tab::files, ""),
                    tab_value("Commits", "i-history", std::move(commits), tab == Tab::commits, ""),
                    tab_value("Branches", "i-branch", base + "/branches", tab == Tab::branches,
                              std::move(branches)),
                    tab_value("Tags", "i-tag", base + "/tags", tab == Tab::tags, std::move(tags))});
    model.set("tabs", std::move(tabs));
    model.set("base", base);
    return model;
}

}  // namespace ashlar::api::page
