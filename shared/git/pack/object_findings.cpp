#include "git/pack/object_findings.h"

#include <algorithm>
#include <iterator>

namespace ashlar::git {
namespace {

// Lists that may repeat are cut down when they have grown by so many.
constexpr std::size_t kCompactAt = 4096;

void add_ids(std::vector<ObjectId>& to, const std::vector<ObjectId>& ids) {
    std::size_t before = to.size();
    to.insert(to.end(), ids.begin(), ids.end());
    if (before / kCompactAt == to.size() / kCompactAt) return;
    std::sort(to.begin(), to.end());
    to.erase(std::unique(to.begin(), to.end()), to.end());
}

}  // namespace

Expected<void> ObjectFindings::check(const ObjectId& id, ObjectType type, ByteView content) {
    if (type == ObjectType::blob) return {};
    report_.clear();
    fsck_object(type, content, report_);
    return add(id, report_);
}

Expected<void> ObjectFindings::add(const ObjectId& id, const FsckReport& report) {
    if (const FsckMessage* error = report.first_error()) {
        return fail(ErrorCode::invalid, "object " + id.hex() + ": " + error->text());
    }
    for (const FsckMessage& message : report.messages) {
        ++warning_count;
        if (warnings.size() >= kWarningCountMax) continue;
        warnings.push_back("object " + id.hex() + ": " + message.text());
    }
    for (const ObjectReference& reference : report.references) {
        ASHLAR_CHECK(references.add(reference.id, ReferenceSet::mask_of(reference.type)));
    }
    if (!report.gitmodules.empty()) add_ids(gitmodules, report.gitmodules);
    if (!report.gitattributes.empty()) add_ids(gitattributes, report.gitattributes);
    return {};
}

Expected<void> ObjectFindings::merge(ObjectFindings&& other) {
    ASHLAR_CHECK(references.merge(other.references));
    add_ids(gitmodules, other.gitmodules);
    add_ids(gitattributes, other.gitattributes);
    warning_count += other.warning_count;
    for (std::string& warning : other.warnings) {
        if (warnings.size() < kWarningCountMax) warnings.push_back(std::move(warning));
    }
    return {};
}

}  // namespace ashlar::git
