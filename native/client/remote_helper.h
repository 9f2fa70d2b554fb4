// git-remote-ashlar (gitremote-helpers, "stateless-connect"): git clone ashlar::http://HOST/OWNER/
// NAME. Git's protocol v2 passes through to the same server, but the list of refs never does: git
// gets the one that was proven against the network's genesis, all of it, or an error.
//
// Of the server's word nothing else counts either: capabilities are cut down to those that
// FetchCheck knows, and objects are checked by git itself, which names them by their hashes and
// walks from the proven ids until nothing is missing.
#pragma once

namespace ashlar::client {

// The exit code. Speaks with git over standard input and output.
int run_remote_helper(int argument_count, char** arguments);

}  // namespace ashlar::client
