// What can be had beside the protocol: bundle-uri and packfile-uris.
#include <gtest/gtest.h>

#include "git/wire/upload_pack.h"
#include "support/packed_memory.h"
#include "unit/shared/git/wire/answer_text.h"

namespace ashlar::git {
namespace {

class Offers final : public DownloadOffers {
  public:
    Expected<std::vector<BundleOffer>> bundles() const override { return bundles_; }
    std::optional<std::string> pack_uri(const std::shared_ptr<const StoredPack>& pack,
                                        const std::vector<std::string>& protocols) const override {
        for (const std::string& protocol : protocols) {
            if (protocol == "https") return "https://example.org/" + pack->digest.hex();
        }
        return std::nullopt;
    }

    std::vector<BundleOffer> bundles_;
};

// Bytes that do not deflate.
std::string noise(std::size_t size) {
    std::string text;
    std::uint32_t state = 1;
    for (std::size_t i = 0; i < size; ++i) {
        state = state * 1664525 + 1013904223;
        text.push_back(static_cast<char>(state >> 24));
    }
    return text;
}

struct Server {
    MemoryObjects objects;
    MemoryRefs refs;
    ObjectId large = objects.blob(noise(std::size_t{3} << 19));
    ObjectId tree = objects.tree({{kModeBlob, "large", large}});
    ObjectId commit = objects.commit(tree, {}, 100, "first\n");
    std::shared_ptr<const PackCatalog> catalog =
        catalog_of_pack(pack_of(objects, all_ids(objects))).value();
    Offers offers;
    Unreachable unreachable = Unreachable::none;

    Server() { refs.set("refs/heads/main", commit); }
    Bytes answer(std::initializer_list<std::string> lines, bool offering = true) {
        RepositoryView view{refs, objects, catalog, unreachable, offering ? &offers : nullptr};
        return drain(**serve_upload_pack(view, ProtocolVersion::v2, request_of(lines)));
    }
};

TEST(BundleUri, lists_bundles_as_git_configures_them) {
    Server server;
    server.offers.bundles_ = {{"base", "bundles/12.bundle"}};
    EXPECT_EQ(packets_of(server.answer({"command=bundle-uri", "++", "--"})),
              "bundle.version=1\nbundle.mode=all\nbundle.base.uri=bundles/12.bundle\n--\n");
    EXPECT_EQ(packets_of(server.answer({"command=bundle-uri", "--"})),
              "bundle.version=1\nbundle.mode=all\nbundle.base.uri=bundles/12.bundle\n--\n");
}

TEST(BundleUri, without_a_bundle_lists_nothing) {
    Server server;
    EXPECT_EQ(packets_of(server.answer({"command=bundle-uri", "++", "--"})), "--\n");
    EXPECT_EQ(packets_of(server.answer({"command=bundle-uri", "++", "--"}, false)), "--\n");
}

TEST(BundleUri, takes_no_arguments) {
    Server server;
    EXPECT_EQ(packets_of(server.answer({"command=bundle-uri", "++", "more", "--"})),
              "ERR bundle-uri: unexpected line: 'more'\n");
}

TEST(PackfileUris, point_to_the_packs_of_a_whole_clone) {
    Server server;
    const auto& pack = server.catalog->shared_pack(0);
    Bytes trailer(20);
    ASSERT_TRUE(pack->body->read(pack->manifest.size - trailer.size(), trailer));
    const std::string answer =
        packets_of(server.answer({"command=fetch", "++", "want " + server.commit.hex(),
                                  "packfile-uris http,https", "done", "--"}));
    EXPECT_TRUE(answer.starts_with("packfile-uris\n" + to_hex(trailer) + " https://example.org/" +
                                   pack->digest.hex() + "\n++\npackfile\n"))
        << answer.substr(0, 300);
    // A pack of no objects is all that is left.
    EXPECT_LT(answer.size(), 400u);
}

TEST(PackfileUris, are_given_to_those_only_who_can_use_them) {
    Server server;
    const auto has_uris = [&](std::initializer_list<std::string> lines, bool offering = true) {
        return packets_of(server.answer(lines, offering)).find("packfile-uris\n") == 0;
    };
    const std::string want = "want " + server.commit.hex();
    EXPECT_TRUE(has_uris({"command=fetch", "++", want, "packfile-uris https", "done", "--"}));
    EXPECT_FALSE(has_uris({"command=fetch", "++", want, "packfile-uris http", "done", "--"}));
    EXPECT_FALSE(has_uris({"command=fetch", "++", want, "done", "--"}));
    EXPECT_FALSE(
        has_uris({"command=fetch", "++", want, "packfile-uris https", "done", "--"}, false));
    EXPECT_FALSE(has_uris(
        {"command=fetch", "++", want, "packfile-uris https", "filter blob:none", "done", "--"}));
    server.unreachable = Unreachable::may_be_held;
    EXPECT_FALSE(has_uris({"command=fetch", "++", want, "packfile-uris https", "done", "--"}));
}

TEST(PackfileUris, have_few_protocols) {
    Server server;
    std::string protocols = "a";
    for (int i = 0; i < 100; ++i) protocols += ",a";
    EXPECT_TRUE(packets_of(server.answer({"command=fetch", "++", "want " + server.commit.hex(),
                                          "packfile-uris " + protocols, "done", "--"}))
                    .starts_with("ERR packfile-uris: too many protocols"));
}

}  // namespace
}  // namespace ashlar::git
