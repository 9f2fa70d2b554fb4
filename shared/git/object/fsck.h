// The rules that an object from outside has to keep: git's own (git-fsck, "fsck messages"), with
// the severities of receive.fsckObjects, but for the sins of old history, which are warned of:
// refusing them would keep real repositories out.
#pragma once

#include <string>
#include <vector>

#include "git/object/fsck_kind.h"
#include "git/object/reference.h"

namespace ashlar::git {

struct FsckMessage {
    FsckKind kind = FsckKind::bad_type;
    std::string detail;

    // "hasDotdot: a tree holds an entry named '..'"
    std::string text() const;
};

// What a check found out about one object. It is reused from object to object (clear()), so that a
// healthy object costs no allocation.
struct FsckReport {
    std::vector<FsckMessage> messages;        // errors and warnings, each kind once
    std::vector<ObjectReference> references;  // what the object names, gitlinks left out
    std::vector<ObjectId> gitmodules;         // blobs that a tree calls .gitmodules
    std::vector<ObjectId> gitattributes;      // blobs that a tree calls .gitattributes

    void clear();
    bool has(FsckKind kind) const;
    // The first message whose severity is `error`.
    const FsckMessage* first_error() const;
    // Each kind once; kinds that are ignored are left out.
    void add(FsckKind kind, std::string detail);
};

// Each adds to the report. Blobs have no rules of their own: see the two below.
void fsck_object(ObjectType type, ByteView content, FsckReport& report);
void fsck_tree(ByteView content, FsckReport& report);
void fsck_commit(ByteView content, FsckReport& report);
void fsck_tag(ByteView content, FsckReport& report);

// What the blobs named .gitmodules and .gitattributes in some tree must keep.
inline constexpr std::uint64_t kFsckBlobSizeMax = std::uint64_t{100} << 20;  // as git has it
inline constexpr std::size_t kAttributesLineSizeMax = 2048;
void fsck_gitmodules(ByteView content, FsckReport& report);
void fsck_gitattributes(ByteView content, FsckReport& report);

}  // namespace ashlar::git
