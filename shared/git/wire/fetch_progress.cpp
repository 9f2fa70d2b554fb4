#include "git/wire/fetch_progress.h"

#include <algorithm>

namespace ashlar::git {
namespace {

constexpr std::uint64_t kWholePercent = 100;

}  // namespace

std::string progress_line(FetchPhase phase, std::uint64_t done, std::uint64_t total) {
    std::string line =
        phase == FetchPhase::enumerating ? "Enumerating objects: " : "Counting objects: ";
    if (total == 0) return line + std::to_string(done);
    done = std::min(done, total);
    return line + std::to_string(done * kWholePercent / total) + "% (" + std::to_string(done) +
           "/" + std::to_string(total) + ")";
}

std::string enumerated_lines(std::uint64_t total) {
    std::string lines = progress_line(FetchPhase::enumerating, total, 0) + ", done.\n";
    if (total > 0) lines += progress_line(FetchPhase::counting, total, total) + ", done.\n";
    return lines;
}

std::string total_line(const SentObjects& sent) {
    return "Total " + std::to_string(sent.total) + " (delta " + std::to_string(sent.deltas) +
           "), reused " + std::to_string(sent.reused) + " (delta " +
           std::to_string(sent.reused_deltas) + "), pack-reused " +
           std::to_string(sent.pack_reused) + "\n";
}

}  // namespace ashlar::git
