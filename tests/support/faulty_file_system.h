// A file system in memory, on a machine that fails as its plan says. It knows what was synced: a
// crash keeps of each file what was synced, and of what was not a prefix that the seed picks; of
// changes to names those before the last synced folder, and a prefix of the others.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "native/storage/file_system.h"
#include "support/fault_plan.h"

namespace ashlar::support {

class FaultyFileSystem final : public storage::FileSystem {
  public:
    explicit FaultyFileSystem(std::shared_ptr<FaultPlan> plan);
    ~FaultyFileSystem() override;

    Expected<std::unique_ptr<storage::WritableFile>> create(const std::string& path) override;
    Expected<std::shared_ptr<const RandomAccess>> open(const std::string& path,
                                                       storage::FileAccess access) override;
    Expected<void> rename(const std::string& from, const std::string& to) override;
    Expected<void> remove(const std::string& path) override;
    Expected<void> make_folder(const std::string& path) override;
    Expected<std::vector<std::string>> list(const std::string& folder) override;
    Expected<void> sync_folder(const std::string& path) override;
    Expected<std::uint64_t> free_bytes() override;

    // What a process that starts again finds.
    void crash();
    std::vector<std::string> paths() const;
    // Damages a byte of a file.
    void flip(const std::string& path, std::uint64_t offset);

  private:
    struct Content;
    class File;
    class Reader;
    using Names = std::map<std::string, std::shared_ptr<Content>>;  // null: a folder
    struct NameChange {
        std::string path;
        std::shared_ptr<Content> content;
        bool removed = false;
    };

    Expected<void> step(const char* doing);
    void change(NameChange change);  // with mutex_ held
    static void apply(Names& names, const NameChange& change);

    std::shared_ptr<FaultPlan> plan_;
    mutable std::mutex mutex_;
    Names live_;
    Names durable_;
    std::vector<NameChange> unsynced_;
};

}  // namespace ashlar::support
