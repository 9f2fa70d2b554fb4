#include "git/wire/receive_pack.h"

#include <gtest/gtest.h>

#include "unit/shared/git/wire/answer_text.h"

namespace ashlar::git {
namespace {

const std::string kZero(40, '0');
const std::string kOne(40, '1');
const std::string kTwo(40, '2');

std::string with_nul(std::string before, std::string_view after) {
    before.push_back('\0');
    return before.append(after);
}

struct Parsed {
    Expected<bool> result = false;
    PushRequest request;
    std::string rest;
};

Parsed parse(ByteView body, std::size_t piece_size = 1'000'000, const PushLimits& limits = {}) {
    PushRequestParser parser(limits);
    Parsed parsed;
    std::size_t at = 0;
    while (at < body.size() && parsed.result && !*parsed.result) {
        ByteView piece = body.subspan(at, std::min(piece_size, body.size() - at));
        const std::size_t size = piece.size();
        parsed.result = parser.feed(piece);
        at += size - piece.size();
    }
    if (parsed.result && !*parsed.result) {
        Expected<void> finished = parser.finish();
        if (!finished) parsed.result = Unexpected(finished.error());
    }
    parsed.rest = as_text(body.subspan(at));
    parsed.request = parser.request();
    return parsed;
}

Bytes push_body() {
    Bytes body = request_of({
        "shallow " + kTwo,
        with_nul(kZero + " " + kOne + " refs/heads/new",
                 " report-status-v2 side-band-64k object-format=sha1 atomic quiet push-options "
                 "agent=git/2.39"),
        kOne + " " + kZero + " refs/heads/old",
        "--",
        "ci.skip",
        "",
        "--",
    });
    append(body, "PACK...");
    return body;
}

TEST(PushRequest, is_parsed_whatever_the_pieces) {
    const Bytes body = push_body();
    for (std::size_t size : {1UL, 2UL, 3UL, 50UL, 1000UL}) {
        Parsed parsed = parse(body, size);
        ASSERT_TRUE(parsed.result) << parsed.result.error().message();
        EXPECT_TRUE(*parsed.result);
        EXPECT_EQ(parsed.rest, "PACK...");
        const PushRequest& request = parsed.request;
        ASSERT_EQ(request.updates.size(), 2U);
        EXPECT_TRUE(request.updates[0].creates());
        EXPECT_EQ(request.updates[0].name, "refs/heads/new");
        EXPECT_EQ(request.updates[0].new_id.hex(), kOne);
        EXPECT_TRUE(request.updates[1].deletes());
        EXPECT_EQ(request.report, ReportStatus::v2);
        EXPECT_EQ(request.side_band, SideBand::large);
        EXPECT_TRUE(request.atomic);
        EXPECT_TRUE(request.quiet);
        EXPECT_TRUE(request.expects_pack());
        EXPECT_EQ(request.agent, "git/2.39");
        EXPECT_EQ(request.push_options, (std::vector<std::string>{"ci.skip", ""}));
        ASSERT_EQ(request.shallows.size(), 1U);
    }
}

TEST(PushRequest, of_deletions_only_expects_no_pack) {
    Parsed parsed = parse(request_of({kOne + " " + kZero + " refs/heads/old", "--"}));
    EXPECT_TRUE(parsed.result.value());
    EXPECT_FALSE(parsed.request.expects_pack());
    EXPECT_EQ(parsed.request.report, ReportStatus::none);
}

// git sends a lone flush to find out whether it has to authenticate.
TEST(PushRequest, may_be_a_probe) {
    EXPECT_TRUE(parse(as_bytes("0000")).result.value());
    EXPECT_FALSE(parse(as_bytes("")).result.value());
}

TEST(PushRequest, that_is_cut_off_is_refused) {
    const Bytes body = push_body();
    for (std::size_t size = 1; size < body.size() - 7; ++size) {
        Parsed parsed = parse(ByteView(body).first(size));
        EXPECT_FALSE(parsed.result) << size;
    }
}

TEST(PushRequest, with_bad_lines_is_refused) {
    const std::vector<std::string> bad = {
        "hello",
        kZero + " " + kOne,
        kZero + " " + kOne + " ",
        kZero + "x" + kOne + " refs/heads/a",
        std::string(40, 'g') + " " + kOne + " refs/heads/a",
        "shallow 123",
        "++",
    };
    for (const std::string& line : bad) {
        Parsed parsed = parse(request_of({line, "--"}));
        ASSERT_FALSE(parsed.result) << line;
        EXPECT_EQ(parsed.result.error().code, ErrorCode::invalid) << line;
    }
}

TEST(PushRequest, of_another_object_format_is_not_served) {
    Parsed parsed = parse(request_of(
        {with_nul(kZero + " " + kOne + " refs/heads/a", "report-status object-format=sha256"),
         "--"}));
    EXPECT_EQ(parsed.result.error().code, ErrorCode::unsupported);
    EXPECT_EQ(parsed.request.report, ReportStatus::v1);
}

TEST(PushRequest, over_its_limits_is_refused) {
    PushLimits limits;
    limits.updates_max = 1;
    limits.shallows_max = 0;
    limits.options_max = 1;
    limits.option_size_max = 3;
    limits.section_size_max = 300;
    const std::string update = kZero + " " + kOne + " refs/heads/a";
    const std::string first = with_nul(update, "push-options");
    EXPECT_TRUE(parse(request_of({first, "--", "abc", "--"}), 9, limits).result);
    const std::vector<Bytes> over = {
        request_of({update, kZero + " " + kOne + " refs/heads/b", "--"}),
        request_of({"shallow " + kOne, update, "--"}),
        request_of({first, "--", "abcd", "--"}),
        request_of({first, "--", "a", "b", "--"}),
        request_of({update + std::string(300, 'x'), "--"}),
    };
    for (const Bytes& body : over) {
        EXPECT_EQ(parse(body, 9, limits).result.error().code, ErrorCode::limit_exceeded)
            << as_text(body);
    }
}

Bytes signed_push(const std::string& option_behind = "ci.skip") {
    return request_of({
        with_nul("push-cert", " report-status push-options"),
        "certificate version 0.1",
        "pusher A U Thor <author@example.com> 1700000000 +0000",
        "pushee https://example.com/a.git",
        "nonce 5-abc",
        "push-option ci.skip",
        "",
        kZero + " " + kOne + " refs/heads/a",
        "-----BEGIN SSH SIGNATURE-----",
        "U1NIU0lH",
        "-----END SSH SIGNATURE-----",
        "push-cert-end",
        "--",
        option_behind,
        "--",
    });
}

TEST(PushRequest, keeps_a_certificate_as_it_was_signed) {
    Parsed parsed = parse(signed_push(), 13);
    ASSERT_TRUE(parsed.result) << parsed.result.error().message();
    ASSERT_TRUE(parsed.request.certificate);
    const PushCertificate& certificate = *parsed.request.certificate;
    EXPECT_EQ(as_text(certificate.text),
              "certificate version 0.1\npusher A U Thor <author@example.com> 1700000000 +0000\n"
              "pushee https://example.com/a.git\nnonce 5-abc\npush-option ci.skip\n\n" +
                  kZero + " " + kOne + " refs/heads/a\n");
    EXPECT_EQ(as_text(certificate.signature),
              "-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n");
    EXPECT_EQ(certificate.nonce, "5-abc");
    EXPECT_EQ(certificate.pushee, "https://example.com/a.git");
    ASSERT_EQ(parsed.request.updates.size(), 1U);
    EXPECT_EQ(parsed.request.updates[0].name, "refs/heads/a");
}

TEST(PushRequest, has_the_options_that_its_certificate_has) {
    EXPECT_EQ(parse(signed_push("other")).result.error().code, ErrorCode::invalid);
}

TEST(PushRequest, has_no_commands_beside_its_certificate) {
    Bytes body = request_of({kZero + " " + kOne + " refs/heads/b"});
    append(body, signed_push());
    EXPECT_EQ(parse(body).result.error().code, ErrorCode::invalid);
}

TEST(PushCertificate, that_lacks_a_part_is_refused) {
    const std::string whole =
        "certificate version 0.1\npusher A <a@b> 1 +0000\n\n" + kZero + " " + kOne +
        " refs/heads/a\n-----BEGIN PGP SIGNATURE-----\nx\n-----END PGP SIGNATURE-----\n";
    EXPECT_TRUE(parse_push_certificate(as_bytes(whole)));
    for (std::string_view part : {"certificate version 0.1\n", "pusher A <a@b> 1 +0000\n", "\n\n",
                                  "-----BEGIN PGP SIGNATURE-----\n"}) {
        std::string without = whole;
        without.erase(without.find(part), part.size());
        EXPECT_FALSE(parse_push_certificate(as_bytes(without))) << part;
    }
}

TEST(PushCertificate, is_bounded_and_has_nothing_that_is_not_known) {
    const std::string head = "certificate version 0.1\npusher A <a@b> 1 +0000\n";
    const std::string tail = "\n" + kZero + " " + kOne +
                             " refs/heads/a\n-----BEGIN SSH SIGNATURE-----\nx\n"
                             "-----END SSH SIGNATURE-----\n";
    const auto parsed = parse_push_certificate(as_bytes(head + "nonce 1\n" + tail));
    ASSERT_TRUE(parsed) << parsed.error().message();
    EXPECT_TRUE(parsed->is_signed_by_ssh());
    EXPECT_EQ(as_text(parsed->whole()), head + "nonce 1\n" + tail);
    const auto code_of = [&](const std::string& headers, const std::string& behind = "") {
        const auto other = parse_push_certificate(as_bytes(head + headers + tail + behind));
        return other ? std::nullopt : std::optional(other.error().code);
    };
    EXPECT_EQ(code_of("nonce 1\nnonce 2\n"), ErrorCode::invalid);
    EXPECT_EQ(code_of("colour red\n"), ErrorCode::invalid);
    EXPECT_EQ(code_of("nonce\n"), ErrorCode::invalid);
    std::string options;
    for (std::size_t i = 0; i <= kPushCertificateOptionsMax; ++i) options += "push-option x\n";
    EXPECT_EQ(code_of(options), ErrorCode::limit_exceeded);
    EXPECT_EQ(code_of("", std::string(kPushCertificateSizeMax, 'a')), ErrorCode::limit_exceeded);
}

TEST(PushRequest, without_options_has_none_in_its_certificate) {
    const Bytes body =
        request_of({with_nul("push-cert", " report-status"), "certificate version 0.1",
                    "pusher A <a@b> 1 +0000", "push-option ci.skip", "",
                    kZero + " " + kOne + " refs/heads/a", "-----BEGIN SSH SIGNATURE-----",
                    "U1NIU0lH", "-----END SSH SIGNATURE-----", "push-cert-end", "--"});
    EXPECT_EQ(parse(body).result.error().code, ErrorCode::invalid);
}

TEST(PushRequest, names_what_can_be_refused_at_once) {
    PushRequest request;
    const ObjectId one = *ObjectId::from_hex(kOne);
    for (const char* name : {"refs/heads/ok", "refs/heads/../x", "refs/heads/twice",
                             "refs/heads/twice", "HEAD", "refs/heads/a\x1b"}) {
        request.updates.push_back({ObjectId{}, one, name});
    }
    request.updates.push_back({ObjectId{}, ObjectId{}, "refs/heads/nothing"});
    std::vector<std::optional<std::string>> refusals = refusals_of(request);
    ASSERT_EQ(refusals.size(), 7U);
    EXPECT_FALSE(refusals[0]);
    for (std::size_t i = 1; i < refusals.size(); ++i) EXPECT_TRUE(refusals[i]) << i;
}

PushRequest request_with(ReportStatus report, SideBand side_band) {
    PushRequest request;
    request.report = report;
    request.side_band = side_band;
    request.updates.push_back({ObjectId{}, *ObjectId::from_hex(kOne), "refs/heads/a"});
    return request;
}

TEST(PushReport, is_written_as_the_document_shows) {
    PushRequest request = request_with(ReportStatus::v1, SideBand::none);
    EXPECT_EQ(as_text(encode_push_report(
                  request, std::nullopt,
                  {{"refs/heads/debug", std::nullopt}, {"refs/heads/master", "non-fast-forward"}})),
              "000eunpack ok\n0018ok refs/heads/debug\n"
              "002ang refs/heads/master non-fast-forward\n0000");
}

TEST(PushReport, goes_inside_the_side_band) {
    PushRequest request = request_with(ReportStatus::v2, SideBand::large);
    EXPECT_EQ(as_text(encode_push_report(request, std::nullopt, {{"refs/heads/a", std::nullopt}})),
              "002b\1"
              "000eunpack ok\n0014ok refs/heads/a\n00000000");
    EXPECT_EQ(as_text(encode_push_progress(request, "checking\n")), "000e\2checking\n");
    request.quiet = true;
    EXPECT_TRUE(encode_push_progress(request, "checking\n").empty());
}

TEST(PushReport, of_a_failure_names_every_ref) {
    PushRequest request = request_with(ReportStatus::v1, SideBand::none);
    EXPECT_EQ(as_text(encode_push_failure(request, "pack is \x1b bad")),
              "0019unpack pack is ? bad\n0022ng refs/heads/a pack is ? bad\n0000");
}

TEST(PushReport, of_a_failure_before_any_capability_is_an_error_packet) {
    EXPECT_EQ(as_text(encode_push_failure(PushRequest{}, "bad line")), "0011ERR bad line\n");
}

}  // namespace
}  // namespace ashlar::git
