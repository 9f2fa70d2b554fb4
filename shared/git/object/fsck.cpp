#include "git/object/fsck.h"

#include <algorithm>

namespace ashlar::git {

std::string FsckMessage::text() const {
    return std::string(to_string(kind)) + ": " + detail;
}

void FsckReport::clear() {
    messages.clear();
    references.clear();
    gitmodules.clear();
    gitattributes.clear();
}

bool FsckReport::has(FsckKind kind) const {
    return std::any_of(messages.begin(), messages.end(),
                       [kind](const FsckMessage& message) { return message.kind == kind; });
}

const FsckMessage* FsckReport::first_error() const {
    for (const FsckMessage& message : messages) {
        if (severity_of(message.kind) == FsckSeverity::error) return &message;
    }
    return nullptr;
}

void FsckReport::add(FsckKind kind, std::string detail) {
    if (severity_of(kind) == FsckSeverity::ignored || has(kind)) return;
    messages.push_back({kind, std::move(detail)});
}

void fsck_object(ObjectType type, ByteView content, FsckReport& report) {
    switch (type) {
        case ObjectType::commit:
            return fsck_commit(content, report);
        case ObjectType::tree:
            return fsck_tree(content, report);
        case ObjectType::tag:
            return fsck_tag(content, report);
        case ObjectType::blob:
            return;
    }
    report.add(FsckKind::bad_type, "an object of an unknown type");
}

void fsck_gitattributes(ByteView content, FsckReport& report) {
    if (content.size() > kFsckBlobSizeMax) {
        report.add(FsckKind::gitattributes_large, "a .gitattributes of more than 100 MiB");
        return;
    }
    std::string_view rest = as_text(content);
    while (!rest.empty()) {
        std::size_t end = rest.find('\n');
        std::size_t length = end == std::string_view::npos ? rest.size() : end;
        if (length >= kAttributesLineSizeMax) {
            report.add(FsckKind::gitattributes_line_length,
                       "a .gitattributes with a line of 2048 bytes or more");
            return;
        }
        rest.remove_prefix(std::min(length + 1, rest.size()));
    }
}

}  // namespace ashlar::git
