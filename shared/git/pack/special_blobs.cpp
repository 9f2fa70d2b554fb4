// The blobs that trees call .gitmodules and .gitattributes, checked when all of the pack is there.
#include <algorithm>

#include "git/pack/pack_reception.h"
#include "git/pack/packed_objects.h"

namespace ashlar::git {
namespace {

struct BlobRules {
    void (*check)(ByteView content, FsckReport& report);
    FsckKind too_large;
    FsckKind no_blob;
    std::string_view name;
};

void sort_unique(std::vector<ObjectId>& ids) {
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

Expected<void> check_blob(ObjectSource& source, const ObjectId& id, const BlobRules& rules,
                          ObjectFindings& findings) {
    FsckReport report;
    auto object = source.read(id, kFsckBlobSizeMax);
    if (object) {
        if ((*object)->type == ObjectType::blob) {
            rules.check((*object)->content, report);
        } else {
            report.add(rules.no_blob, "no blob, and a tree calls it " + std::string(rules.name));
        }
    } else if (object.error().code == ErrorCode::limit_exceeded) {
        report.add(rules.too_large, std::string(rules.name) + " of more than 100 MiB");
    } else if (object.error().code != ErrorCode::not_found) {
        return Unexpected(std::move(object).error());
    }
    // What is nowhere is for the check of connectivity to say.
    return findings.add(id, report);
}

}  // namespace

Expected<void> PackReception::check_special_blobs(const ReceivedPack& received) {
    ObjectFindings& findings = received_.findings;
    if (findings.gitmodules.empty() && findings.gitattributes.empty()) return {};
    sort_unique(findings.gitmodules);
    sort_unique(findings.gitattributes);
    ASHLAR_TRY(auto catalog, PackCatalog::open({view_staged_pack(staging_, received)}));
    PackedObjects staged(catalog);
    std::optional<ObjectSourceOverlay> overlay;
    if (thin_bases_ != nullptr) overlay.emplace(staged, *thin_bases_);
    ObjectSource& source = overlay ? static_cast<ObjectSource&>(*overlay) : staged;
    BlobRules modules{fsck_gitmodules, FsckKind::gitmodules_large, FsckKind::gitmodules_blob,
                      ".gitmodules"};
    BlobRules attributes{fsck_gitattributes, FsckKind::gitattributes_large,
                         FsckKind::gitattributes_blob, ".gitattributes"};
    for (const ObjectId& id : findings.gitmodules) {
        ASHLAR_CHECK(check_blob(source, id, modules, findings));
    }
    for (const ObjectId& id : findings.gitattributes) {
        ASHLAR_CHECK(check_blob(source, id, attributes, findings));
    }
    return {};
}

}  // namespace ashlar::git
