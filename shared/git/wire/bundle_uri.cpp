// The command bundle-uri of protocol v2: the keys of a bundle list, as git's config has them.
#include "git/wire/commands.h"
#include "git/wire/fetch_request.h"

namespace ashlar::git {

Expected<std::unique_ptr<ChunkStream>> answer_bundle_uri(const RepositoryView& repository,
                                                         PacketReader& arguments) {
    ASHLAR_TRY(const std::optional<std::string_view> argument, next_argument(arguments));
    if (argument) return bad_line("bundle-uri: unexpected line", *argument);
    Bytes answer;
    std::vector<BundleOffer> bundles;
    if (repository.downloads != nullptr) {
        ASHLAR_TRY(bundles, repository.downloads->bundles());
    }
    // A list without a bundle is no error to a client, and says nothing else.
    if (!bundles.empty()) {
        append_line(answer, "bundle.version=1");
        append_line(answer, "bundle.mode=all");
    }
    for (const BundleOffer& bundle : bundles) {
        append_line(answer, "bundle." + bundle.name + ".uri=" + bundle.uri);
    }
    append_flush(answer);
    return stream_of(std::move(answer));
}

}  // namespace ashlar::git
