// libgit2's global state, as an object: it is counted up on construction and down on destruction.
// The host makes one at start and hands it down (in WebAssembly, libgit2 1.5 does not start again
// after some twenty times); whoever takes a `const Libgit2&` may call libgit2.
#pragma once

namespace ashlar::git {

class Libgit2 {
  public:
    Libgit2();
    ~Libgit2();
    Libgit2(const Libgit2&) = delete;
    Libgit2& operator=(const Libgit2&) = delete;
};

}  // namespace ashlar::git
