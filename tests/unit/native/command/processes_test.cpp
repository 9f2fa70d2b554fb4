#include "native/command/processes.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "support/temporary_folder.h"

namespace ashlar::native {
namespace {

// A process that runs "sh serve --config CONFIG", which does nothing until it is killed.
class Child {
  public:
    Child(const std::filesystem::path& folder, const std::string& config) {
        std::ofstream(folder / "serve") << "while :; do sleep 1; done\n";
        std::string name = "sh";
        std::string script = "serve";
        std::string option = "--config";
        std::string value = config;
        char* arguments[] = {name.data(), script.data(), option.data(), value.data(), nullptr};
        process_ = ::fork();
        if (process_ == 0) {
            const bool there = ::chdir(folder.c_str()) == 0;
            if (there) ::execv("/bin/sh", arguments);
            ::_exit(1);
        }
    }
    ~Child() {
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    pid_t process() const { return process_; }

  private:
    pid_t process_ = 0;
};

class ProcessesTest : public ::testing::Test {
  protected:
    void SetUp() override {
        std::ofstream(config) << "data: data\n";
        std::ofstream(other) << "data: data\n";
    }
    void note(pid_t process) { std::ofstream(pid_file) << process << "\n"; }
    void wait_for(pid_t process) {
        while (!is_server(process, config)) std::this_thread::yield();
    }
    support::TemporaryFolder folder;
    const std::filesystem::path config = folder.path() / "config.yaml";
    const std::filesystem::path other = folder.path() / "other.yaml";
    const std::filesystem::path pid_file = folder.path() / "ashlar.pid";
};

TEST_F(ProcessesTest, finds_a_server_by_what_it_runs) {
    const Child child(folder.path(), "config.yaml");
    wait_for(child.process());
    note(child.process());
    EXPECT_EQ(find_server(pid_file, config), child.process());
    EXPECT_EQ(find_server(pid_file, other), std::nullopt);
}

TEST_F(ProcessesTest, takes_no_other_process_for_it) {
    note(::getpid());
    EXPECT_EQ(find_server(pid_file, config), std::nullopt);
    note(0);
    EXPECT_EQ(find_server(pid_file, config), std::nullopt);
    note(-1);
    EXPECT_EQ(find_server(pid_file, config), std::nullopt);
    std::ofstream(pid_file) << "nonsense\n";
    EXPECT_EQ(find_server(pid_file, config), std::nullopt);
    std::filesystem::remove(pid_file);
    EXPECT_EQ(find_server(pid_file, config), std::nullopt);
}

TEST_F(ProcessesTest, ends_a_server_and_waits_for_it) {
    const Child child(folder.path(), config.string());
    wait_for(child.process());
    end_server(child.process(), config, std::chrono::seconds(30));
    EXPECT_FALSE(is_server(child.process(), config));
}

}  // namespace
}  // namespace ashlar::native
