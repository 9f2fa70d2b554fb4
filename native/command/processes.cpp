#include "native/command/processes.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <system_error>
#include <thread>

#include "native/storage/posix_file_system.h"

namespace ashlar::native {
namespace {

constexpr std::size_t kPidFileBytesMax = 64;
constexpr std::chrono::milliseconds kLook{20};
constexpr std::string_view kConfigOption = "--config";

std::filesystem::path proc(pid_t process, const char* name) {
    return std::filesystem::path("/proc") / std::to_string(process) / name;
}

std::vector<std::string> command_line_of(pid_t process) {
    std::ifstream file(proc(process, "cmdline"), std::ios::binary);
    std::vector<std::string> arguments;
    std::string argument;
    while (std::getline(file, argument, '\0')) arguments.push_back(argument);
    return arguments;
}

bool is_zombie(pid_t process) {
    std::ifstream file(proc(process, "stat"));
    std::string line;
    std::getline(file, line);
    const std::size_t end = line.rfind(')');
    return end != std::string::npos && end + 2 < line.size() && line[end + 2] == 'Z';
}

// What the child does before it becomes another program: only what is allowed after fork().
[[noreturn]] void become(const char* program, char* const* arguments, int log, Bond bond,
                         pid_t parent) {
    ::setsid();
    if (bond == Bond::dies_with_us) {
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (::getppid() != parent) ::_exit(EXIT_FAILURE);
    }
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    const int nothing = ::open("/dev/null", O_RDONLY);
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    ::execv(program, arguments);
    ::_exit(EXIT_FAILURE);
}

}  // namespace

Expected<pid_t> start_self(const std::vector<std::string>& arguments,
                           const std::filesystem::path& log, Bond bond) {
    const int log_file =
        ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (log_file < 0) return Unexpected(storage::error_from_errno(errno, "open " + log.string()));
    std::error_code failure;
    const std::string program = std::filesystem::read_symlink("/proc/self/exe", failure).string();
    std::string name = "ashlar";
    std::vector<std::string> copies(arguments);
    std::vector<char*> pointers{name.data()};
    for (std::string& argument : copies) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    const pid_t parent = ::getpid();
    const pid_t child = failure ? -1 : ::fork();
    if (child == 0) become(program.c_str(), pointers.data(), log_file, bond, parent);
    const int reason = failure ? failure.value() : errno;
    ::close(log_file);
    if (child > 0) return child;
    return Unexpected(storage::error_from_errno(reason, "start " + program));
}

bool is_server(pid_t process, const std::filesystem::path& config) {
    if (is_zombie(process)) return false;
    const auto arguments = command_line_of(process);
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        std::string value;
        if (arguments[i] == kConfigOption && i + 1 < arguments.size()) value = arguments[i + 1];
        if (arguments[i].starts_with(std::string(kConfigOption) + "=")) {
            value = arguments[i].substr(kConfigOption.size() + 1);
        }
        if (value.empty()) continue;
        std::error_code failure;
        const auto folder = std::filesystem::read_symlink(proc(process, "cwd"), failure);
        if (std::filesystem::equivalent(folder / value, config, failure)) return true;
    }
    return false;
}

std::optional<pid_t> find_server(const std::filesystem::path& pid_file,
                                 const std::filesystem::path& config) {
    const auto content = storage::read_small_file(pid_file, kPidFileBytesMax);
    if (!content) return std::nullopt;
    const std::string_view text = as_text(*content);
    pid_t process = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), process);
    if (read.ec != std::errc() || process <= 0 || !is_server(process, config)) return std::nullopt;
    return process;
}

void end_server(pid_t process, const std::filesystem::path& config,
                std::chrono::milliseconds patience) {
    const auto limit = std::chrono::steady_clock::now() + patience;
    ::kill(process, SIGTERM);
    bool forced = false;
    while (is_server(process, config)) {
        if (!forced && std::chrono::steady_clock::now() > limit) {
            ::kill(process, SIGKILL);
            forced = true;
        }
        std::this_thread::sleep_for(kLook);
        static_cast<void>(reap_children());
    }
}

bool reap_children() {
    pid_t ended = 0;
    do {
        ended = ::waitpid(-1, nullptr, WNOHANG);
    } while (ended > 0);
    return ended == 0;
}

void reap_children_within(std::chrono::milliseconds patience) {
    const auto limit = std::chrono::steady_clock::now() + patience;
    while (reap_children() && std::chrono::steady_clock::now() < limit) {
        std::this_thread::sleep_for(kLook);
    }
}

}  // namespace ashlar::native
