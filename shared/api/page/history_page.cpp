#include <algorithm>

#include "api/page/answer_pages.h"
#include "api/page/describe.h"
#include "pages/text.h"

namespace ashlar::api::page {

namespace {

namespace browse = git::browse;

// "id.id.id" and "100", as next_address() writes them.
Expected<browse::LogCursor> parse_cursor(const Context& context) {
    browse::LogCursor cursor;
    std::string_view from = context.parameter("from");
    while (!from.empty()) {
        std::string_view one = from.substr(0, from.find('.'));
        from.remove_prefix(std::min(from.size(), one.size() + 1));
        ASHLAR_TRY(git::ObjectId id, git::ObjectId::from_hex(one));
        cursor.frontier.push_back(id);
        if (cursor.frontier.size() > browse::kLogFrontierMax) break;
    }
    for (char digit : context.parameter("skip").substr(0, 7)) {
        if (digit < '0' || digit > '9') {
            return fail(ErrorCode::invalid, "\"skip\" in the address is not a number");
        }
        cursor.skip = cursor.skip * 10 + static_cast<std::size_t>(digit - '0');
    }
    return cursor;
}

std::string next_address(std::string address, const browse::LogCursor& cursor) {
    address.append("?from=");
    for (std::size_t i = 0; i < cursor.frontier.size(); ++i) {
        if (i > 0) address.push_back('.');
        address.append(cursor.frontier[i].hex());
    }
    if (cursor.skip > 0) address.append("&skip=").append(std::to_string(cursor.skip));
    return address;
}

Value::List by_day(const RepositoryContext& repository,
                   const std::vector<browse::Commit>& commits) {
    Value::List days;
    Value::List rows;
    std::string day;
    auto end_day = [&] {
        if (rows.empty()) return;
        Value value;
        value.set("day", day).set("commits", std::move(rows));
        days.push_back(std::move(value));
        rows.clear();
    };
    for (const browse::Commit& commit : commits) {
        Value row = describe_commit(repository, commit);
        const std::string& date = *row.find("date")->text();
        if (date != day) {
            end_day();
            day = date;
        }
        row.set("browse_href", address_of(repository, "tree", commit.id.hex(), ""));
        row.set("merge", commit.view.parents.size() > 1);
        rows.push_back(std::move(row));
    }
    end_day();
    return days;
}

// A repository without commits has no history, and that is no mistake.
Expected<Answer> empty_history(const RepositoryContext& repository) {
    Page page;
    page.template_name = "refs";
    ASHLAR_TRY(page.model, begin_repository_model(repository, "History", Tab::commits, ""));
    page.model.set("heading", "History").set("count", "0");
    page.model.set("empty_heading", "No commits yet");
    page.model.set("empty_text", "What is pushed to this repository will be listed here.");
    return page;
}

}  // namespace

Expected<Answer> history_page(const RepositoryContext& repository,
                              std::string_view revision_and_path) {
    std::string_view asked = revision_and_path.empty() ? "HEAD" : revision_and_path;
    auto location = repository.resolve(asked);
    if (!location && location.error().code == ErrorCode::not_found && revision_and_path.empty()) {
        return empty_history(repository);
    }
    if (!location) return Unexpected(std::move(location).error());
    ASHLAR_TRY(browse::LogCursor cursor, parse_cursor(repository.context));
    const bool is_first = cursor.frontier.empty();
    ASHLAR_CHECK(browse::check_reachable(repository.refs(), repository.objects(), cursor.frontier,
                                         repository.unreachable()));
    if (is_first) cursor.frontier.push_back(location->revision.commit);
    ASHLAR_TRY(browse::LogPage log,
               browse::read_log(repository.objects(), cursor, location->path, {}));
    const std::string& revision = location->revision.name;
    std::string address = address_of(repository, "commits", revision, location->path);
    std::string of = location->path.empty() ? revision_name(location->revision)
                                            : pages::visible_name(location->path);
    Page page;
    page.template_name = "history";
    ASHLAR_TRY(page.model,
               begin_repository_model(repository,
                                      "History of " + of + " in " + repository.card().owner + "/" +
                                          repository.card().record.name,
                                      Tab::commits, pages::encode_path(revision)));
    ASHLAR_CHECK(fill_tools(page.model, repository, "commits", *location));
    page.model.set("clone_url", "").set("description", "");
    page.model.set("days", by_day(repository, log.commits));
    page.model.set("empty_heading", log.gave_up ? "Nothing in this stretch" : "No commits");
    page.model.set("empty_text", log.gave_up ? "No commit looked at changed this path."
                                             : "Nothing in this history touched the path.");
    if (log.gave_up) {
        page.model.set("walk_note", pages::human_count(log.walked) +
                                        " commits were looked at for this page; \u201cOlder\u201d "
                                        "looks further back.");
    }
    if (!is_first) page.model.set("first_href", address);
    if (log.next) page.model.set("next_href", next_address(address, *log.next));
    return page;
}

}  // namespace ashlar::api::page
