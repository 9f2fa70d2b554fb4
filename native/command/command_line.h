// The ashlar command.
#pragma once

namespace ashlar::native {

// How a command ends. Wrong usage is CLI11's, 100 and above.
inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;  // the server refused, or a file or address is not to be had
inline constexpr int kExitUnreachable = 2;  // no server answered
inline constexpr int kExitNotProven = 3;    // what the server or the file shows does not hold
inline constexpr int kExitTooOld = 4;       // it holds, and is older than was allowed

int run_command_line(int argument_count, char** arguments);

}  // namespace ashlar::native
