#include "git/wire/upload_pack.h"

#include <gtest/gtest.h>

#include "support/memory_objects.h"
#include "unit/shared/git/wire/answer_text.h"

namespace ashlar::git {
namespace {

// What is answered before any pack has to be made.
struct Server {
    MemoryObjects objects;
    MemoryRefs refs;
    ObjectId tree = objects.tree({{kModeBlob, "a", objects.blob("a\n")}});
    ObjectId first = objects.commit(tree, {}, 100, "first");
    ObjectId second = objects.commit(tree, {first}, 200, "second");
    ObjectId lost = objects.commit(tree, {first}, 300, "lost");
    ObjectId tag = objects.tag(first, ObjectType::commit, "v1");

    Server() {
        refs.set("refs/heads/main", second);
        refs.set("refs/tags/v1", tag, first);
    }
    std::string answer(ProtocolVersion version, std::initializer_list<std::string> lines) {
        RepositoryView view{refs, objects, nullptr, Unreachable::may_be_held};
        return packets_of(serve_upload_pack(view, version, request_of(lines)));
    }
    std::string v2(std::initializer_list<std::string> lines) {
        return answer(ProtocolVersion::v2, lines);
    }
    std::string v0(std::initializer_list<std::string> lines) {
        return answer(ProtocolVersion::v0, lines);
    }
};

const std::string kUnknown(40, '7');

TEST(LsRefs, lists_everything_without_arguments) {
    Server server;
    EXPECT_EQ(server.v2({"command=ls-refs", "agent=git/2.39", "object-format=sha1", "++", "--"}),
              server.second.hex() + " HEAD\n" + server.second.hex() + " refs/heads/main\n" +
                  server.tag.hex() + " refs/tags/v1\n--\n");
}

TEST(LsRefs, peels_and_tells_symrefs_and_prefixes) {
    Server server;
    EXPECT_EQ(server.v2({"command=ls-refs", "++", "peel", "symrefs", "unborn", "ref-prefix HEAD",
                         "ref-prefix refs/tags/", "ref-prefix refs/tags/v", "--"}),
              server.second.hex() + " HEAD symref-target:refs/heads/main\n" + server.tag.hex() +
                  " refs/tags/v1 peeled:" + server.first.hex() + "\n--\n");
    EXPECT_EQ(server.v2({"command=ls-refs", "++", "ref-prefix refs/heads/other", "--"}), "--\n");
}

TEST(LsRefs, tells_of_an_unborn_head_if_asked) {
    Server server;
    server.refs.head = "refs/heads/trunk";
    EXPECT_EQ(server.v2({"command=ls-refs", "++", "unborn", "symrefs", "ref-prefix HEAD", "--"}),
              "unborn HEAD symref-target:refs/heads/trunk\n--\n");
    EXPECT_EQ(server.v2({"command=ls-refs", "++", "symrefs", "ref-prefix HEAD", "--"}), "--\n");
}

TEST(UploadPackV2, answers_what_it_does_not_understand_with_an_error) {
    Server server;
    EXPECT_EQ(server.v2({"command=push", "++", "--"}), "ERR invalid command: 'push'\n");
    EXPECT_EQ(server.v2({"hello", "++", "--"}), "ERR unknown capability: 'hello'\n");
    EXPECT_EQ(server.v2({"agent=x", "++", "--"}), "ERR no command requested\n");
    EXPECT_EQ(server.v2({"agent=x", "--"}), "ERR no command requested\n");
    EXPECT_EQ(server.v2({"command=fetch", "command=fetch", "++", "--"}),
              "ERR a request has one command, then came: 'command=fetch'\n");
    EXPECT_EQ(server.v2({"command=fetch", "object-format=sha256", "++", "--"}),
              "ERR object format is not served here, only sha1: 'sha256'\n");
    EXPECT_EQ(server.v2({"command=fetch", "++", "dance", "--"}),
              "ERR fetch: unexpected line: 'dance'\n");
    EXPECT_EQ(server.v2({"command=ls-refs", "++", "dance", "--"}),
              "ERR ls-refs: unexpected line: 'dance'\n");
    EXPECT_EQ(server.v2({"command=fetch", "++", "want 123", "--"}),
              "ERR expected 'want <object id>', got: '123'\n");
    EXPECT_EQ(server.v2({"command=fetch", "++", "done", "--"}),
              "ERR fetch: the request wants nothing\n");
    EXPECT_EQ(server.v2({"command=fetch", "++", "done"}),
              "ERR the request ends before its flush packet\n");
    EXPECT_EQ(server.v2({}), "ERR the request ends before its flush packet\n");
    EXPECT_EQ(server.v2({"--"}), "--\n");
}

TEST(UploadPackV2, refuses_wants_that_the_refs_do_not_reach) {
    Server server;
    for (const std::string& id : {kUnknown, server.lost.hex()}) {
        EXPECT_EQ(server.v2({"command=fetch", "++", "want " + id, "done", "--"}),
                  "ERR upload-pack: not our ref " + id + "\n");
        EXPECT_EQ(server.v2({"command=fetch", "++", "sideband-all", "want " + id, "done", "--"}),
                  "\3upload-pack: not our ref " + id + "\n--\n");
    }
    EXPECT_EQ(server.v2({"command=fetch", "++", "want-ref refs/heads/no", "done", "--"}),
              "ERR unknown ref: 'refs/heads/no'\n");
}

TEST(UploadPackV2, acknowledges_what_is_common) {
    Server server;
    const std::string want = "want " + server.second.hex();
    EXPECT_EQ(server.v2({"command=fetch", "++", want, "have " + kUnknown, "--"}),
              "acknowledgments\nNAK\n--\n");
    // Ready, and yet no pack before the client says that it is done.
    EXPECT_EQ(server.v2({"command=fetch", "++", "wait-for-done", want, "have " + server.first.hex(),
                         "--"}),
              "acknowledgments\nACK " + server.first.hex() + "\n--\n");
    EXPECT_EQ(server.v2({"command=fetch", "++", "wait-for-done", "have " + server.first.hex(),
                         "have " + kUnknown, "--"}),
              "acknowledgments\nACK " + server.first.hex() + "\n--\n");
    EXPECT_EQ(server.v2({"command=fetch", "++", "wait-for-done", "have " + server.first.hex(),
                         "done", "--"}),
              "acknowledgments\nACK " + server.first.hex() + "\n--\n");
}

TEST(UploadPackV2, refuses_depths_that_exclude_each_other) {
    Server server;
    EXPECT_EQ(server.v2({"command=fetch", "++", "want " + server.second.hex(), "deepen 1",
                         "deepen-since 5", "done", "--"}),
              "ERR deepen and deepen-since (or deepen-not) cannot be used together\n");
    EXPECT_EQ(server.v2({"command=fetch", "++", "want " + server.second.hex(), "deepen -1", "--"}),
              "ERR invalid deepen: '-1'\n");
    EXPECT_EQ(server.v2({"command=fetch", "++", "want " + server.second.hex(), "deepen-not nope",
                         "done", "--"}),
              "ERR deepen-not names no ref: 'nope'\n");
}

TEST(ObjectInfo, tells_sizes_of_what_may_be_fetched) {
    Server server;
    EXPECT_EQ(server.v2({"command=object-info", "++", "size", "oid " + server.first.hex(), "--"}),
              "size\n" + server.first.hex() + " " +
                  std::to_string(server.objects.info(server.first)->size) + "\n--\n");
    EXPECT_EQ(server.v2({"command=object-info", "++", "size", "oid " + server.lost.hex(), "--"}),
              "ERR upload-pack: not our ref " + server.lost.hex() + "\n");
}

TEST(UploadPackV2, tells_its_host_what_data_it_needs) {
    Server server;
    server.objects.missing_code = ErrorCode::needs_data;
    RepositoryView view{server.refs, server.objects, nullptr, Unreachable::may_be_held};
    auto answer =
        serve_upload_pack(view, ProtocolVersion::v2,
                          request_of({"command=fetch", "++", "want " + server.second.hex(),
                                      "have " + kUnknown, "--"}));
    EXPECT_EQ(answer.error().code, ErrorCode::needs_data);
}

TEST(UploadPackV2, takes_no_request_over_its_limit) {
    Server server;
    RepositoryView view{server.refs, server.objects, nullptr, Unreachable::may_be_held};
    auto answer =
        serve_upload_pack(view, ProtocolVersion::v2, Bytes(kUploadPackRequestSizeMax + 1, '0'));
    EXPECT_EQ(packets_of(answer), "ERR a request may have 16777216 bytes\n");
}

TEST(UploadPackV0, negotiates_in_each_of_its_modes) {
    Server server;
    const std::string want = "want " + server.second.hex();
    const std::string have = "have " + server.first.hex();
    const std::string ack = "ACK " + server.first.hex();
    EXPECT_EQ(server.v0({want + " multi_ack_detailed", "--", have, "have " + kUnknown, "--"}),
              ack + " common\nACK " + kUnknown + " ready\nNAK\n");
    EXPECT_EQ(server.v0({want + " multi_ack_detailed", "--", have, "--"}),
              ack + " common\n" + ack + " ready\nNAK\n");
    EXPECT_EQ(server.v0({want + " multi_ack", "--", have, "have " + kUnknown, "--"}),
              ack + " continue\nACK " + kUnknown + " continue\nNAK\n");
    EXPECT_EQ(server.v0({want, "--", have, "have " + kUnknown, "--"}), ack + "\n");
    EXPECT_EQ(server.v0({want, "--", "have " + kUnknown, "--"}), "NAK\n");
}

TEST(UploadPackV0, tells_where_history_is_cut_before_anything_else) {
    Server server;
    EXPECT_EQ(server.v0({"want " + server.second.hex() + " shallow", "deepen 1", "--"}),
              "shallow " + server.second.hex() + "\n--\n");
    EXPECT_EQ(
        server.v0({"want " + server.second.hex(), "shallow " + server.second.hex(), "deepen 2",
                   "--", "have " + kUnknown, "--"}),
        "shallow " + server.first.hex() + "\nunshallow " + server.second.hex() + "\n--\nNAK\n");
}

TEST(UploadPackV0, answers_what_it_does_not_understand_with_an_error) {
    Server server;
    const std::string want = "want " + server.second.hex();
    EXPECT_EQ(server.v0({"want " + kUnknown, "--", "done"}),
              "ERR upload-pack: not our ref " + kUnknown + "\n");
    EXPECT_EQ(server.v0({"want " + server.lost.hex(), "--", "done"}),
              "ERR upload-pack: not our ref " + server.lost.hex() + "\n");
    EXPECT_EQ(server.v0({"--"}), "ERR the request wants nothing\n");
    EXPECT_EQ(server.v0({}), "ERR the request ends inside its list of wants\n");
    EXPECT_EQ(server.v0({want + " side-band side-band-64k", "--", "done"}),
              "ERR side-band and side-band-64k cannot be used together\n");
    EXPECT_EQ(server.v0({want, "hello", "--"}),
              "ERR expected want, shallow, deepen or filter, got: 'hello'\n");
    EXPECT_EQ(server.v0({want, "--", "hello"}), "ERR expected have, flush or done, got: 'hello'\n");
    EXPECT_EQ(server.v0({want, "--", "have " + kUnknown}),
              "ERR the request ends inside its list of haves\n");
    EXPECT_EQ(server.v0({want, "filter blobs:none", "--", "done"}).substr(0, 39),
              "ERR invalid filter-spec 'blobs:none': k");
}

}  // namespace
}  // namespace ashlar::git
