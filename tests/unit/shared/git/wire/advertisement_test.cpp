#include "git/wire/advertisement.h"

#include <gtest/gtest.h>

#include "support/memory_objects.h"
#include "unit/shared/git/wire/answer_text.h"

namespace ashlar::git {
namespace {

const ServerIdentity kIdentity{"ashlar/1.2", "", ""};
constexpr std::string_view kFetchCapabilities =
    "multi_ack thin-pack side-band side-band-64k ofs-delta shallow deepen-since deepen-not"
    " deepen-relative no-progress include-tag multi_ack_detailed allow-tip-sha1-in-want"
    " allow-reachable-sha1-in-want no-done filter";

ObjectId id_of(Byte byte) {
    ObjectId id;
    id.bytes.fill(byte);
    return id;
}
std::string hex(Byte byte) {
    return id_of(byte).hex();
}

std::string with_nul(std::string before, std::string_view after) {
    before.push_back('\0');
    return before.append(after);
}

TEST(Advertisement, in_v0_lists_head_first_and_peels_tags) {
    MemoryRefs refs;
    refs.set("refs/heads/main", id_of(1));
    refs.set("refs/heads/a", id_of(2));
    refs.set("refs/tags/v1", id_of(3), id_of(1));
    EXPECT_EQ(packets_of(advertise(Service::upload_pack, ProtocolVersion::v0, refs, kIdentity)),
              "# service=git-upload-pack\n--\n" + with_nul(hex(1) + " HEAD", kFetchCapabilities) +
                  " symref=HEAD:refs/heads/main object-format=sha1 agent=ashlar/1.2\n" + hex(2) +
                  " refs/heads/a\n" + hex(1) + " refs/heads/main\n" + hex(3) + " refs/tags/v1\n" +
                  hex(1) + " refs/tags/v1^{}\n--\n");
}

TEST(Advertisement, in_v1_says_so_and_has_capabilities_behind_the_first_ref_without_head) {
    MemoryRefs refs;
    refs.head = "refs/heads/unborn";
    refs.set("refs/heads/a", id_of(2));
    refs.set("refs/heads/b", id_of(2));
    EXPECT_EQ(packets_of(advertise(Service::upload_pack, ProtocolVersion::v1, refs, kIdentity)),
              "# service=git-upload-pack\n--\nversion 1\n" +
                  with_nul(hex(2) + " refs/heads/a", kFetchCapabilities) +
                  " object-format=sha1 agent=ashlar/1.2\n" + hex(2) + " refs/heads/b\n--\n");
}

TEST(Advertisement, of_an_empty_repository_has_a_line_for_the_capabilities) {
    MemoryRefs refs;
    EXPECT_EQ(packets_of(advertise(Service::upload_pack, ProtocolVersion::v0, refs, kIdentity)),
              "# service=git-upload-pack\n--\n" +
                  with_nul(hex(0) + " capabilities^{}", kFetchCapabilities) +
                  " object-format=sha1 agent=ashlar/1.2\n--\n");
}

TEST(Advertisement, in_v2_lists_capabilities_only) {
    MemoryRefs refs;
    refs.set("refs/heads/main", id_of(1));
    EXPECT_EQ(packets_of(advertise(Service::upload_pack, ProtocolVersion::v2, refs,
                                   {"ashlar/1 2", "session-7", ""})),
              "# service=git-upload-pack\n--\nversion 2\nagent=ashlar/1.2\nls-refs=unborn\n"
              "fetch=shallow wait-for-done filter ref-in-want sideband-all\nserver-option\n"
              "object-format=sha1\nsession-id=session-7\nobject-info\n--\n");
}

TEST(Advertisement, in_v2_tells_of_downloads_where_there_are_some) {
    MemoryRefs refs;
    ServerIdentity identity = kIdentity;
    identity.offers_downloads = true;
    EXPECT_EQ(packets_of(advertise(Service::upload_pack, ProtocolVersion::v2, refs, identity)),
              "# service=git-upload-pack\n--\nversion 2\nagent=ashlar/1.2\nls-refs=unborn\n"
              "fetch=shallow wait-for-done filter ref-in-want sideband-all packfile-uris\n"
              "server-option\nobject-format=sha1\nobject-info\nbundle-uri\n--\n");
}

TEST(Advertisement, for_a_push_says_where_thin_packs_are_not_taken) {
    MemoryRefs refs;
    ServerIdentity identity = kIdentity;
    const auto says_no_thin = [&] {
        return packets_of(advertise(Service::receive_pack, ProtocolVersion::v0, refs, identity))
                   .find(" no-thin ") != std::string::npos;
    };
    EXPECT_FALSE(says_no_thin());
    identity.takes_thin_packs = false;
    EXPECT_TRUE(says_no_thin());
}

TEST(Advertisement, for_a_push_is_v0_without_head_and_peeled_tags) {
    MemoryRefs refs;
    refs.set("refs/heads/main", id_of(1));
    refs.set("refs/tags/v1", id_of(3), id_of(1));
    EXPECT_EQ(packets_of(advertise(Service::receive_pack, ProtocolVersion::v2, refs,
                                   {"ashlar/1.2", "", "nonce-5"})),
              "# service=git-receive-pack\n--\n" +
                  with_nul(hex(1) + " refs/heads/main",
                           "report-status report-status-v2 delete-refs side-band-64k quiet atomic"
                           " ofs-delta push-options push-cert=nonce-5 object-format=sha1"
                           " agent=ashlar/1.2\n") +
                  hex(3) + " refs/tags/v1\n--\n");
}

TEST(Advertisement, streams_many_refs_page_by_page) {
    MemoryRefs refs;
    const std::size_t count = 10'000;
    for (std::size_t i = 0; i < count; ++i) {
        refs.set("refs/heads/branch-" + std::to_string(i), id_of(1));
    }
    auto stream = advertise(Service::upload_pack, ProtocolVersion::v0, refs, kIdentity);
    std::size_t chunk_count = 0;
    std::size_t largest = 0;
    Bytes all;
    while (std::optional<Chunk> chunk = (*stream)->next().value()) {
        ++chunk_count;
        largest = std::max(largest, std::get<Bytes>(*chunk).size());
        append(all, std::get<Bytes>(*chunk));
    }
    EXPECT_GE(chunk_count, 4U);
    EXPECT_LT(largest, std::size_t{256} << 10);
    const std::string text = packets_of(all);
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), static_cast<long>(count) + 3);
}

TEST(ProtocolVersion, is_the_highest_that_is_asked_for) {
    EXPECT_EQ(protocol_version_from(""), ProtocolVersion::v0);
    EXPECT_EQ(protocol_version_from("version=1"), ProtocolVersion::v1);
    EXPECT_EQ(protocol_version_from("version=2"), ProtocolVersion::v2);
    EXPECT_EQ(protocol_version_from("foo:version=1:version=2:bar=3"), ProtocolVersion::v2);
    EXPECT_EQ(protocol_version_from("version=2:version=1"), ProtocolVersion::v2);
    EXPECT_EQ(protocol_version_from("version=3"), ProtocolVersion::v0);
    EXPECT_EQ(protocol_version_from("version=22"), ProtocolVersion::v0);
}

TEST(Service, has_content_types) {
    EXPECT_EQ(service_from("git-upload-pack"), Service::upload_pack);
    EXPECT_FALSE(service_from("git-upload-archive"));
    EXPECT_EQ(advertisement_content_type(Service::receive_pack),
              "application/x-git-receive-pack-advertisement");
    EXPECT_EQ(request_content_type(Service::upload_pack), "application/x-git-upload-pack-request");
    EXPECT_EQ(result_content_type(Service::upload_pack), "application/x-git-upload-pack-result");
}

}  // namespace
}  // namespace ashlar::git
