#include "native/client/remote_helper.h"

int main(int argument_count, char** arguments) {
    return ashlar::client::run_remote_helper(argument_count, arguments);
}
