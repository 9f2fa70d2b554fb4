#include "native/command/testnet_files.h"

#include <gtest/gtest.h>

#include <set>

#include "native/command/serve_config.h"
#include "native/storage/posix_file_system.h"
#include "native/validator/network_orderer.h"
#include "support/temporary_folder.h"

namespace ashlar::native {
namespace {

class TestnetFilesTest : public ::testing::Test {
  protected:
    Expected<void> make(std::size_t count) {
        return make_testnet(net(), count, 18080, clock, random);
    }
    std::filesystem::path net() const { return folder.path() / "net"; }
    std::string text(const std::filesystem::path& path) const {
        const auto content = storage::read_small_file(path, 1 << 20);
        return content ? std::string(as_text(*content)) : "";
    }
    support::TemporaryFolder folder;
    node::SystemClock clock;
    node::SystemRandom random;
};

TEST_F(TestnetFilesTest, makes_what_each_validator_needs) {
    ASSERT_TRUE(make(4));
    const auto made = open_testnet(net());
    ASSERT_TRUE(made) << made.error().message();
    ASSERT_EQ(made->members.size(), 4U);
    EXPECT_EQ(made->members[2].url, "http://127.0.0.1:18082");
    EXPECT_FALSE(text(made->token_file).empty());
    std::set<std::uint16_t> ports;
    std::set<std::string> keys;
    for (const TestnetMember& member : made->members) {
        const auto config = read_serve_config(member.config);
        ASSERT_TRUE(config) << config.error().message();
        EXPECT_EQ(config->peers.size(), 3U);
        ports.insert(config->listen.port);
        const auto data = node::open_member_folder(config->files);
        ASSERT_TRUE(data) << data.error().message();
        EXPECT_EQ(data->genesis.validators.size(), 4U);
        keys.insert(data->key.public_key().hex());
        storage::PosixFileSystem files(config->files.folder);
        EXPECT_TRUE(validator::VoteJournal::open(files, std::string(validator::kJournalFolder),
                                                 chain::chain_id_of(data->genesis)));
    }
    EXPECT_EQ(ports.size(), 4U);
    EXPECT_EQ(keys.size(), 4U);
}

TEST_F(TestnetFilesTest, leaves_a_network_that_is_there) {
    ASSERT_TRUE(make(3));
    const std::string genesis = text(net() / "genesis.json");
    const std::string config = text(net() / "v2/config.yaml");
    ASSERT_TRUE(make(3));
    EXPECT_EQ(text(net() / "genesis.json"), genesis);
    EXPECT_EQ(text(net() / "v2/config.yaml"), config);
    EXPECT_EQ(make(4).error().code, ErrorCode::conflict);
}

TEST_F(TestnetFilesTest, goes_on_with_one_that_was_cut_short) {
    ASSERT_TRUE(make(3));
    const std::string genesis = text(net() / "genesis.json");
    std::filesystem::remove(net() / "v3/config.yaml");
    std::filesystem::remove_all(net() / "v3/data");
    ASSERT_TRUE(make(3));
    EXPECT_EQ(text(net() / "genesis.json"), genesis);
    EXPECT_EQ(open_testnet(net())->members.size(), 3U);
}

// A journal may only be made for who has never voted.
TEST_F(TestnetFilesTest, makes_nothing_anew_in_a_network_that_has_run) {
    ASSERT_TRUE(make(3));
    std::filesystem::create_directories(net() / "v1/data/store");
    std::filesystem::remove(net() / "v3/config.yaml");
    EXPECT_EQ(make(3).error().code, ErrorCode::invalid);
    ASSERT_TRUE(std::filesystem::remove(net() / "v2/validator.key"));
    EXPECT_EQ(make(3).error().code, ErrorCode::invalid);
}

TEST_F(TestnetFilesTest, misses_a_network_that_is_not_there) {
    EXPECT_FALSE(is_testnet(net()));
    EXPECT_EQ(open_testnet(net()).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace ashlar::native
