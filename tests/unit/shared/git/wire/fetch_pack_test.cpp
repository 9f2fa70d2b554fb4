// What a fetch brings: the whole way from a request to the objects in the pack.
#include <gtest/gtest.h>

#include "git/wire/upload_pack.h"
#include "support/packed_memory.h"
#include "unit/shared/git/wire/answer_text.h"

namespace ashlar::git {
namespace {

// An answer, taken apart: lines before the pack, and what each channel brought.
struct Answer {
    std::string lines;
    Bytes pack;
    std::string progress;
    bool ends_with_flush = false;

    std::set<ObjectId> ids() const {
        auto catalog = catalog_of_pack(pack);
        EXPECT_TRUE(catalog) << catalog.error().message();
        return catalog ? ids_of(**catalog) : std::set<ObjectId>();
    }
};

Answer take_apart(ByteView bytes) {
    Answer answer;
    PacketReader reader(bytes);
    bool in_pack = false;
    while (std::optional<Packet> packet = reader.next().value()) {
        answer.ends_with_flush = packet->is_flush();
        if (packet->is_flush()) {
            answer.lines += "--\n";
        } else if (packet->is_delimiter()) {
            answer.lines += "++\n";
        } else if (in_pack || packet->payload.front() == 1 || packet->payload.front() == 2) {
            if (packet->payload.front() == 1) append(answer.pack, packet->payload.subspan(1));
            if (packet->payload.front() == 2) answer.progress += packet->line().substr(1);
        } else {
            answer.lines += std::string(packet->line()) + "\n";
            in_pack = packet->line() == "packfile";
        }
    }
    return answer;
}

struct Server {
    MemoryObjects objects;
    MemoryRefs refs;
    ObjectId blob_a = objects.blob("a\n");
    ObjectId blob_b = objects.blob("b\n");
    ObjectId tree_a = objects.tree({{kModeBlob, "a", blob_a}});
    ObjectId tree_b = objects.tree({{kModeBlob, "a", blob_a}, {kModeBlob, "b", blob_b}});
    ObjectId first = objects.commit(tree_a, {}, 100, "first\n");
    ObjectId second = objects.commit(tree_b, {first}, 200, "second\n");
    ObjectId tag = objects.tag(second, ObjectType::commit, "v1");
    std::shared_ptr<const PackCatalog> catalog =
        catalog_of_pack(pack_of(objects, all_ids(objects))).value();
    Unreachable unreachable = Unreachable::may_be_held;

    Server() {
        refs.set("refs/heads/main", second);
        refs.set("refs/tags/v1", tag, second);
    }
    Bytes raw(ProtocolVersion version, std::initializer_list<std::string> lines) {
        RepositoryView view{refs, objects, catalog, unreachable};
        auto stream = serve_upload_pack(view, version, request_of(lines));
        EXPECT_TRUE(stream) << stream.error().message();
        return drain(**stream);
    }
    Answer v2(std::initializer_list<std::string> lines) {
        return take_apart(raw(ProtocolVersion::v2, lines));
    }
    std::string want(const ObjectId& id) const { return "want " + id.hex(); }
};

TEST(FetchV2, of_a_branch_brings_what_it_reaches) {
    Server server;
    Answer answer =
        server.v2({"command=fetch", "++", "ofs-delta", server.want(server.second), "done", "--"});
    EXPECT_EQ(answer.lines, "packfile\n--\n");
    EXPECT_EQ(answer.progress,
              "Enumerating objects: 6, done.\nCounting objects: 100% (6/6), done."
              "Total 6 (delta 0), reused 0 (delta 0), pack-reused 6");
    std::set<ObjectId> expected = all_ids(server.objects);
    expected.erase(server.tag);
    EXPECT_EQ(answer.ids(), expected);
}

TEST(FetchV2, of_every_tip_copies_the_packs_where_nothing_else_is_in_them) {
    Server server;
    server.unreachable = Unreachable::none;
    Answer answer = server.v2({"command=fetch", "++", "ofs-delta", server.want(server.second),
                               server.want(server.tag), "done", "--"});
    EXPECT_EQ(answer.lines, "packfile\n--\n");
    EXPECT_EQ(answer.pack, pack_of(server.objects, all_ids(server.objects)));
}

// Keeps what it is told.
struct Told final : FetchProgress {
    void begin(SideBand side_band, bool silent) override {
        seen += side_band == SideBand::large && !silent ? "begin" : "?";
    }
    void report(FetchPhase phase, std::uint64_t done, std::uint64_t total) override {
        seen += ", " + progress_line(phase, done, total);
    }
    void made() override { seen += ", made"; }
    std::string seen;
};

TEST(FetchV2, gives_the_head_first_where_somebody_is_told_of_the_rest) {
    Server server;
    const auto request = request_of({"command=fetch", "++", "ofs-delta", server.want(server.second),
                                     "have " + server.first.hex(), "--"});
    RepositoryView view{server.refs, server.objects, server.catalog, Unreachable::may_be_held};
    Told told;
    const Bytes at_once = drain(**serve_upload_pack(view, ProtocolVersion::v2, request));
    view.progress = &told;
    auto stream = serve_upload_pack(view, ProtocolVersion::v2, request).value();
    Bytes answer = std::get<Bytes>(**stream->next());
    EXPECT_TRUE(as_text(answer).ends_with("packfile\n")) << as_text(answer);
    EXPECT_EQ(told.seen, "");
    append(answer, drain(*stream));
    EXPECT_EQ(answer, at_once);
    EXPECT_EQ(told.seen, "begin, Enumerating objects: 3, Counting objects: 0% (0/3), made");
}

TEST(FetchV2, brings_tags_of_what_it_brings) {
    Server server;
    Answer answer = server.v2({"command=fetch", "++", "include-tag", "no-progress",
                               server.want(server.second), "done", "--"});
    EXPECT_EQ(answer.ids(), all_ids(server.objects));
    EXPECT_EQ(answer.progress, "");
}

TEST(FetchV2, acknowledges_and_sends_at_once_when_it_is_ready) {
    Server server;
    Answer answer = server.v2(
        {"command=fetch", "++", server.want(server.second), "have " + server.first.hex(), "--"});
    EXPECT_EQ(answer.lines,
              "acknowledgments\nACK " + server.first.hex() + "\nready\n++\npackfile\n--\n");
    EXPECT_EQ(answer.ids(), (std::set<ObjectId>{server.second, server.tree_b, server.blob_b}));
}

TEST(FetchV2, has_shallow_info_before_wanted_refs) {
    Server server;
    Answer answer =
        server.v2({"command=fetch", "++", "want-ref refs/heads/main", "deepen 1", "done", "--"});
    EXPECT_EQ(answer.lines, "shallow-info\nshallow " + server.second.hex() + "\n++\nwanted-refs\n" +
                                server.second.hex() + " refs/heads/main\n++\npackfile\n--\n");
    EXPECT_EQ(answer.ids(),
              (std::set<ObjectId>{server.second, server.tree_b, server.blob_a, server.blob_b}));
}

TEST(FetchV2, puts_everything_into_the_side_band_if_asked) {
    Server server;
    const Bytes answer = server.raw(
        ProtocolVersion::v2, {"command=fetch", "++", "sideband-all", "no-progress",
                              server.want(server.second), "have " + server.first.hex(), "--"});
    const std::string head = "0015\1acknowledgments\n0032\1ACK " + server.first.hex() +
                             "\n000b\1ready\n0001"
                             "000e\1packfile\n";
    EXPECT_EQ(as_text(answer).substr(0, head.size()), head);
    EXPECT_EQ(as_text(answer).substr(answer.size() - 4), "0000");
}

TEST(FetchV2, leaves_out_what_the_filter_leaves_out) {
    Server server;
    server.unreachable = Unreachable::none;
    Answer answer = server.v2({"command=fetch", "++", "filter blob:none",
                               server.want(server.second), server.want(server.tag), "done", "--"});
    EXPECT_EQ(answer.ids(), (std::set<ObjectId>{server.second, server.first, server.tag,
                                                server.tree_a, server.tree_b}));
}

TEST(FetchV0, sends_the_pack_as_each_client_understands_it) {
    Server server;
    const std::string want = server.want(server.tag);
    const Bytes plain = server.raw(ProtocolVersion::v0, {want, "--", "done"});
    EXPECT_EQ(as_text(plain).substr(0, 12), "0008NAK\nPACK");
    auto catalog = catalog_of_pack(ByteView(plain).subspan(8));
    ASSERT_TRUE(catalog);
    EXPECT_EQ(ids_of(**catalog), all_ids(server.objects));

    for (std::string_view side_band : {" side-band", " side-band-64k"}) {
        const Bytes framed = server.raw(
            ProtocolVersion::v0, {want + std::string(side_band) + " no-progress", "--", "done"});
        Answer answer = take_apart(framed);
        EXPECT_EQ(answer.lines, "NAK\n--\n");
        EXPECT_EQ(answer.ids(), all_ids(server.objects));
    }
}

TEST(FetchV0, needs_no_done_where_the_client_says_so) {
    Server server;
    Answer answer =
        take_apart(server.raw(ProtocolVersion::v0, {server.want(server.second) +
                                                        " multi_ack_detailed no-done side-band-64k",
                                                    "--", "have " + server.first.hex(), "--"}));
    const std::string ack = "ACK " + server.first.hex();
    EXPECT_EQ(answer.lines, ack + " common\n" + ack + " ready\nNAK\n" + ack + "\n--\n");
    EXPECT_EQ(answer.ids(), (std::set<ObjectId>{server.second, server.tree_b, server.blob_b}));
}

TEST(FetchV0, deepens) {
    Server server;
    Answer answer =
        take_apart(server.raw(ProtocolVersion::v1, {server.want(server.second) + " side-band-64k",
                                                    "shallow " + server.second.hex(), "deepen 2",
                                                    "--", "have " + server.second.hex(), "done"}));
    EXPECT_EQ(answer.lines, "shallow " + server.first.hex() + "\nunshallow " + server.second.hex() +
                                "\n--\nACK " + server.second.hex() + "\n--\n");
    EXPECT_EQ(answer.ids(), (std::set<ObjectId>{server.first, server.tree_a}));
}

}  // namespace
}  // namespace ashlar::git
