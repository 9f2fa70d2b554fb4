#include "support/faulty_file_system.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace ashlar::support {
namespace {

constexpr std::uint64_t kFreeBytes = std::uint64_t{1} << 40;

std::string folder_of(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == std::string::npos ? "." : path.substr(0, slash);
}

Expected<void> read_from(const Bytes& bytes, std::uint64_t offset, std::span<Byte> into) {
    if (offset > bytes.size() || into.size() > bytes.size() - offset) {
        return fail(ErrorCode::corrupt, "a read ends beyond the file");
    }
    const auto first = bytes.begin() + static_cast<std::ptrdiff_t>(offset);
    std::copy(first, first + static_cast<std::ptrdiff_t>(into.size()), into.begin());
    return {};
}

}  // namespace

struct FaultyFileSystem::Content {
    mutable std::mutex mutex;
    Bytes live;
    Bytes durable;
};

class FaultyFileSystem::File final : public storage::WritableFile {
  public:
    File(FaultyFileSystem& files, std::shared_ptr<Content> content)
        : files_(files), content_(std::move(content)) {}

    Expected<void> append(ByteView bytes) override {
        const auto passed = files_.step("append");
        const std::lock_guard lock(content_->mutex);
        if (!passed) {
            // A part of it may have been written.
            const auto torn = files_.plan_->random_below(bytes.size() + 1);
            ashlar::append(content_->live, bytes.first(static_cast<std::size_t>(torn)));
            return passed;
        }
        ashlar::append(content_->live, bytes);
        return {};
    }
    Expected<void> write_at(std::uint64_t offset, ByteView bytes) override {
        ASHLAR_CHECK(files_.step("write"));
        const std::lock_guard lock(content_->mutex);
        ASHLAR_ASSERT(offset + bytes.size() <= content_->live.size());
        std::copy(bytes.begin(), bytes.end(),
                  content_->live.begin() + static_cast<std::ptrdiff_t>(offset));
        return {};
    }
    Expected<void> read(std::uint64_t offset, std::span<Byte> into) const override {
        const std::lock_guard lock(content_->mutex);
        return read_from(content_->live, offset, into);
    }
    Expected<void> sync() override {
        ASHLAR_CHECK(files_.step("sync"));
        const std::lock_guard lock(content_->mutex);
        content_->durable = content_->live;
        return {};
    }

  private:
    FaultyFileSystem& files_;
    std::shared_ptr<Content> content_;
};

class FaultyFileSystem::Reader final : public RandomAccess {
  public:
    explicit Reader(std::shared_ptr<Content> content) : content_(std::move(content)) {}
    std::uint64_t size() const override {
        const std::lock_guard lock(content_->mutex);
        return content_->live.size();
    }
    Expected<void> read(std::uint64_t offset, std::span<Byte> into) const override {
        const std::lock_guard lock(content_->mutex);
        return read_from(content_->live, offset, into);
    }

  private:
    std::shared_ptr<Content> content_;
};

FaultyFileSystem::FaultyFileSystem(std::shared_ptr<FaultPlan> plan) : plan_(std::move(plan)) {
    live_["."] = nullptr;
    durable_["."] = nullptr;
}
FaultyFileSystem::~FaultyFileSystem() = default;

Expected<void> FaultyFileSystem::step(const char* doing) {
    const std::string what = std::string(doing) + " failed (injected)";
    switch (plan_->next()) {
        case Fate::passes:
            return {};
        case Fate::full:
            return fail(ErrorCode::unavailable, what + ": the disk is full");
        case Fate::fails:
        case Fate::crashes:
        case Fate::stopped:
            break;
    }
    return fail(ErrorCode::corrupt, what);
}

void FaultyFileSystem::apply(Names& names, const NameChange& change) {
    if (change.removed) {
        names.erase(change.path);
    } else {
        names[change.path] = change.content;
    }
}

void FaultyFileSystem::change(NameChange change) {
    apply(live_, change);
    unsynced_.push_back(std::move(change));
}

Expected<std::unique_ptr<storage::WritableFile>> FaultyFileSystem::create(const std::string& path) {
    ASHLAR_CHECK(step("create"));
    const std::lock_guard lock(mutex_);
    ASHLAR_ASSERT(live_.contains(folder_of(path)));
    if (live_.contains(path)) return fail(ErrorCode::corrupt, path + " exists");
    auto content = std::make_shared<Content>();
    change({path, content, false});
    return std::make_unique<File>(*this, std::move(content));
}

Expected<std::shared_ptr<const RandomAccess>> FaultyFileSystem::open(
    const std::string& path, storage::FileAccess /*access*/) {
    const std::lock_guard lock(mutex_);
    const auto found = live_.find(path);
    if (found == live_.end()) return fail(ErrorCode::not_found, path);
    return std::make_shared<Reader>(found->second);
}

Expected<void> FaultyFileSystem::rename(const std::string& from, const std::string& to) {
    ASHLAR_CHECK(step("rename"));
    const std::lock_guard lock(mutex_);
    const auto found = live_.find(from);
    if (found == live_.end() || !live_.contains(folder_of(to))) {
        return fail(ErrorCode::not_found, "rename " + from + " to " + to);
    }
    const auto content = found->second;
    change({to, content, false});
    change({from, nullptr, true});
    return {};
}

Expected<void> FaultyFileSystem::remove(const std::string& path) {
    ASHLAR_CHECK(step("remove"));
    const std::lock_guard lock(mutex_);
    if (live_.contains(path)) change({path, nullptr, true});
    return {};
}

Expected<void> FaultyFileSystem::make_folder(const std::string& path) {
    ASHLAR_CHECK(step("make a folder"));
    const std::lock_guard lock(mutex_);
    ASHLAR_ASSERT(live_.contains(folder_of(path)));
    if (!live_.contains(path)) change({path, nullptr, false});
    return {};
}

Expected<std::vector<std::string>> FaultyFileSystem::list(const std::string& folder) {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (const auto& entry : live_) {
        if (entry.first == "." || folder_of(entry.first) != folder) continue;
        names.push_back(entry.first.substr(folder == "." ? 0 : folder.size() + 1));
    }
    return names;
}

Expected<void> FaultyFileSystem::sync_folder(const std::string& path) {
    ASHLAR_CHECK(step("sync a folder"));
    const std::lock_guard lock(mutex_);
    // A journal is written in order: up to the last change in this folder.
    std::size_t count = 0;
    for (std::size_t i = 0; i < unsynced_.size(); ++i) {
        if (folder_of(unsynced_[i].path) == path) count = i + 1;
    }
    for (std::size_t i = 0; i < count; ++i) apply(durable_, unsynced_[i]);
    unsynced_.erase(unsynced_.begin(), unsynced_.begin() + static_cast<std::ptrdiff_t>(count));
    return {};
}

Expected<std::uint64_t> FaultyFileSystem::free_bytes() {
    return kFreeBytes;
}

void FaultyFileSystem::crash() {
    const std::lock_guard lock(mutex_);
    const auto kept = static_cast<std::size_t>(plan_->random_below(unsynced_.size() + 1));
    for (std::size_t i = 0; i < kept; ++i) apply(durable_, unsynced_[i]);
    unsynced_.clear();
    live_.clear();
    for (auto& entry : durable_) {
        if (entry.second) {
            // Readers of before the crash keep theirs.
            const std::lock_guard content_lock(entry.second->mutex);
            const Bytes& live = entry.second->live;
            const Bytes& synced = entry.second->durable;
            const auto written = static_cast<std::size_t>(plan_->random_below(live.size() + 1));
            auto content = std::make_shared<Content>();
            content->live.assign(live.begin(), live.begin() + static_cast<std::ptrdiff_t>(written));
            if (synced.size() > written) {
                content->live.insert(content->live.end(),
                                     synced.begin() + static_cast<std::ptrdiff_t>(written),
                                     synced.end());
            }
            content->durable = content->live;
            entry.second = std::move(content);
        }
        live_[entry.first] = entry.second;
    }
}

std::vector<std::string> FaultyFileSystem::paths() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> files;
    for (const auto& entry : live_) {
        if (entry.second) files.push_back(entry.first);
    }
    return files;
}

void FaultyFileSystem::flip(const std::string& path, std::uint64_t offset) {
    const std::lock_guard lock(mutex_);
    const auto content = live_.at(path);
    const std::lock_guard content_lock(content->mutex);
    content->live.at(static_cast<std::size_t>(offset)) ^= 0xff;
}

}  // namespace ashlar::support
