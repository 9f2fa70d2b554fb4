// The ashlar command.
#pragma once

namespace ashlar::native {

// How a command ends. Wrong usage is CLI11's, 100 and above.
inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;  // the server refused, or a file or address is not to be had
inline constexpr int kExitUnreachable = 2;  // no server answered

int run_command_line(int argument_count, char** arguments);

}  // namespace ashlar::native
