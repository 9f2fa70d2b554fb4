#include "replica/edge.h"

#include "chain/proof.h"
#include "git/wire/pkt_line.h"
#include "replica_fixture.h"

namespace ashlar::replica {
namespace {

struct World {
    Fixture fixture;
    pages::MarkdownLibrary markdown;
    api::Pages pages{markdown, {}};
    Edge edge{*fixture.replica, pages, {"ashlar/test", "", ""}};

    // As a host does it: again, until nothing is missing; streams are read to their end.
    struct Answer {
        bool passed_on = false;
        api::Response response;
        Bytes body;
    };
    Answer ask(const api::Request& request) {
        auto answer = fixture.until_there([&] { return edge.respond(request); });
        EXPECT_TRUE(answer) << answer.error().message();
        if (std::holds_alternative<PassOn>(*answer)) return {true, {}, {}};
        Answer result{false, std::get<api::Response>(std::move(*answer)), {}};
        auto* stream = std::get_if<std::unique_ptr<ChunkStream>>(&result.response.body);
        if (stream == nullptr) {
            result.body = std::get<Bytes>(result.response.body);
            return result;
        }
        while (true) {
            auto chunk = fixture.until_there([&] { return (*stream)->next(); });
            EXPECT_TRUE(chunk) << chunk.error().message();
            if (!chunk || !*chunk) return result;
            if (const auto* range = std::get_if<StoredRange>(&**chunk)) {
                Bytes bytes(static_cast<std::size_t>(range->length));
                EXPECT_TRUE(
                    fixture.until_there([&] { return range->source->read(range->offset, bytes); }));
                append(result.body, bytes);
            } else {
                append(result.body, std::get<Bytes>(**chunk));
            }
        }
    }
    static api::Request get(std::string path, std::string query = "") {
        return {"GET", std::move(path), std::move(query), {}, {}};
    }
    static std::string header(const Answer& answer, std::string_view name) {
        for (const auto& [other, value] : answer.response.headers) {
            if (other == name) return value;
        }
        return "";
    }
};

api::Request fetch_of(const git::ObjectId& id) {
    api::Request request{"POST", "/operator/hello.git/git-upload-pack", "", {}, {}};
    request.headers = {{"content-type", "application/x-git-upload-pack-request"},
                       {"git-protocol", "version=2"}};
    git::append_line(request.body, "command=fetch");
    git::append_delimiter(request.body);
    git::append_line(request.body, "want " + id.hex());
    git::append_line(request.body, "done");
    git::append_flush(request.body);
    return request;
}

TEST(Edge, lists_refs_in_each_version_of_the_protocol) {
    World world;
    const auto version_0 =
        world.ask(World::get("/operator/hello.git/info/refs", "service=git-upload-pack"));
    EXPECT_EQ(version_0.response.status, 200);
    EXPECT_NE(as_text(version_0.body).find(world.fixture.upstream.head.hex() + " refs/heads/main"),
              std::string_view::npos);
    EXPECT_EQ(World::header(version_0, "ashlar-height"),
              std::to_string(world.fixture.upstream.chain.tip().header.height.value));
    auto request = World::get("/operator/hello/info/refs", "service=git-upload-pack");
    request.headers = {{"git-protocol", "version=2"}};
    EXPECT_NE(as_text(world.ask(request).body).find("version 2"), std::string_view::npos);
}

TEST(Edge, serves_a_clone_from_nothing_and_again_without_its_upstream) {
    World world;
    const auto request = fetch_of(world.fixture.upstream.head);
    const auto first = world.ask(request);
    EXPECT_EQ(first.response.status, 200);
    EXPECT_GT(first.body.size(), world.fixture.upstream.pack().manifest.size);
    const std::size_t asked = world.fixture.upstream.asked.size();
    const auto again = world.ask(request);
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(world.fixture.upstream.asked.size(), asked);
}

TEST(Edge, shows_the_pages_of_a_repository) {
    World world;
    const auto page = world.ask(World::get("/operator/hello"));
    EXPECT_EQ(page.response.status, 200);
    EXPECT_NE(as_text(page.body).find("version 2"), std::string_view::npos);  // the README
    const auto raw = world.ask(World::get("/operator/hello/raw/main/README"));
    EXPECT_EQ(as_text(raw.body), "version 2");
    EXPECT_EQ(world.ask(World::get("/operator/hello/tree/none")).response.status, 404);
}

TEST(Edge, proves_its_refs_as_a_validator_would) {
    World world;
    const KeyValueReader& rows = *world.fixture.upstream.chain.store;
    const std::string path = "/api/ashlar/v1/repos/operator/hello/proof";
    const auto all = world.ask(World::get(path, "format=capnp"));
    EXPECT_EQ(all.response.status, 200);
    EXPECT_EQ(all.body, codec::encode(*chain::seal_ref_list(rows, kOwner, "hello")));
    for (const std::string ref : {"refs/heads/main", "refs/heads/none"}) {
        const auto one = world.ask(World::get(path, "format=capnp&ref=" + ref));
        EXPECT_EQ(one.body, codec::encode(*chain::seal_ref_proof(rows, kOwner, "hello", ref)));
    }
    const auto json = world.ask(World::get(path));
    EXPECT_NE(as_text(json.body).find(world.fixture.upstream.head.hex()), std::string_view::npos);
    auto again = World::get(path);
    again.headers = {{"if-none-match", World::header(json, "etag")}};
    EXPECT_EQ(world.ask(again).response.status, 304);
    // No pack was fetched for any of these.
    for (const std::string& asked : world.fixture.upstream.asked) {
        EXPECT_EQ(asked.find("/packs/"), std::string::npos) << asked;
    }
}

TEST(Edge, passes_on_proofs_that_a_validator_gives) {
    World world;
    const auto passed_on = [&](std::string path, std::string query = "") {
        return world.ask(World::get("/api/ashlar/v1" + std::move(path), std::move(query)))
            .passed_on;
    };
    EXPECT_TRUE(passed_on("/genesis"));
    EXPECT_TRUE(passed_on("/epochs/0"));
    EXPECT_TRUE(passed_on("/repos/operator/hello"));
    EXPECT_TRUE(passed_on("/repos/operator/hello/proof", "ref=main"));
    EXPECT_TRUE(passed_on("/repos/operator/hello/proof", "format=xml"));
}

TEST(Edge, passes_on_what_is_for_a_validator) {
    World world;
    const auto passed_on = [&](const api::Request& request) {
        return world.ask(request).passed_on;
    };
    EXPECT_TRUE(passed_on(World::get("/")));
    EXPECT_TRUE(passed_on(World::get("/operator")));
    EXPECT_TRUE(passed_on(World::get("/api/v3/repos/operator/hello")));
    EXPECT_TRUE(passed_on(World::get("/sync/checkpoint")));
    EXPECT_TRUE(passed_on(World::get("/operator/hello.git/info/refs", "service=git-receive-pack")));
    api::Request push{"POST", "/operator/hello.git/git-receive-pack", "", {}, {}};
    EXPECT_TRUE(passed_on(push));
    auto signed_in = World::get("/operator/hello");
    signed_in.headers = {{"authorization", "Bearer x"}};
    EXPECT_TRUE(passed_on(signed_in));
    api::Request write{"DELETE", "/operator/hello", "", {}, {}};
    EXPECT_TRUE(passed_on(write));
}

TEST(Edge, refuses_what_breaks_the_protocol) {
    World world;
    auto request = fetch_of(world.fixture.upstream.head);
    request.headers[0].second = "text/plain";
    EXPECT_EQ(world.ask(request).response.status, 415);
    const auto unknown = world.ask(fetch_of(git::ObjectId{}));
    EXPECT_NE(as_text(unknown.body).find("ERR"), std::string_view::npos);
}

}  // namespace
}  // namespace ashlar::replica
