#include "native/command/serve_config.h"

#include <gtest/gtest.h>

#include "native/storage/posix_file_system.h"
#include "support/temporary_folder.h"

namespace ashlar::native {
namespace {

constexpr const char* kKey = "1111111111111111111111111111111111111111111111111111111111111111";

class ServeConfigTest : public ::testing::Test {
  protected:
    Expected<ServeConfig> read(const std::string& text) {
        EXPECT_TRUE(storage::write_file_durably(path(), as_bytes(text)));
        return read_serve_config(path());
    }
    std::filesystem::path path() const { return folder.path() / "config.yaml"; }
    // That it is refused, and why, after the file's name.
    void expect_refused(const std::string& text, const std::string& why) {
        const auto config = read(text);
        ASSERT_FALSE(config) << text;
        EXPECT_EQ(config.error().code, ErrorCode::invalid);
        EXPECT_EQ(config.error().detail.substr(0, path().string().size() + why.size()),
                  path().string() + why);
    }
    support::TemporaryFolder folder;
};

TEST_F(ServeConfigTest, says_all_that_a_validator_needs) {
    const auto config = read(std::string("data: data\n"
                                         "genesis: ../genesis.json\n"
                                         "key: validator.key\n"
                                         "http: 127.0.0.1:8080\n"
                                         "listen: '[::1]:9000'\n"
                                         "peers:\n"
                                         "  - key: ") +
                             kKey +
                             "\n"
                             "    address: peer.example.org:9001\n"
                             "    follows: true\n"
                             "public_url: https://git.example.org\n"
                             "idle_seconds: 5\n"
                             "expected_delay_ms: 100\n"
                             "pid_file: ashlar.pid\n");
    ASSERT_TRUE(config) << config.error().message();
    EXPECT_EQ(config->files.folder, folder.path() / "data");
    EXPECT_EQ(config->files.genesis, folder.path() / "../genesis.json");
    EXPECT_EQ(config->files.key, folder.path() / "validator.key");
    EXPECT_EQ(config->operator_token, folder.path().parent_path() / "operator.token");
    EXPECT_EQ(config->http, "127.0.0.1:8080");
    EXPECT_EQ(config->listen.host, "::1");
    EXPECT_EQ(config->listen.port, 9000);
    ASSERT_EQ(config->peers.size(), 1U);
    EXPECT_EQ(config->peers[0].key.hex(), kKey);
    EXPECT_EQ(config->peers[0].host, "peer.example.org");
    EXPECT_EQ(config->peers[0].port, 9001);
    EXPECT_TRUE(config->followers.contains(config->peers[0].key));
    EXPECT_EQ(config->public_url, "https://git.example.org");
    EXPECT_EQ(config->idle_seconds, 5U);
    EXPECT_EQ(config->expected_delay_ms, 100U);
    EXPECT_EQ(config->pid_file, folder.path() / "ashlar.pid");
}

TEST_F(ServeConfigTest, has_defaults_for_most) {
    const auto config = read("data: data\nlisten: 127.0.0.1:0\n");
    ASSERT_TRUE(config) << config.error().message();
    EXPECT_EQ(config->files.genesis, folder.path() / "data/genesis.json");
    EXPECT_EQ(config->files.key, folder.path() / "data/validator.key");
    EXPECT_EQ(config->idle_seconds, 60U);
    EXPECT_TRUE(config->peers.empty());
    EXPECT_TRUE(config->followers.empty());
    EXPECT_TRUE(config->pid_file.empty());
}

TEST_F(ServeConfigTest, names_file_line_and_key_of_what_is_wrong) {
    expect_refused("data: data\nlisten: nowhere\n", ":2: listen is wrong");
    expect_refused("data: data\nlisten: 127.0.0.1:70000\n", ":2: listen is wrong");
    expect_refused("listen: 127.0.0.1:0\n", ":1: data is missing");
    expect_refused("data: data\nlisten: 127.0.0.1:0\nidle_seconds: soon\n",
                   ":3: idle_seconds needs a whole number");
    expect_refused("data: data\nlisten: 127.0.0.1:0\nidle_seconds: 0\n",
                   ":3: idle_seconds needs a whole number");
    expect_refused("data: data\nlisten: 127.0.0.1:0\ncolour: red\n", ":3: colour is unknown");
    expect_refused("data: data\nlisten: 127.0.0.1:0\ndata: other\n", ":3: data comes twice");
    expect_refused("data: [a, b]\nlisten: 127.0.0.1:0\n", ":1: data needs a text");
    expect_refused("data: data\nlisten: 127.0.0.1:0\npeers: none\n", ":3: peers needs a list");
    expect_refused("data: data\nlisten: 127.0.0.1:0\npeers:\n  - key: abc\n    address: a:1\n",
                   ":4: key is wrong");
    expect_refused("data: data\nlisten: 127.0.0.1:0\npeers:\n  - address: a:1\n",
                   ":4: key is missing");
    expect_refused("- data\n", ":1: expected");
    expect_refused("data: \"unfinished\nlisten: 1\n", ":");
}

TEST_F(ServeConfigTest, misses_a_file_that_is_not_there) {
    const auto config = read_serve_config(folder.path() / "none.yaml");
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().code, ErrorCode::not_found);
    EXPECT_NE(config.error().detail.find("none.yaml"), std::string::npos);
}

}  // namespace
}  // namespace ashlar::native
