// Small files, whole.
#pragma once

#include <filesystem>

#include "base/bytes.h"
#include "base/expected.h"

namespace ashlar::machine {

// Writes a small file whole, readable by its owner only, and makes content and name durable:
// either the file is there with all of its content after a crash, or it is not there.
Expected<void> write_file_durably(const std::filesystem::path& path, ByteView content);
// A small file, whole. Fails with `not_found`, with `limit_exceeded` beyond `size_max`.
Expected<Bytes> read_small_file(const std::filesystem::path& path, std::size_t size_max);

}  // namespace ashlar::machine
