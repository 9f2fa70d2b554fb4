// index_pack PACK [THREADS]: receives a pack file as a push would bring it, and prints what the
// index says of each object, for comparison with git verify-pack and git show-index:
//
//   <id> <type> <size> <length in the pack> <offset> <crc32> <depth> [<base>]
//
// Figures (wall time, CPU, peak memory) go to standard error.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "base/memory_bytes.h"
#include "git/pack/pack_receiver.h"

namespace ashlar::git {
namespace {

// A staging in a file that is gone when the program ends.
class FileStaging : public PackStaging {
  public:
    FileStaging() {
        char name[] = "/tmp/index_pack.XXXXXX";
        file_ = mkstemp(name);
        if (file_ < 0) std::abort();
        unlink(name);
    }
    ~FileStaging() override { close(file_); }

    std::uint64_t size() const override { return size_; }
    Expected<void> read(std::uint64_t offset, std::span<Byte> into) const override {
        while (!into.empty()) {
            ssize_t count = pread(file_, into.data(), into.size(), static_cast<off_t>(offset));
            if (count <= 0) return fail(ErrorCode::corrupt, "cannot read the staging");
            into = into.subspan(static_cast<std::size_t>(count));
            offset += static_cast<std::uint64_t>(count);
        }
        return {};
    }
    Expected<void> append(ByteView bytes) override {
        ASHLAR_CHECK(overwrite(size_, bytes));
        size_ += bytes.size();
        return {};
    }
    Expected<void> overwrite(std::uint64_t offset, ByteView bytes) override {
        while (!bytes.empty()) {
            ssize_t count = pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
            if (count <= 0) return fail(ErrorCode::unavailable, "cannot write the staging");
            bytes = bytes.subspan(static_cast<std::size_t>(count));
            offset += static_cast<std::uint64_t>(count);
        }
        return {};
    }
    Expected<PackManifest> publish(std::uint64_t, ByteView) override {
        return fail(ErrorCode::unsupported, "this staging is only read");
    }

  private:
    int file_ = -1;
    std::uint64_t size_ = 0;
};

class Threads : public TaskRunner {
  public:
    explicit Threads(std::size_t width) : width_(width) {}
    std::size_t width() const override { return width_; }
    void run(std::size_t count, const std::function<void(std::size_t)>& task) override {
        std::atomic<std::size_t> next{0};
        auto work = [&] {
            for (std::size_t i = next++; i < count; i = next++) task(i);
        };
        std::vector<std::thread> threads;
        for (std::size_t i = 1; i < width_; ++i) threads.emplace_back(work);
        work();
        for (std::thread& thread : threads) thread.join();
    }

  private:
    std::size_t width_;
};

Expected<ReceivedPack> receive(const char* path, PackStaging& staging, TaskRunner& runner) {
    constexpr std::size_t kChunkSize = std::size_t{64} << 10;
    PackReceiver::Options options;
    options.runner = &runner;
    PackReceiver receiver(staging, nullptr, std::move(options));
    std::FILE* file = std::fopen(path, "rb");
    if (file == nullptr) return fail(ErrorCode::not_found, path);
    Bytes chunk(kChunkSize);
    Expected<void> written;
    while (std::size_t count = std::fread(chunk.data(), 1, chunk.size(), file)) {
        written = receiver.write(ByteView(chunk).first(count));
        if (!written) break;
    }
    std::fclose(file);
    ASHLAR_CHECK(written);
    return receiver.finish();
}

Expected<void> print_rows(const ReceivedPack& received) {
    ASHLAR_TRY(PackIndex index,
               PackIndex::open(std::make_shared<MemoryBytes>(Bytes(received.index))));
    ASHLAR_CHECK(index.validate());
    for (std::uint32_t position = 0; position < index.object_count(); ++position) {
        ASHLAR_TRY(ObjectId id, index.id_at(position));
        ASHLAR_TRY(PackIndexEntry entry, index.entry_at(position));
        std::printf(
            "%s %s %llu %llu %llu %08x %u", id.hex().c_str(),
            std::string(to_string(entry.type)).c_str(), static_cast<unsigned long long>(entry.size),
            static_cast<unsigned long long>(entry.length),
            static_cast<unsigned long long>(entry.offset), entry.crc32, unsigned{entry.depth});
        if (entry.base != kNoBase) {
            ASHLAR_TRY(ObjectId base, index.id_at(entry.base));
            std::printf(" %s", base.hex().c_str());
        }
        std::printf("\n");
    }
    return {};
}

double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

int run(const char* path, std::size_t threads) {
    FileStaging staging;
    Threads runner(threads);
    auto start = std::chrono::steady_clock::now();
    auto received = receive(path, staging, runner);
    std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    std::fprintf(stderr, "wall %.2f s, user %.2f s, system %.2f s, peak %ld MiB\n", wall.count(),
                 seconds(usage.ru_utime), seconds(usage.ru_stime), usage.ru_maxrss / 1024);
    if (received) {
        for (const std::string& warning : received->warnings) {
            std::fprintf(stderr, "warning: %s\n", warning.c_str());
        }
        std::fprintf(stderr, "%u objects, %llu bytes inflated, %zu names beyond the pack\n",
                     received->object_count,
                     static_cast<unsigned long long>(received->inflated_bytes),
                     received->boundary.size());
    }
    Expected<void> printed = received ? print_rows(*received) : Unexpected(received.error());
    if (printed) return 0;
    std::fprintf(stderr, "%s\n", printed.error().message().c_str());
    return 1;
}

}  // namespace
}  // namespace ashlar::git

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: index_pack PACK [THREADS]\n");
        return 2;
    }
    std::size_t threads = argc > 2 ? static_cast<std::size_t>(std::atoi(argv[2])) : 1;
    return ashlar::git::run(argv[1], threads == 0 ? 1 : threads);
}
