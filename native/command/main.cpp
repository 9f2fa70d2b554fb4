#include "native/command/command_line.h"

int main(int argument_count, char** arguments) {
    return ashlar::native::run_command_line(argument_count, arguments);
}
