#include "native/command/testnet.h"

#include <pthread.h>
#include <signal.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <thread>

#include "native/command/command_line.h"
#include "native/command/processes.h"
#include "native/command/rest_client.h"
#include "native/command/testnet_files.h"

namespace ashlar::native {
namespace {

constexpr std::size_t kValidatorsDefault = 4;
constexpr std::uint16_t kHttpPortDefault = 8080;
constexpr std::chrono::seconds kStartPatience{60};
constexpr std::chrono::seconds kEndPatience{25};
constexpr std::chrono::seconds kReapPatience{2};
constexpr std::chrono::milliseconds kLook{50};
constexpr std::size_t kLogLinesShown = 10;

int failed(const Error& error) {
    std::fprintf(stderr, "ashlar: %s\n", error.detail.c_str());
    return kExitFailed;
}

// The end of a log, for a person.
std::string last_lines(const std::filesystem::path& log) {
    std::ifstream file(log);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) {
        lines.push_back("  " + line + "\n");
        if (lines.size() > kLogLinesShown) lines.erase(lines.begin());
    }
    std::string text;
    for (const std::string& line : lines) text += line;
    return text;
}

struct Running {
    const TestnetMember* member = nullptr;
    pid_t process = 0;
    bool started_here = false;
    bool ready = false;
};

Expected<std::vector<Running>> start_all(const Testnet& net, Bond bond) {
    std::vector<Running> all;
    for (const TestnetMember& member : net.members) {
        Running running{&member, 0, false, false};
        if (const auto found = find_server(member.pid_file, member.config)) {
            running.process = *found;
        } else {
            ASHLAR_TRY(running.process,
                       start_self({"serve", "--config", member.config.string()}, member.log, bond));
            running.started_here = true;
        }
        all.push_back(running);
    }
    return all;
}

Expected<void> wait_until_ready(std::vector<Running>& all) {
    const auto limit = std::chrono::steady_clock::now() + kStartPatience;
    while (true) {
        std::size_t ready = 0;
        for (Running& running : all) {
            static_cast<void>(reap_children());
            // A child that was just started may not be the server yet.
            if (::kill(running.process, 0) != 0) {
                return fail(ErrorCode::unavailable, running.member->name +
                                                        " has ended; the end of its log, " +
                                                        running.member->log.string() + ":\n" +
                                                        last_lines(running.member->log));
            }
            if (!running.ready) running.ready = is_ready(running.member->url);
            if (running.ready) ++ready;
        }
        if (ready == all.size()) return {};
        if (std::chrono::steady_clock::now() > limit) {
            return fail(ErrorCode::unavailable,
                        "only " + std::to_string(ready) + " of " + std::to_string(all.size()) +
                            " validators agree after " + std::to_string(kStartPatience.count()) +
                            " seconds; their logs may say why");
        }
        std::this_thread::sleep_for(kLook);
    }
}

void end_all(const Testnet& net) {
    // All are asked before the first is waited for.
    for (const TestnetMember& member : net.members) {
        if (const auto found = find_server(member.pid_file, member.config)) ::kill(*found, SIGTERM);
    }
    for (const TestnetMember& member : net.members) {
        if (const auto found = find_server(member.pid_file, member.config)) {
            end_server(*found, member.config, kEndPatience);
        }
    }
}

// Those that were started here, also where they have not come to write down their ids.
void end_started(const std::vector<Running>& all) {
    for (const Running& running : all) {
        if (running.started_here) ::kill(running.process, SIGTERM);
    }
    for (const Running& running : all) {
        if (running.started_here) end_server(running.process, running.member->config, kEndPatience);
    }
}

void announce(const Testnet& net, bool stays) {
    for (const TestnetMember& member : net.members) {
        std::printf("%s  %s\n", member.name.c_str(), member.url.c_str());
    }
    std::printf("operator's token  %s\n", net.token_file.c_str());
    if (stays) {
        std::printf("Ctrl-C ends all of them.\n");
    } else {
        std::printf("\"ashlar testnet down --dir %s\" ends all of them.\n", net.folder.c_str());
    }
    std::fflush(stdout);
}

Expected<Testnet> make_or_open(const TestnetOptions& options) {
    const node::SystemClock clock;
    node::SystemRandom random;
    const bool exists = is_testnet(options.folder);
    if (exists && options.http_port) {
        std::fprintf(stderr, "ashlar: %s is a network already; its ports stay as they are\n",
                     options.folder.c_str());
    }
    std::size_t count = options.validator_count.value_or(kValidatorsDefault);
    if (count < 2 || count > kTestnetValidatorsMax) {
        return fail(ErrorCode::invalid, "a network on one machine has 2 to " +
                                            std::to_string(kTestnetValidatorsMax) + " validators");
    }
    if (!exists || options.validator_count) {
        ASHLAR_CHECK(make_testnet(options.folder, count,
                                  options.http_port.value_or(kHttpPortDefault), clock, random));
    }
    return open_testnet(options.folder);
}

}  // namespace

int testnet_up(const TestnetOptions& options) {
    sigset_t end_signals;
    sigemptyset(&end_signals);
    sigaddset(&end_signals, SIGINT);
    sigaddset(&end_signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &end_signals, nullptr);
    const auto net = make_or_open(options);
    if (!net) return failed(net.error());
    auto all = start_all(*net, options.detach ? Bond::outlives_us : Bond::dies_with_us);
    if (!all) return failed(all.error());
    const auto ready = wait_until_ready(*all);
    if (!ready) {
        end_started(*all);
        return failed(ready.error());
    }
    announce(*net, !options.detach);
    if (options.detach) return kExitDone;
    int signal = 0;
    sigwait(&end_signals, &signal);
    end_all(*net);
    reap_children_within(kReapPatience);
    return kExitDone;
}

int testnet_down(const std::filesystem::path& folder) {
    const auto net = open_testnet(folder);
    if (!net) return failed(net.error());
    end_all(*net);
    return kExitDone;
}

}  // namespace ashlar::native
