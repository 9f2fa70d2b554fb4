#include "native/node/data_folder.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <fstream>

#include "native/node/node.h"
#include "node_world.h"
#include "support/temporary_folder.h"

namespace ashlar::node {
namespace {

class DataFolderTest : public ::testing::Test {
  protected:
    std::filesystem::path path() const { return folder_.path() / "data"; }
    Expected<DataFolder> open() { return open_data_folder(path(), clock_, random_); }
    static std::string text_of(const std::filesystem::path& file) {
        std::ifstream in(file);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    support::TemporaryFolder folder_;
    TestClock clock_;
    TestRandom random_{1};
};

TEST_F(DataFolderTest, is_made_once_and_read_afterwards) {
    const auto made = open();
    ASSERT_TRUE(made) << made.error().message();
    const auto again = open();
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_EQ(again->genesis, made->genesis);
    EXPECT_EQ(again->key.public_key(), made->key.public_key());
    const std::string token = text_of(path() / kOperatorTokenFile);
    EXPECT_EQ(forge::token_secret_hash(token.substr(0, token.size() - 1)),
              made->genesis.administrator.token_secret_hash);
}

TEST_F(DataFolderTest, lets_nobody_else_read_its_secrets) {
    ASSERT_TRUE(open());
    for (const std::string_view name : {kValidatorKeyFile, kOperatorTokenFile}) {
        struct stat status = {};
        ASSERT_EQ(::stat((path() / name).c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777, 0600u) << name;
    }
}

TEST_F(DataFolderTest, goes_on_where_a_first_start_was_cut_short) {
    ASSERT_TRUE(open());
    const std::string key = text_of(path() / kValidatorKeyFile);
    const std::string token = text_of(path() / kOperatorTokenFile);
    std::filesystem::remove(path() / kGenesisFile);
    const auto again = open();
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_EQ(text_of(path() / kValidatorKeyFile), key);
    EXPECT_EQ(text_of(path() / kOperatorTokenFile), token);
}

TEST_F(DataFolderTest, says_which_file_is_missing_or_wrong) {
    ASSERT_TRUE(open());
    const std::string key = text_of(path() / kValidatorKeyFile);
    std::filesystem::remove(path() / kValidatorKeyFile);
    EXPECT_NE(open().error().detail.find("validator.key is missing"), std::string::npos);
    std::ofstream(path() / kValidatorKeyFile) << "nonsense\n";
    EXPECT_NE(open().error().detail.find("does not hold a validator's key"), std::string::npos);
    std::ofstream(path() / kValidatorKeyFile) << std::string(64, '1') + "\n";
    EXPECT_NE(open().error().detail.find("is not that of a validator"), std::string::npos);
    std::ofstream(path() / kValidatorKeyFile) << key;
    ASSERT_TRUE(open());
    std::filesystem::create_directory(path() / kStoreFolder);
    std::ofstream(path() / kStoreFolder / "CURRENT") << "MANIFEST\n";
    std::filesystem::remove(path() / kGenesisFile);
    EXPECT_NE(open().error().detail.find("genesis.json is missing"), std::string::npos);
}

TEST_F(DataFolderTest, a_genesis_survives_its_json) {
    auto genesis = open()->genesis;
    genesis.network_name = "quotes \" and \\ and \xc3\xa9";
    genesis.settings.refs_per_push_max = 7;
    const auto read = genesis_from_json(to_json(genesis));
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_EQ(*read, genesis);
}

TEST_F(DataFolderTest, a_genesis_with_anything_odd_is_refused) {
    const std::string good = to_json(open()->genesis);
    const auto replaced = [&good](std::string_view from, std::string_view to) {
        std::string text = good;
        text.replace(text.find(from), from.size(), to);
        return text;
    };
    for (const std::string& bad :
         {std::string(), std::string("[]"), good.substr(0, good.size() / 2), good + "x",
          replaced("\"network_name\"", "\"netwerk_name\""),
          replaced("{\"format_version\"", "{\"extra\":1,\"format_version\""),
          replaced("\"format_version\":1", "\"format_version\":2"),
          replaced("\"time_ms\":", "\"time_ms\":-"),
          replaced("\"login\":\"admin\"", "\"login\":\"a b\""),
          replaced("\"validators\":[", "\"validators\":[1,")}) {
        const auto read = genesis_from_json(bad);
        ASSERT_FALSE(read) << bad;
        EXPECT_FALSE(read.error().detail.empty());
    }
}

TEST_F(DataFolderTest, a_node_opens_it_and_finds_its_repositories_again) {
    const TestCommit commit = make_commit(random_text(1, std::size_t{2} << 20));
    std::string secret;
    for (int round = 0; round < 2; ++round) {
        const auto node = Node::open(path());
        ASSERT_TRUE(node) << node.error().message();
        secret = text_of(path() / kOperatorTokenFile);
        const auto author = (*node)->authenticate(secret.substr(0, secret.size() - 1));
        ASSERT_TRUE(author) << author.error().message();
        if (round == 0) {
            forge::CreateRepository action;
            action.owner = author->account.id;
            action.name = "hello";
            ASSERT_TRUE((*node)->submit_and_wait(*author, action));
        }
        const auto view = (*node)->open_repository(author->viewer(), "admin", "hello",
                                                   forge::RepositoryAction::write);
        ASSERT_TRUE(view) << view.error().message();
        if (round == 0) {
            git::PushRequest request;
            request.updates = {update("refs/heads/main", {}, commit.id)};
            const auto pushing = (*node)->begin_push(*author, *view, request, {});
            ASSERT_TRUE(pushing->write(commit.pack));
            ASSERT_TRUE(done(pushing->finish()));
        } else {
            EXPECT_EQ((*view->refs->find("refs/heads/main"))->id, commit.id);
            EXPECT_TRUE(view->objects()->read(commit.blob, git::kObjectSizeMaxDefault));
        }
    }
}

TEST_F(DataFolderTest, a_node_may_open_as_many_files_as_the_system_allows) {
    const auto node = Node::open(path());
    ASSERT_TRUE(node) << node.error().message();
    struct rlimit limit = {};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    EXPECT_EQ(limit.rlim_cur, limit.rlim_max);
}

TEST_F(DataFolderTest, says_that_another_process_has_it_open) {
    const auto first = Node::open(path());
    ASSERT_TRUE(first) << first.error().message();
    const auto second = Node::open(path());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::unavailable);
    EXPECT_NE(second.error().detail.find("another process"), std::string::npos);
}

}  // namespace
}  // namespace ashlar::node
