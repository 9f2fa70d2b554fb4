// A whole fetch request; the first byte says which version of the protocol, and by its highest bit
// whether somebody is told how far the answer has come. Whatever comes, an answer is given, and it
// can be read to its end.
#include <cstdlib>

#include "git/wire/upload_pack.h"
#include "support/packed_memory.h"

namespace {

using namespace ashlar;
using namespace ashlar::git;

struct Server {
    MemoryObjects objects;
    MemoryRefs refs;
    ObjectId blob = objects.blob("a\n");
    ObjectId patterns = objects.blob("/lib/\n!*.c\n");
    ObjectId folder = objects.tree({{kModeBlob, "a.c", blob}});
    ObjectId tree = objects.tree({{kModeTree, "lib", folder}, {kModeBlob, "sparse", patterns}});
    ObjectId first = objects.commit(folder, {}, 100, "first\n");
    ObjectId second = objects.commit(tree, {first}, 200, "second\n");
    ObjectId side = objects.commit(folder, {first}, 150, "side\n");
    ObjectId merge = objects.commit(tree, {second, side}, 300, "merge\n");
    ObjectId tag = objects.tag(second, ObjectType::commit, "v1");
    ObjectId lost = objects.commit(tree, {}, 400, "lost\n");
    std::shared_ptr<const PackCatalog> catalog =
        catalog_of_pack(pack_of(objects, all_ids(objects))).value();

    Server() {
        refs.set("refs/heads/main", merge);
        refs.set("refs/heads/side", side);
        refs.set("refs/tags/v1", tag, second);
    }
};

struct Told final : FetchProgress {
    void begin(SideBand, bool) override { is_making = true; }
    void report(FetchPhase, std::uint64_t done, std::uint64_t total) override {
        if (!is_making || (total > 0 && done > total)) std::abort();
    }
    void made() override { is_making = false; }
    bool is_making = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    static Server server;
    const auto version = static_cast<ProtocolVersion>((data[0] & 0x7f) % 3);
    RepositoryView view{server.refs, server.objects, server.catalog, Unreachable::may_be_held};
    Told told;
    if ((data[0] & 0x80) != 0) view.progress = &told;
    auto stream = serve_upload_pack(view, version, ByteView(data + 1, size - 1));
    if (!stream) std::abort();
    Bytes answer;
    while (true) {
        auto chunk = (*stream)->next();
        if (!chunk) std::abort();
        if (!chunk->has_value()) break;
        if (const Bytes* bytes = std::get_if<Bytes>(&**chunk)) append(answer, *bytes);
    }
    if (answer.empty() || told.is_making) std::abort();
    return 0;
}
