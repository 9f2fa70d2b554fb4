// Processes of this machine, by their ids: started, found again, ended. An id may have been given
// to another process since it was written down, so each is checked by what it runs.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"

namespace ashlar::native {

// Whether the child goes on when this process ends.
enum class Bond { dies_with_us, outlives_us };

// Runs this very program with the arguments, in a session of its own, its output appended to the
// log.
Expected<pid_t> start_self(const std::vector<std::string>& arguments,
                           const std::filesystem::path& log, Bond bond);

// The process in the file, if it runs "serve --config CONFIG".
std::optional<pid_t> find_server(const std::filesystem::path& pid_file,
                                 const std::filesystem::path& config);
// Whether the process runs "serve --config CONFIG".
bool is_server(pid_t process, const std::filesystem::path& config);

// Asks it to end; ends it by force after that time. Returns when it is gone.
void end_server(pid_t process, const std::filesystem::path& config,
                std::chrono::milliseconds patience);
// Takes note of children that have ended. Whether others are left.
bool reap_children();
// The same, until none is left or that time is over.
void reap_children_within(std::chrono::milliseconds patience);

}  // namespace ashlar::native
