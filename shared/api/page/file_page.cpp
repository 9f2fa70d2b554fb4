#include "api/page/answer_pages.h"
#include "api/page/answers.h"
#include "api/page/code_html.h"
#include "api/page/content_type.h"
#include "api/page/describe.h"
#include "api/page/readme.h"
#include "pages/text.h"

namespace ashlar::api::page {

namespace {

namespace browse = git::browse;

// Larger files are named, not shown.
constexpr std::uint64_t kShownBytesMax = std::uint64_t{2} << 20;
// How far back the commit that last changed a file is looked for.
constexpr browse::LogLimits kLatestLimits{1, 2'000, 20'000};
// Larger files are not served raw, for they are read whole.
constexpr std::uint64_t kRawBytesMax = std::uint64_t{64} << 20;

std::string_view file_name(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

struct Found {
    browse::Location location;
    browse::PathEntry entry;
};

Expected<Found> find_file(const RepositoryContext& repository, std::string_view revision_and_path) {
    Found found;
    ASHLAR_TRY(found.location, repository.resolve(revision_and_path));
    ASHLAR_TRY(browse::Commit commit,
               browse::read_commit(repository.objects(), found.location.revision.commit));
    ASHLAR_TRY(auto entry,
               browse::find_path(repository.objects(), commit.view.tree, found.location.path));
    if (!entry) {
        return fail(ErrorCode::not_found,
                    found.location.path + " is not in " + revision_name(found.location.revision));
    }
    if (entry->is_gitlink()) {
        return fail(ErrorCode::not_found, found.location.path + " is a submodule, at commit " +
                                              entry->id.hex() + " of another repository");
    }
    found.entry = *entry;
    return found;
}

class FilePage {
  public:
    FilePage(const RepositoryContext& repository, Found found)
        : repository_(repository), location_(std::move(found.location)), entry_(found.entry) {}

    Expected<Answer> run() {
        page_.template_name = "file";
        std::string title = pages::visible_name(location_.path) + " in " +
                            repository_.card().owner + "/" + repository_.card().record.name;
        ASHLAR_TRY(page_.model,
                   begin_repository_model(repository_, title, Tab::files,
                                          pages::encode_path(location_.revision.name)));
        ASHLAR_CHECK(fill_tools(page_.model, repository_, "blob", location_));
        page_.model.set("clone_url", "")
            .set("leaf", pages::visible_name(file_name(location_.path)));
        page_.model.set("history_href", address("commits"));
        page_.model.set("raw_href", address("raw"));
        if (location_.revision.kind != browse::RevisionKind::commit) {
            page_.model.set(
                "permalink",
                address_of(repository_, "blob", location_.revision.commit.hex(), location_.path));
        }
        ASHLAR_CHECK(add_latest());
        ASHLAR_CHECK(add_content());
        page_.model.set("facts", std::move(facts_));
        return std::move(page_);
    }

  private:
    std::string address(std::string_view what) const {
        return address_of(repository_, what, location_.revision.name, location_.path);
    }

    Expected<void> add_latest() {
        browse::LogCursor start{{location_.revision.commit}, 0};
        ASHLAR_TRY(browse::LogPage log,
                   browse::read_log(repository_.objects(), start, location_.path, kLatestLimits));
        if (log.commits.empty()) return {};
        page_.model.set("latest", describe_commit(repository_, log.commits.front()));
        return {};
    }

    Expected<void> add_content() {
        ASHLAR_TRY(git::ObjectInfo info, repository_.objects().info(entry_.id));
        if (info.type != git::ObjectType::blob) {
            return fail(ErrorCode::invalid, location_.path + " is no file");
        }
        if (info.size > kShownBytesMax) {
            facts_.push_back(pages::human_size(info.size));
            page_.model.set("note",
                            "This file is too large to show here. \u201cRaw\u201d gives it "
                            "whole, as far as it fits into one answer; a clone always does.");
            return {};
        }
        ASHLAR_TRY(auto object, repository_.objects().read(entry_.id, kShownBytesMax));
        add_bytes(object->content);
        return {};
    }

    void add_bytes(const Bytes& content) {
        std::string_view name = file_name(location_.path);
        std::string_view image = image_type(name, content);
        bool plain = repository_.context.parameter("plain") == "1";
        bool is_markdown = is_markdown_name(name) && !entry_.is_symlink();
        bool is_drawing = image == "image/svg+xml";
        bool is_text = !browse::looks_binary(content);
        if (is_text && (is_markdown || is_drawing)) add_views(plain);
        if (!image.empty() && !(is_drawing && plain)) {
            facts_.push_back(pages::human_size(content.size()));
            page_.model.set("image_href", address("raw"));
        } else if (!is_text) {
            facts_.push_back(pages::human_size(content.size()));
            page_.model.set("note", "This file is binary: there is no text to show.");
        } else if (is_markdown && !plain) {
            add_document(content);
        } else {
            add_code(as_text(content));
        }
        if (entry_.is_symlink()) facts_.push_back("symbolic link");
        if (entry_.mode == git::kModeExecutable) facts_.push_back("executable");
    }

    void add_views(bool plain) {
        Value shown;
        shown.set("name", "Preview").set("href", address("blob")).set("current", !plain);
        Value source;
        source.set("name", "Source").set("href", address("blob") + "?plain=1");
        source.set("current", plain);
        Value views;
        views.set("items", Value::List{std::move(shown), std::move(source)});
        page_.model.set("views", std::move(views));
    }

    void add_document(const Bytes& content) {
        facts_.push_back(pages::human_size(content.size()));
        pages::MarkdownResult result =
            render_document(repository_, location_.revision.name, location_.path, as_text(content));
        page_.model.set("html", pages::Html{std::move(result.html)});
        if (result.cut) {
            page_.model.set("note", "Only the first " +
                                        pages::human_size(pages::kMarkdownBytesMax) +
                                        " are shown; \u201cSource\u201d shows the whole file.");
        }
    }

    void add_code(std::string_view content) {
        CodeHtml code = code_html(content);
        facts_.push_back(pages::human_count(code.line_count) +
                         (code.line_count == 1 ? " line" : " lines"));
        facts_.push_back(pages::human_size(content.size()));
        page_.model.set("width", number_width(code.line_count));
        page_.model.set("code", std::move(code.html));
        if (content.empty()) page_.model.set("note", "This file is empty.");
        if (code.lines_cut) {
            page_.model.set("note", "Only the first " + pages::human_count(kCodeLinesMax) +
                                        " lines are shown; \u201cRaw\u201d gives the whole file.");
        }
    }

    const RepositoryContext& repository_;
    browse::Location location_;
    browse::PathEntry entry_;
    Value::List facts_;
    Page page_;
};

}  // namespace

Expected<Answer> file_page(const RepositoryContext& repository,
                           std::string_view revision_and_path) {
    ASHLAR_TRY(Found found, find_file(repository, revision_and_path));
    if (found.entry.is_tree()) {
        return redirection(
            address_of(repository, "tree", found.location.revision.name, found.location.path));
    }
    return FilePage(repository, std::move(found)).run();
}

Expected<Answer> raw_file(const RepositoryContext& repository, std::string_view revision_and_path) {
    ASHLAR_TRY(Found found, find_file(repository, revision_and_path));
    if (found.entry.is_tree()) {
        return redirection(
            address_of(repository, "tree", found.location.revision.name, found.location.path));
    }
    bool is_open = repository.card().record.visibility == forge::Visibility::visible_to_all;
    Caching caching = is_open ? Caching::revalidate : Caching::revalidate_alone;
    std::string etag = found.entry.id.hex();
    if (is_unchanged(repository.context.request, etag)) return not_modified(etag, caching);
    ASHLAR_TRY(auto object, repository.objects().read(found.entry.id, kRawBytesMax));
    std::string_view type = raw_content_type(file_name(found.location.path), object->content);
    Response response = file_response(type, object->content, etag, caching);
    if (type == "application/octet-stream") {
        response.headers.emplace_back("content-disposition", "attachment");
    }
    return response;
}

}  // namespace ashlar::api::page
