#include "api/pages.h"

#include "api/page/answer_pages.h"
#include "api/page/answers.h"
#include "base/assert.h"
#include "crypto/digest.h"
#include "pages/embedded.h"
#include "pages/templates.h"
#include "pages/text.h"

namespace ashlar::api {

namespace {

using page::Answer;
using page::Caching;
using page::Context;
using page::Page;
using page::RouteKind;

constexpr std::string_view kAssetDomain = "ashlar page asset";
constexpr std::string_view kTagDomain = "ashlar page tag";
constexpr std::size_t kAssetNameDigits = 20;
constexpr std::size_t kTagDigits = 32;

std::string asset_name(std::string_view content, std::string_view extension) {
    std::string name =
        crypto::hash(kAssetDomain, as_bytes(content)).hex().substr(0, kAssetNameDigits);
    return name.append(extension);
}

pages::Templates compile_embedded() {
    auto templates = pages::Templates::compile(pages::embedded_templates());
    ASHLAR_ASSERT(templates.has_value());
    return std::move(*templates);
}

// Pages of another build are other pages.
std::string build_tag() {
    crypto::Hasher hasher(kTagDomain);
    for (const pages::TemplateSource& source : pages::embedded_templates()) {
        hasher.update(as_bytes(source.text));
    }
    hasher.update(as_bytes(pages::embedded_script()));
    return hasher.update(as_bytes(pages::embedded_stylesheet())).finish().hex();
}

bool is_host(std::string_view host) {
    static constexpr std::size_t kHostBytesMax = 260;
    return !host.empty() && host.size() <= kHostBytesMax &&
           host.find_first_not_of(
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
               ".-:[]") == std::string_view::npos;
}

// Parts with their lengths, so that no two lists of parts are hashed alike.
class TagHasher {
  public:
    TagHasher& add(std::string_view part) {
        hasher_.update(as_bytes(std::to_string(part.size()) + ":")).update(as_bytes(part));
        return *this;
    }
    std::string finish() { return hasher_.finish().hex().substr(0, kTagDigits); }

  private:
    crypto::Hasher hasher_{kTagDomain};
};

}  // namespace

struct Pages::Parts {
    Parts(const pages::MarkdownLibrary& markdown, PagesOptions options)
        : base_url(std::move(options.base_url)),
          style_name(asset_name(pages::embedded_stylesheet(), ".css")),
          icon_name(asset_name(pages::embedded_icon(), ".svg")),
          script_name(asset_name(pages::embedded_script(), ".js")),
          build(build_tag()),
          templates(compile_embedded()),
          site{markdown, std::move(options.site_name), "/assets/" + style_name,
               "/assets/" + icon_name, "/assets/" + script_name} {
        while (!base_url.empty() && base_url.back() == '/') base_url.pop_back();
    }

    std::string base_url_for(const Request& request) const {
        if (!base_url.empty()) return base_url;
        std::string_view host = request.header("host").value_or(std::string_view());
        return "http://" + std::string(is_host(host) ? host : std::string_view("localhost"));
    }

    Response render(const Page& shown, std::string_view etag, Caching caching) const {
        return page::html_response(shown.status, templates.render(shown.template_name, shown.model),
                                   etag, caching);
    }

    Expected<Response> answer(const Request& request, const Viewer& viewer,
                              Repositories& repositories, Network* network) const;
    Response asset(const Context& context) const;
    Expected<Response> list(const Context& context, Repositories& repositories) const;
    Expected<Response> of_network(const Context& context) const;
    Expected<Response> in_repository(const Context& context, Repositories& repositories) const;
    Expected<Response> with_error(const Context& context, const Error& error) const;
    std::string tag_of(const Context& context, const RepositoryCard& card) const;

    std::string base_url;
    std::string style_name;
    std::string icon_name;
    std::string script_name;
    std::string build;
    pages::Templates templates;
    page::Site site;
};

Response Pages::Parts::asset(const Context& context) const {
    std::string_view name = context.route.rest;
    if (name == style_name) {
        return page::file_response("text/css; charset=utf-8",
                                   to_bytes(pages::embedded_stylesheet()), "", Caching::forever);
    }
    if (name == icon_name) {
        return page::file_response("image/svg+xml", to_bytes(pages::embedded_icon()), "",
                                   Caching::forever);
    }
    if (name == script_name) {
        return page::file_response("text/javascript; charset=utf-8",
                                   to_bytes(pages::embedded_script()), "", Caching::forever);
    }
    return render(page::message_page(context, 404, "Nothing is here",
                                     "This file belongs to another version of the pages."),
                  "", Caching::never);
}

Expected<Response> Pages::Parts::with_error(const Context& context, const Error& error) const {
    if (error.code == ErrorCode::needs_data) return Unexpected(error);
    return render(page::error_page(context, error), "", Caching::never);
}

Expected<Response> Pages::Parts::list(const Context& context, Repositories& repositories) const {
    auto answer = page::repositories_page(context, repositories);
    if (!answer && answer.error().code == ErrorCode::not_found) {
        return with_error(context, {ErrorCode::not_found,
                                    "there is no account of this name, or it shows you nothing"});
    }
    if (!answer) return with_error(context, answer.error());
    // The list has no state to be checked by but what it shows.
    const Page& shown = std::get<Page>(*answer);
    pages::Html html = templates.render(shown.template_name, shown.model);
    std::string etag = TagHasher().add(html.text).finish();
    Caching caching = context.viewer.account ? Caching::revalidate_alone : Caching::revalidate;
    if (page::is_unchanged(context.request, etag)) return page::not_modified(etag, caching);
    return page::html_response(shown.status, std::move(html), etag, caching);
}

// What it shows is of this moment: nobody keeps it.
Expected<Response> Pages::Parts::of_network(const Context& context) const {
    if (context.network == nullptr) {
        return with_error(context, {ErrorCode::not_found, "no network is shown here"});
    }
    const bool is_block = context.route.kind == RouteKind::block;
    auto answer = is_block ? page::block_page(context) : page::network_page(context);
    if (!answer) return with_error(context, answer.error());
    const Page& shown = std::get<Page>(*answer);
    return page::html_response(shown.status, templates.render(shown.template_name, shown.model), "",
                               Caching::never, is_block ? page::Scripts::none : page::Scripts::own);
}

std::string Pages::Parts::tag_of(const Context& context, const RepositoryCard& card) const {
    const forge::Repository& record = card.record;
    TagHasher hasher;
    hasher.add(build).add(site.name).add(context.base_url);
    hasher.add(context.request.path).add(context.request.query);
    hasher.add(context.viewer.account ? context.viewer.account->login : std::string());
    hasher.add(card.owner).add(record.name).add(record.description).add(record.default_branch);
    hasher.add(forge::to_string(record.visibility)).add(record.refs_root.hex());
    hasher.add(std::to_string(record.updated_ms)).add(std::to_string(record.pack_sequence));
    return hasher.finish();
}

namespace {

Expected<Answer> page_of(const page::RepositoryContext& repository) {
    const page::Route& route = repository.context.route;
    switch (route.kind) {
        case RouteKind::repository:
            return page::tree_page(repository, "");
        case RouteKind::tree:
            return page::tree_page(repository, route.rest);
        case RouteKind::blob:
            return page::file_page(repository, route.rest);
        case RouteKind::raw:
            return page::raw_file(repository, route.rest);
        case RouteKind::commits:
            return page::history_page(repository, route.rest);
        case RouteKind::commit:
            return page::commit_page(repository, route.rest);
        case RouteKind::branches:
            return page::branches_page(repository);
        case RouteKind::tags:
            return page::tags_page(repository);
        default:
            return fail(ErrorCode::not_found, "no page has this address");
    }
}

}  // namespace

Expected<Response> Pages::Parts::in_repository(const Context& context,
                                               Repositories& repositories) const {
    const page::Route& route = context.route;
    auto open = repositories.open(context.viewer, route.owner, route.repository);
    static constexpr std::string_view kGit = ".git";
    bool has_suffix = route.repository.size() > kGit.size() &&
                      route.repository.substr(route.repository.size() - kGit.size()) == kGit;
    if (!open && open.error().code == ErrorCode::not_found) {
        if (has_suffix && route.kind == RouteKind::repository) {
            std::string name = route.repository.substr(0, route.repository.size() - kGit.size());
            return page::redirection("/" + pages::encode_segment(route.owner) + "/" +
                                     pages::encode_segment(name));
        }
        Page missing = page::message_page(context, 404, "Nothing is here",
                                          "There is no such repository, or it is not open to you.");
        missing.model.set("back_href", "/").set("back_name", "All repositories");
        return render(missing, "", Caching::never);
    }
    if (!open) return with_error(context, open.error());
    const forge::Repository& record = open->card.record;
    page::RepositoryContext repository{
        context, *open,
        "/" + pages::encode_segment(open->card.owner) + "/" + pages::encode_segment(record.name)};
    bool is_open =
        record.visibility == forge::Visibility::visible_to_all && !context.viewer.account;
    Caching caching = is_open ? Caching::revalidate : Caching::revalidate_alone;
    std::string etag = tag_of(context, open->card);
    if (route.kind != RouteKind::raw && page::is_unchanged(context.request, etag)) {
        return page::not_modified(etag, caching);
    }
    auto answer = page_of(repository);
    if (!answer) return with_error(context, answer.error());
    if (auto* response = std::get_if<Response>(&*answer)) return std::move(*response);
    return render(std::get<Page>(*answer), etag, caching);
}

Expected<Response> Pages::Parts::answer(const Request& request, const Viewer& viewer,
                                        Repositories& repositories, Network* network) const {
    auto route = page::parse_route(request.path);
    auto query = parse_query(request.query);
    const page::Route no_route;
    const page::Query no_query;
    Context context{site,
                    request,
                    viewer,
                    route ? *route : no_route,
                    query ? *query : no_query,
                    base_url_for(request),
                    network};
    if (request.method != "GET" && request.method != "HEAD") {
        Response response = render(page::message_page(context, 405, "Pages are only read",
                                                      "This address answers to GET and HEAD."),
                                   "", Caching::never);
        response.headers.emplace_back("allow", "GET, HEAD");
        return response;
    }
    if (!route || !query) {
        const Error& error = route ? query.error() : route.error();
        return render(page::message_page(context, 400, "That address is not right", error.detail),
                      "", Caching::never);
    }
    switch (route->kind) {
        case RouteKind::none:
            return with_error(context, {ErrorCode::not_found, "no page has this address"});
        case RouteKind::asset:
            return asset(context);
        case RouteKind::network:
        case RouteKind::block:
            return of_network(context);
        case RouteKind::repositories:
        case RouteKind::owner:
            return list(context, repositories);
        default:
            return in_repository(context, repositories);
    }
}

Pages::Pages(const pages::MarkdownLibrary& markdown, PagesOptions options)
    : parts_(std::make_unique<const Parts>(markdown, std::move(options))) {}

Pages::~Pages() = default;

Expected<Response> Pages::respond(const Request& request, const Viewer& viewer,
                                  Repositories& repositories, Network* network) const {
    ASHLAR_TRY(Response response, parts_->answer(request, viewer, repositories, network));
    if (request.method == "HEAD") page::drop_body(response);
    return response;
}

}  // namespace ashlar::api
