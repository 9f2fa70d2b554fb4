// What the pages of one request are made from, and what they give back.
#pragma once

#include <map>
#include <string>
#include <variant>

#include "api/page/route.h"
#include "api/pages.h"
#include "git/browse/resolve.h"
#include "pages/value.h"

namespace ashlar::api::page {

using pages::Value;
using Query = std::map<std::string, std::string, std::less<>>;

// The libraries and settings of all requests.
struct Site {
    const pages::MarkdownLibrary& markdown;
    std::string name;
    std::string style_href;
    std::string icon_href;
    std::string script_href;
};

struct Context {
    const Site& site;
    const Request& request;
    const Viewer& viewer;
    const Route& route;
    const Query& query;
    std::string base_url;        // "https://git.example.org"
    Network* network = nullptr;  // where the host shows one

    // The value of a parameter; empty where it is not given.
    std::string_view parameter(std::string_view name) const;
};

// A page in a repository.
struct RepositoryContext {
    const Context& context;
    const OpenRepository& open;
    std::string base;  // "/alice/hello", encoded

    const RepositoryCard& card() const { return open.card; }
    const git::RefSource& refs() const { return *open.refs; }
    git::ObjectSource& objects() const { return *open.objects; }
    git::Unreachable unreachable() const {
        return card().record.may_hold_unreachable ? git::Unreachable::may_be_held
                                                  : git::Unreachable::none;
    }
    // git::browse::resolve() in this repository.
    Expected<git::browse::Location> resolve(std::string_view revision_and_path) const {
        return git::browse::resolve(refs(), objects(), revision_and_path, unreachable());
    }
    std::string clone_url() const;
};

// A template and what fills it.
struct Page {
    std::string_view template_name;
    Value model;
    int status = 200;
};

// A page, or an answer that is none (a raw file, a redirection).
using Answer = std::variant<Page, Response>;

// A page that says what went wrong.
Page message_page(const Context& context, int status, std::string_view heading,
                  std::string_view text);
// The same, for an error of something inside a page.
Page error_page(const Context& context, const Error& error);

// Title, assets and viewer: what every template's top asks for.
Value begin_model(const Context& context, std::string_view title);

enum class Tab : std::uint8_t { files, commits, branches, tags, none };

// The same for a repository's pages, with the bar that leads to the others. `revision` is what the
// tabs stay at, encoded; empty: the default branch. Fails with `needs_data`.
Expected<Value> begin_repository_model(const RepositoryContext& repository, std::string_view title,
                                       Tab tab, std::string_view revision);

}  // namespace ashlar::api::page
