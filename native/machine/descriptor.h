// Files by number: opened, read and written whole, with errors that say what failed.
//
// Errors: `unavailable` where the disk is full or a resource of the system is exhausted (trying
// again may help), `forbidden` without the permission, `not_found`, and `corrupt` where the medium
// fails.
#pragma once

#include <span>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/expected.h"

namespace ashlar::machine {

// The error for an errno value. `doing` names what failed: "write packs/ab/...".
Error error_from_errno(int number, const std::string& doing);
// That of errno.
Unexpected failed(const std::string& doing);

class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor();
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    Descriptor& operator=(Descriptor&&) = delete;

    int number() const { return number_; }

  private:
    int number_;
};

// `flags` as open(2) has them; a file that is made is its owner's alone.
Expected<Descriptor> open_file(const std::string& path, int flags);
Expected<void> write_all(int file, std::uint64_t offset, ByteView bytes, const std::string& path);
// Fails with `corrupt` where the file ends before that.
Expected<void> read_all(int file, std::uint64_t offset, std::span<Byte> into,
                        const std::string& path);

}  // namespace ashlar::machine
