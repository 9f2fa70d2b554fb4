#include "native/client/fetch_check.h"

#include <gtest/gtest.h>

#include "git/wire/side_band.h"

namespace ashlar::client {
namespace {

Bytes request(const std::vector<std::string>& lines) {
    Bytes bytes;
    git::append_line(bytes, "command=fetch");
    git::append_delimiter(bytes);
    for (const std::string& line : lines) git::append_line(bytes, line);
    git::append_flush(bytes);
    return bytes;
}

Bytes section(std::string_view name, const std::vector<std::string>& lines, bool last = false) {
    Bytes bytes;
    git::append_line(bytes, name);
    for (const std::string& line : lines) git::append_line(bytes, line);
    if (last) {
        git::append_flush(bytes);
    } else {
        git::append_delimiter(bytes);
    }
    return bytes;
}

Bytes operator+(Bytes left, const Bytes& right) {
    append(left, right);
    return left;
}

const Bytes kPack = section("packfile", {"\x01PACK", "\x02progress"}, true);

// What is passed on, in pieces of a size.
Expected<Bytes> checked(const Bytes& asked, const Bytes& answer, std::size_t piece = 7) {
    ASHLAR_TRY(FetchCheck check, FetchCheck::of_request(asked));
    Bytes passed;
    for (std::size_t at = 0; at < answer.size(); at += piece) {
        const std::size_t size = std::min(piece, answer.size() - at);
        ASHLAR_CHECK(check.take(ByteView(answer).subspan(at, size), passed));
    }
    ASHLAR_CHECK(check.finish());
    return passed;
}

TEST(FetchCheck, passes_on_what_was_asked_for_whatever_the_pieces) {
    const Bytes answer = section("acknowledgments", {"ACK 1", "ready"}) + kPack;
    for (const std::size_t piece : {1u, 3u, 4u, 64u, 100000u}) {
        EXPECT_EQ(*checked(request({"want 1", "done"}), answer, piece), answer);
    }
    const Bytes acknowledgments = section("acknowledgments", {"NAK"}, true);
    EXPECT_EQ(*checked(request({"want 1"}), acknowledgments), acknowledgments);
}

TEST(FetchCheck, lets_history_be_cut_off_only_where_that_was_asked_for) {
    const Bytes answer = section("shallow-info", {"shallow 1"}) + kPack;
    EXPECT_FALSE(checked(request({"want 1", "done"}), answer));
    for (const char* line : {"deepen 1", "deepen-since 1", "deepen-not refs/heads/a",
                             "deepen-relative", "shallow 1"}) {
        EXPECT_EQ(*checked(request({line, "done"}), answer), answer) << line;
    }
}

TEST(FetchCheck, refuses_sections_that_nobody_asked_for) {
    for (const char* name : {"wanted-refs", "packfile-uris", "", "packfile2"}) {
        EXPECT_FALSE(checked(request({"done"}), section(name, {"x"}) + kPack)) << name;
    }
}

TEST(FetchCheck, refuses_what_follows_the_end_and_ends_set_by_the_server) {
    EXPECT_FALSE(checked(request({"done"}), kPack + kPack));
    EXPECT_FALSE(checked(request({"done"}), kPack + to_bytes("0002")));
    EXPECT_FALSE(checked(request({"done"}), to_bytes("0002") + kPack));
    EXPECT_FALSE(checked(request({"done"}), to_bytes("0001") + kPack));
    EXPECT_FALSE(checked(request({"done"}), section("packfile", {"\x01x"}) + kPack));
}

TEST(FetchCheck, refuses_an_answer_that_is_cut_off) {
    for (std::size_t size = 0; size < kPack.size(); ++size) {
        EXPECT_FALSE(checked(request({"done"}),
                             Bytes(kPack.begin(), kPack.begin() + static_cast<int>(size))));
    }
}

TEST(FetchCheck, passes_an_error_on_and_nothing_behind_it) {
    Bytes error;
    git::append_error(error, "upload-pack: not our ref");
    EXPECT_EQ(*checked(request({"done"}), error), error);
    EXPECT_FALSE(checked(request({"done"}), error + kPack));
}

TEST(FetchCheck, needs_a_request_of_the_protocol) {
    EXPECT_FALSE(FetchCheck::of_request({}));
    EXPECT_FALSE(FetchCheck::of_request(as_bytes("nonsense")));
    EXPECT_FALSE(FetchCheck::of_request(as_bytes("0011command=fetch")));
}

}  // namespace
}  // namespace ashlar::client
