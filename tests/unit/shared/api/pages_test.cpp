#include "api/pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "memory_site.h"
#include "pages/embedded.h"
#include "response_parts.h"

namespace ashlar::api {
namespace {

using testing::HasSubstr;
using testing::Not;

class PagesTest : public testing::Test {
  protected:
    PagesTest() {
        MemorySite::Item& item = site.add("alice", "hello");
        item.card.record.description = "Says hello";
        world = item.world;
        files = {{"README.md", {"# Hello\n\n[more](docs/a.md#x) ![p](p.png)\n"}},
                 {"docs/a.md", {"text"}},
                 {"src/main.cpp", {"int main() {\n    return 1 < 2;\n}\n"}},
                 {"p.png", {"\x89PNG\r\n\x1a\n..."}},
                 {"bin", {std::string("a\0b", 3)}}};
        first = world->commit_on("main", files, "First words\n\nA body.\n");
        files["src/main.cpp"].content = "int main() {\n    return 2 < 3;\n}\n";
        second = world->commit_on("main", files, "Second words\n");
    }

    Response get(std::string_view path, const Viewer& viewer = Viewer::anonymous(),
                 Headers headers = {}, std::string_view method = "GET") {
        Request request;
        request.method = method;
        std::size_t question = std::min(path.find('?'), path.size());
        request.path = path.substr(0, question);
        if (question < path.size()) request.query = path.substr(question + 1);
        request.headers = std::move(headers);
        auto response = pages.respond(request, viewer, site);
        EXPECT_TRUE(response) << path << ": " << response.error().message();
        return response ? std::move(*response) : Response{};
    }
    std::string page(std::string_view path) {
        Response response = get(path);
        EXPECT_EQ(response.status, 200) << path;
        return body(response);
    }

    pages::MarkdownLibrary markdown;
    Pages pages{markdown, {"https://git.example.org", "Ashlar"}};
    MemorySite site;
    std::shared_ptr<git::MemoryRepository> world;
    git::MemoryFiles files;
    git::ObjectId first;
    git::ObjectId second;
};

TEST_F(PagesTest, list_repositories_that_the_viewer_may_see) {
    site.add("bob", "secret").card.record.visibility = forge::Visibility::visible_to_members;
    std::string html = page("/");
    EXPECT_THAT(html, HasSubstr("href=\"/alice/hello\""));
    EXPECT_THAT(html, HasSubstr("Says hello"));
    EXPECT_THAT(html, Not(HasSubstr("secret")));
    forge::Account bob;
    bob.login = "bob";
    Response response = get("/", Viewer::signed_in(bob));
    EXPECT_THAT(body(response), HasSubstr("href=\"/bob/secret\""));
    EXPECT_THAT(header(response, "cache-control"), HasSubstr("private"));
}

TEST_F(PagesTest, list_many_repositories_page_by_page) {
    for (int i = 0; i < 150; ++i) site.add("zoe", "r" + std::to_string(1000 + i));
    std::string html = page("/zoe");
    EXPECT_THAT(html, HasSubstr("/zoe/r1099\""));
    EXPECT_THAT(html, Not(HasSubstr("/zoe/r1100\"")));
    EXPECT_THAT(html, HasSubstr("href=\"/zoe?after=zoe%2Fr1099\""));
    EXPECT_THAT(page("/zoe?after=zoe%2Fr1099"), HasSubstr("/zoe/r1149\""));
}

TEST_F(PagesTest, say_how_to_begin_where_there_is_nothing) {
    site.items.clear();
    EXPECT_THAT(page("/"), HasSubstr("git remote add origin https://git.example.org/"));
    site.add("alice", "empty");
    EXPECT_THAT(page("/alice/empty"),
                HasSubstr("git clone https://git.example.org/alice/empty.git"));
    EXPECT_THAT(page("/alice/empty/commits"), HasSubstr("No commits yet"));
    EXPECT_THAT(page("/alice/empty/branches"), HasSubstr("No branches yet"));
}

TEST_F(PagesTest, show_a_repository_with_its_tree_readme_and_last_changes) {
    std::string html = page("/alice/hello");
    EXPECT_THAT(html, HasSubstr("href=\"/alice/hello/tree/main/src\""));
    EXPECT_THAT(html, HasSubstr("href=\"/alice/hello/blob/main/README.md\""));
    EXPECT_THAT(html, HasSubstr("<h1 id=\"user-content-hello\">Hello</h1>"));
    EXPECT_THAT(html, HasSubstr("href=\"/alice/hello/blob/main/docs/a.md#user-content-x\""));
    EXPECT_THAT(html, HasSubstr("src=\"/alice/hello/raw/main/p.png\""));
    EXPECT_THAT(html, HasSubstr("First words"));
    EXPECT_THAT(html, HasSubstr("Second words"));
    EXPECT_THAT(html, HasSubstr("git clone https://git.example.org/alice/hello.git"));
    EXPECT_LT(html.size() + pages::embedded_stylesheet().size(), 30'000U);
}

TEST_F(PagesTest, show_a_folder_with_the_way_up) {
    std::string html = page("/alice/hello/tree/main/src");
    EXPECT_THAT(html, HasSubstr("href=\"/alice/hello/blob/main/src/main.cpp\""));
    EXPECT_THAT(html, HasSubstr("href=\"/alice/hello/tree/main\" aria-label=\"The folder above\""));
}

TEST_F(PagesTest, show_a_file_with_line_numbers) {
    std::string html = page("/alice/hello/blob/main/src/main.cpp");
    EXPECT_THAT(html, HasSubstr("<span id=L2><a href=#L2>2</a>    return 2 &lt; 3;\n</span>"));
    EXPECT_THAT(html, HasSubstr("3 lines"));
    EXPECT_THAT(html, HasSubstr("/alice/hello/blob/" + second.hex() + "/src/main.cpp"));
    EXPECT_THAT(page("/alice/hello/blob/main/docs/a.md"), HasSubstr("<p>text</p>"));
    EXPECT_THAT(page("/alice/hello/blob/main/docs/a.md?plain=1"), HasSubstr("id=L1"));
    EXPECT_THAT(page("/alice/hello/blob/main/bin"), HasSubstr("This file is binary"));
    EXPECT_THAT(page("/alice/hello/blob/main/p.png"), HasSubstr("<img src=\"/alice/hello/raw/"));
}

TEST_F(PagesTest, send_folders_and_files_to_their_own_addresses) {
    Response response = get("/alice/hello/blob/main/src");
    EXPECT_EQ(response.status, 302);
    EXPECT_EQ(header(response, "location"), "/alice/hello/tree/main/src");
    EXPECT_EQ(header(get("/alice/hello/tree/main/bin"), "location"), "/alice/hello/blob/main/bin");
    EXPECT_EQ(header(get("/alice/hello.git"), "location"), "/alice/hello");
}

TEST_F(PagesTest, show_history_and_commits) {
    std::string html = page("/alice/hello/commits");
    EXPECT_THAT(html, HasSubstr("href=\"/alice/hello/commit/" + second.hex() + "\""));
    EXPECT_THAT(html, HasSubstr("First words"));
    EXPECT_THAT(page("/alice/hello/commits/main/docs"), Not(HasSubstr("Second words")));
    html = page("/alice/hello/commit/" + second.hex());
    EXPECT_THAT(html, HasSubstr("1 file changed"));
    EXPECT_THAT(html, HasSubstr("<tr class=d><td>2<td><td>-    return 1 &lt; 2;"));
    EXPECT_THAT(html, HasSubstr("<tr class=a><td><td>2<td>+    return 2 &lt; 3;"));
    html = page("/alice/hello/commit/" + first.hex().substr(0, 10));
    EXPECT_THAT(html, HasSubstr("A body."));
    EXPECT_THAT(html, HasSubstr("5 files changed"));
}

TEST_F(PagesTest, page_through_a_long_history) {
    for (int i = 0; i < 120; ++i) {
        files["n"].content = std::to_string(i);
        world->commit_on("main", files, "change " + std::to_string(i));
    }
    std::string html = page("/alice/hello/commits/main");
    EXPECT_THAT(html, HasSubstr("change 119"));
    EXPECT_THAT(html, Not(HasSubstr("change 69<")));
    std::size_t at = html.find("?from=");
    ASSERT_NE(at, std::string::npos);
    std::string query = html.substr(at, html.find('"', at) - at);
    EXPECT_THAT(page("/alice/hello/commits/main" + query), HasSubstr("change 69<"));
    EXPECT_EQ(get("/alice/hello/commits/main?from=xyz").status, 404);
    EXPECT_EQ(get("/alice/hello/commits/main?skip=abc").status, 404);
    EXPECT_EQ(get("/alice/hello/commits/main?skip=9999999").status, 422);
}

TEST_F(PagesTest, show_branches_and_tags) {
    world->refs.set("refs/heads/feature/x", first);
    world->refs.set("refs/tags/v1", world->objects.tag(first, git::ObjectType::commit, "v1"));
    world->refs.set("refs/tags/blob", world->objects.blob("x"));
    std::string html = page("/alice/hello/branches");
    EXPECT_THAT(html, HasSubstr("href=\"/alice/hello/tree/feature/x\""));
    EXPECT_THAT(html, HasSubstr("default"));
    html = page("/alice/hello/tags");
    EXPECT_THAT(html, HasSubstr("href=\"/alice/hello/tree/v1\""));
    EXPECT_THAT(html, HasSubstr("names a blob, not a commit"));
    EXPECT_EQ(get("/alice/hello/tree/feature/x").status, 200);
    EXPECT_EQ(get("/alice/hello/tree/v1/src").status, 200);
}

TEST_F(PagesTest, show_a_hundred_thousand_branches_a_page_at_a_time) {
    for (int i = 100'000; i < 200'000; ++i) {
        world->refs.set("refs/heads/b" + std::to_string(i), first);
    }
    std::string html = page("/alice/hello/branches");
    EXPECT_LT(html.size(), 100'000U);
    EXPECT_THAT(html, HasSubstr("1,000+"));
    EXPECT_THAT(html, HasSubstr("?after=b100099"));
    EXPECT_LT(page("/alice/hello").size(), 30'000U);
}

TEST_F(PagesTest, give_raw_files_as_nothing_that_runs) {
    files["x.html"].content = "<script>alert(1)</script>";
    files["x.svg"].content = "<svg><script>alert(1)</script></svg>";
    world->commit_on("main", files, "web");
    for (const auto& [name, type] :
         std::map<std::string, std::string>{{"x.html", "text/plain; charset=utf-8"},
                                            {"x.svg", "image/svg+xml"},
                                            {"p.png", "image/png"},
                                            {"bin", "application/octet-stream"}}) {
        Response response = get("/alice/hello/raw/main/" + name);
        EXPECT_EQ(response.status, 200);
        EXPECT_EQ(header(response, "content-type"), type);
        EXPECT_EQ(header(response, "x-content-type-options"), "nosniff");
        EXPECT_THAT(header(response, "content-security-policy"), HasSubstr("sandbox;"));
        EXPECT_THAT(header(response, "content-security-policy"), Not(HasSubstr("allow")));
        EXPECT_EQ(body(response), files[name].content);
    }
    EXPECT_EQ(header(get("/alice/hello/raw/main/bin"), "content-disposition"), "attachment");
}

TEST_F(PagesTest, carry_security_headers_whatever_the_answer) {
    for (std::string_view path :
         {"/", "/nobody", "/alice/hello", "/alice/hello/blob/main/src", "/%zz", "/a/b/c/d",
          "/assets/none.css", "/alice/hello/commit/ffff"}) {
        Response response = get(path);
        EXPECT_THAT(header(response, "content-security-policy"), HasSubstr("default-src 'none'"))
            << path;
        EXPECT_THAT(header(response, "content-security-policy"), Not(HasSubstr("script-src")));
        EXPECT_EQ(header(response, "x-content-type-options"), "nosniff") << path;
        EXPECT_EQ(header(response, "x-frame-options"), "DENY") << path;
        EXPECT_EQ(header(response, "referrer-policy"), "same-origin") << path;
    }
}

TEST_F(PagesTest, answer_wrong_addresses_with_pages_that_say_so) {
    EXPECT_EQ(get("/nobody").status, 404);
    EXPECT_EQ(get("/alice/none").status, 404);
    EXPECT_EQ(get("/alice/hello/tree/none").status, 404);
    EXPECT_EQ(get("/alice/hello/tree/main/none").status, 404);
    EXPECT_EQ(get("/alice/hello/commit/" + std::string(40, 'f')).status, 404);
    EXPECT_EQ(get("/alice/hello/wiki").status, 404);
    EXPECT_EQ(get("/alice/hello/tags/x").status, 404);
    EXPECT_EQ(get("/%zz").status, 400);
    EXPECT_EQ(get("/a%00b").status, 400);
    EXPECT_EQ(get("/" + std::string(20'000, 'a')).status, 400);
    Response post = get("/alice/hello", Viewer::anonymous(), {}, "POST");
    EXPECT_EQ(post.status, 405);
    EXPECT_EQ(header(post, "allow"), "GET, HEAD");
    EXPECT_THAT(body(get("/alice/hello/tree/<b>x")), HasSubstr("called &lt;b&gt;x"));
}

TEST_F(PagesTest, hide_private_repositories_from_others_on_every_route) {
    MemorySite::Item& item = site.add("bob", "secret");
    item.card.record.visibility = forge::Visibility::visible_to_members;
    item.world = world;
    forge::Account bob;
    bob.login = "bob";
    const std::string absent = body(get("/bob/absent"));
    for (std::string_view rest :
         {"", "/tree/main", "/blob/main/bin", "/raw/main/bin", "/commits", "/branches", "/tags"}) {
        std::string path = "/bob/secret" + std::string(rest);
        Response hidden = get(path);
        EXPECT_EQ(hidden.status, 404) << path;
        EXPECT_EQ(body(hidden), absent) << path;
        Response shown = get(path, Viewer::signed_in(bob));
        EXPECT_EQ(shown.status, 200) << path;
        EXPECT_THAT(header(shown, "cache-control"), HasSubstr("private")) << path;
    }
}

TEST_F(PagesTest, show_nothing_that_a_forced_push_left_behind) {
    site.items["alice/hello"].card.record.may_hold_unreachable = true;
    ASSERT_EQ(get("/alice/hello/commit/" + second.hex()).status, 200);
    world->refs.set("refs/heads/main", first);
    EXPECT_EQ(get("/alice/hello/commit/" + first.hex()).status, 200);
    for (const std::string& path :
         {"/commit/" + second.hex(), "/commit/" + second.hex().substr(0, 9),
          "/tree/" + second.hex(), "/blob/" + second.hex() + "/bin",
          "/raw/" + second.hex() + "/bin", "/commits/" + second.hex(),
          "/commits/main?from=" + second.hex()}) {
        EXPECT_EQ(get("/alice/hello" + path).status, 404) << path;
    }
}

TEST_F(PagesTest, answer_304_while_nothing_changed) {
    for (std::string_view path : {"/", "/alice/hello", "/alice/hello/raw/main/bin"}) {
        std::string etag = header(get(path), "etag");
        ASSERT_FALSE(etag.empty()) << path;
        Response response = get(path, Viewer::anonymous(), {{"if-none-match", "\"x\", W/" + etag}});
        EXPECT_EQ(response.status, 304) << path;
        EXPECT_EQ(header(response, "etag"), etag);
        EXPECT_TRUE(body(response).empty());
    }
    std::string before = header(get("/alice/hello"), "etag");
    site.items["alice/hello"].card.record.refs_root.bytes[0] = 1;
    EXPECT_NE(header(get("/alice/hello"), "etag"), before);
    forge::Account alice;
    alice.login = "alice";
    EXPECT_NE(header(get("/alice/hello", Viewer::signed_in(alice)), "etag"), before);
}

TEST_F(PagesTest, answer_head_without_a_body) {
    Response whole = get("/alice/hello");
    Response head = get("/alice/hello", Viewer::anonymous(), {}, "HEAD");
    EXPECT_EQ(head.status, 200);
    EXPECT_TRUE(body(head).empty());
    EXPECT_EQ(header(head, "content-length"), std::to_string(body(whole).size()));
    EXPECT_EQ(header(head, "etag"), header(whole, "etag"));
}

TEST_F(PagesTest, name_assets_by_their_content_and_let_them_be_kept) {
    std::string html = page("/");
    std::size_t at = html.find("/assets/");
    ASSERT_NE(at, std::string::npos);
    Response style = get(html.substr(at, html.find('"', at) - at));
    EXPECT_EQ(style.status, 200);
    EXPECT_EQ(header(style, "content-type"), "text/css; charset=utf-8");
    EXPECT_THAT(header(style, "cache-control"), HasSubstr("immutable"));
    EXPECT_EQ(get("/assets/0000.css").status, 404);
}

TEST_F(PagesTest, use_the_requests_host_only_where_it_is_one) {
    Pages without_base(markdown, {});
    Request request;
    request.method = "GET";
    request.path = "/alice/hello";
    request.headers = {{"host", "localhost:8080"}};
    EXPECT_THAT(body(*without_base.respond(request, Viewer::anonymous(), site)),
                HasSubstr("git clone http://localhost:8080/alice/hello.git"));
    request.headers = {{"host", "evil\"><script>"}};
    EXPECT_THAT(body(*without_base.respond(request, Viewer::anonymous(), site)),
                HasSubstr("git clone http://localhost/alice/hello.git"));
}

TEST_F(PagesTest, show_hostile_names_as_text) {
    const std::string evil = "\"><script>alert(1)</script>";
    std::string every_byte;
    for (int byte = 1; byte < 256; ++byte) {
        if (byte != '/') every_byte.push_back(static_cast<char>(byte));
    }
    git::MemoryFiles hostile{{evil + ".txt", {evil}},
                             {every_byte, {"x"}},
                             {"\u202egpj.exe", {"x"}},
                             {"README.md", {evil + "\n\n<img src=x onerror=alert(1)>"}},
                             {"link", {evil, git::kModeSymlink}}};
    git::ObjectId tip = world->commit_on("main", hostile, evil + "\n\n" + evil + "\x1b[31m\xff");
    world->refs.set("refs/heads/" + evil, tip);
    world->refs.set("refs/tags/" + evil, tip);
    site.items["alice/hello"].card.record.description = evil;
    for (std::string_view rest : {"", "/commits", "/commit/main", "/branches", "/tags",
                                  "/blob/main/link", "/tree/%22%3E%3Cscript%3Ealert(1)%3C/x",
                                  "/blob/main/%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E.txt"}) {
        Response response = get("/alice/hello" + std::string(rest));
        std::string html = body(response);
        EXPECT_THAT(html, Not(HasSubstr("<script"))) << rest;
        EXPECT_THAT(html, Not(HasSubstr("<img src=x"))) << rest;
        EXPECT_THAT(html, Not(HasSubstr("\u202e"))) << rest;
        EXPECT_EQ(html.find('\x1b'), std::string::npos) << rest;
        EXPECT_EQ(html.find('\xff'), std::string::npos) << rest;
    }
}

TEST_F(PagesTest, open_files_whose_names_hold_every_byte) {
    std::string name;
    std::string encoded;
    for (int byte = 1; byte < 256; ++byte) {
        if (byte == '/') continue;
        static constexpr std::string_view kDigits = "0123456789ABCDEF";
        name.push_back(static_cast<char>(byte));
        encoded.push_back('%');
        encoded.push_back(kDigits[static_cast<std::size_t>(byte) >> 4]);
        encoded.push_back(kDigits[static_cast<std::size_t>(byte) & 15]);
    }
    world->commit_on("main", {{name, {"found"}}}, "every byte");
    EXPECT_THAT(page("/alice/hello/blob/main/" + encoded), HasSubstr("</a>found"));
}

TEST_F(PagesTest, cut_huge_files_lines_and_folders_with_words) {
    git::MemoryFiles huge{{"long", {std::string(1'000'000, 'x')}},
                          {"large", {std::string(3'000'000, 'y')}},
                          {"lines", {std::string(50'000, '\n')}}};
    for (int i = 0; i < 5'000; ++i) huge["folder/f" + std::to_string(10'000 + i)].content = "x";
    world->commit_on("main", huge, "huge");
    EXPECT_THAT(page("/alice/hello/blob/main/long"), HasSubstr("998,000 more bytes in this line"));
    EXPECT_THAT(page("/alice/hello/blob/main/large"), HasSubstr("too large to show here"));
    EXPECT_THAT(page("/alice/hello/blob/main/lines"), HasSubstr("Only the first 20,000 lines"));
    std::string folder = page("/alice/hello/tree/main/folder");
    EXPECT_THAT(folder, HasSubstr("Entries 1 to 2,000 of 5,000."));
    EXPECT_THAT(page("/alice/hello/tree/main/folder?page=2"), HasSubstr("Entries 4,001 to 5,000"));
    EXPECT_LT(page("/alice/hello/commit/main").size(), 4'000'000U);
}

TEST_F(PagesTest, show_a_tree_a_thousand_folders_deep) {
    std::string path = "f";
    for (int i = 0; i < 1000; ++i) path.insert(0, "d/");
    world->commit_on("main", {{path, {"deep"}}}, "deep");
    std::string html = page("/alice/hello/blob/main/" + path);
    EXPECT_THAT(html, HasSubstr("</a>deep"));
    EXPECT_LT(html.size(), 200'000U);
}

TEST_F(PagesTest, show_a_branch_where_head_is_unborn) {
    world->refs.head = "refs/heads/elsewhere";
    EXPECT_THAT(page("/alice/hello"), HasSubstr("href=\"/alice/hello/tree/main/src\""));
}

TEST_F(PagesTest, understand_messages_in_latin_1) {
    git::ObjectId tree = world->tree(files);
    git::ObjectId id = world->objects.add(
        git::ObjectType::commit, "tree " + tree.hex() +
                                     "\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n" +
                                     "encoding ISO-8859-1\n\nna\xefve\n");
    EXPECT_THAT(page("/alice/hello/commit/" + id.hex()), HasSubstr("na\u00efve"));
}

TEST_F(PagesTest, ask_for_missing_data_instead_of_answering) {
    world->objects.remove(second);
    world->objects.missing_code = ErrorCode::needs_data;
    Request request;
    request.method = "GET";
    for (std::string_view path : {"/alice/hello", "/alice/hello/commits/main",
                                  "/alice/hello/branches", "/alice/hello/blob/main/bin"}) {
        request.path = path;
        auto response = pages.respond(request, Viewer::anonymous(), site);
        ASSERT_FALSE(response) << path;
        EXPECT_EQ(response.error().code, ErrorCode::needs_data);
    }
}

TEST_F(PagesTest, say_that_stored_data_is_broken_without_details) {
    world->objects.remove(second);
    world->objects.missing_code = ErrorCode::corrupt;
    Response response = get("/alice/hello");
    EXPECT_EQ(response.status, 500);
    EXPECT_THAT(body(response), Not(HasSubstr(second.hex())));
}

}  // namespace
}  // namespace ashlar::api
