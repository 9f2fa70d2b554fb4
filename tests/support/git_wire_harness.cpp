// Answers one request of a git client from a folder, with nothing but the machines of git/wire:
//
//   git_wire_harness DIR advertise git-upload-pack|git-receive-pack
//   git_wire_harness DIR git-upload-pack|git-receive-pack   < body
//
// DIR holds `head` (the name that HEAD points to), `refs` ("<id> <name>" lines), packs as
// `<number>.pack`, and `unreachable` once something may be left that no ref reaches. The value of
// a Git-Protocol header comes in the environment, as GIT_PROTOCOL. Used by tests/e2e only.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "git/object/ref_name.h"
#include "git/pack/pack_catalog.h"
#include "git/pack/pack_receiver.h"
#include "git/pack/packed_objects.h"
#include "git/walk/commit_graph.h"
#include "git/walk/connectivity.h"
#include "git/wire/advertisement.h"
#include "git/wire/receive_pack.h"
#include "git/wire/upload_pack.h"
#include "support/memory_objects.h"
#include "support/memory_pack_store.h"

namespace ashlar::git {
namespace {

namespace filesystem = std::filesystem;

[[noreturn]] void die(const std::string& message) {
    std::fprintf(stderr, "git_wire_harness: %s\n", message.c_str());
    std::exit(1);
}

template <typename T>
T value_of(Expected<T> expected) {
    if (!expected) die(expected.error().message());
    if constexpr (!std::is_void_v<T>) return std::move(*expected);
}

Bytes read_all(std::istream& stream) {
    return {std::istreambuf_iterator<char>(stream), {}};
}

void write_out(ByteView bytes) {
    if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) != bytes.size()) die("stdout closed");
}

void write_out(ChunkStream& stream) {
    while (std::optional<Chunk> chunk = value_of(stream.next())) {
        if (const Bytes* bytes = std::get_if<Bytes>(&*chunk)) {
            write_out(*bytes);
            continue;
        }
        const StoredRange& range = std::get<StoredRange>(*chunk);
        Bytes stored(static_cast<std::size_t>(range.length));
        value_of(range.source->read(range.offset, stored));
        write_out(stored);
    }
}

class Repository {
  public:
    explicit Repository(filesystem::path folder) : folder_(std::move(folder)) {
        load_packs();
        load_refs();
        may_hold_unreachable_ = filesystem::exists(folder_ / "unreachable");
    }

    void advertise(Service service, ProtocolVersion version) {
        const ServerIdentity identity{"ashlar/harness", "", "nonce-1"};
        write_out(*value_of(git::advertise(service, version, refs_, identity)));
    }

    void upload_pack(ProtocolVersion version) {
        const Bytes body = read_all(std::cin);
        RepositoryView view{refs_, *objects_, catalog_, unreachable()};
        write_out(*value_of(serve_upload_pack(view, version, body)));
    }

    void receive_pack() {
        const Bytes body = read_all(std::cin);
        ByteView rest(body);
        PushRequestParser parser;
        Expected<bool> ended = parser.feed(rest);
        if (!ended) return write_out(encode_push_failure(parser.request(), ended.error().detail));
        value_of(parser.finish());
        const PushRequest request = parser.take();
        if (request.updates.empty()) return;
        write_out(encode_push_progress(request, "harness: checking\n"));
        Expected<void> stored =
            request.expects_pack() ? store_pack(request, rest) : Expected<void>();
        if (!stored) return write_out(encode_push_failure(request, stored.error().detail));
        write_out(encode_push_report(request, std::nullopt, update_refs(request)));
    }

  private:
    Unreachable unreachable() const {
        return may_hold_unreachable_ ? Unreachable::may_be_held : Unreachable::none;
    }

    void load_packs() {
        std::vector<std::shared_ptr<const StoredPack>> packs;
        for (pack_count_ = 0; filesystem::exists(pack_path(pack_count_)); ++pack_count_) {
            std::ifstream file(pack_path(pack_count_), std::ios::binary);
            auto staging = value_of(store_.stage());
            PackReceiver receiver(*staging, nullptr, {});
            value_of(receiver.write(read_all(file)));
            ReceivedPack received = value_of(receiver.finish());
            PackManifest manifest =
                value_of(staging->publish(received.object_count, received.index));
            packs.push_back(value_of(store_.open(manifest.digest())));
        }
        catalog_ = value_of(PackCatalog::open(std::move(packs)));
        objects_ = std::make_unique<PackedObjects>(catalog_);
    }

    void load_refs() {
        std::ifstream head(folder_ / "head");
        std::getline(head, refs_.head);
        std::ifstream file(folder_ / "refs");
        std::string id;
        std::string name;
        while (file >> id >> name) set_ref(name, value_of(ObjectId::from_hex(id)));
    }

    void set_ref(const std::string& name, const ObjectId& id) {
        CommitGraph graph(*objects_);
        const Peeled peeled = value_of(graph.peel(id));
        refs_.set(name, id, peeled.tags.empty() ? std::optional<ObjectId>() : peeled.id);
    }

    filesystem::path pack_path(std::size_t number) const {
        return folder_ / (std::to_string(number) + ".pack");
    }

    Expected<void> store_pack(const PushRequest& request, ByteView pack) {
        ASHLAR_TRY(auto staging, store_.stage());
        PackReceiver receiver(*staging, objects_.get(), {});
        ASHLAR_CHECK(receiver.write(pack));
        ASHLAR_TRY(ReceivedPack received, receiver.finish());
        ConnectivityRequest connectivity;
        connectivity.boundary = received.boundary;
        connectivity.unreachable = unreachable();
        auto view = view_staged_pack(*staging, received);
        ASHLAR_TRY(auto pushed, PackCatalog::open({view}));
        connectivity.is_in_pack = [&](const ObjectId& id) { return *pushed->contains(id); };
        for (const RefUpdate& update : request.updates) {
            if (!update.deletes()) connectivity.tips.push_back(update.new_id);
        }
        ASHLAR_CHECK(check_connected(*objects_, refs_, connectivity));
        if (received.object_count == 0) return {};
        Bytes bytes(static_cast<std::size_t>(staging->size()));
        ASHLAR_CHECK(staging->read(0, bytes));
        std::ofstream file(pack_path(pack_count_), std::ios::binary);
        file.write(reinterpret_cast<const char*>(bytes.data()),
                   static_cast<std::streamsize>(bytes.size()));
        file.close();
        load_packs();
        return {};
    }

    std::vector<RefOutcome> update_refs(const PushRequest& request) {
        std::vector<std::optional<std::string>> refusals = refusals_of(request);
        bool any_refused = false;
        for (std::size_t i = 0; i < request.updates.size(); ++i) {
            const RefUpdate& update = request.updates[i];
            std::optional<Ref> now = value_of(refs_.find(update.name));
            if (!refusals[i] && (now ? now->id : ObjectId{}) != update.old_id) {
                refusals[i] = "fetch first";
            }
            any_refused = any_refused || refusals[i].has_value();
        }
        std::vector<RefOutcome> outcomes;
        for (std::size_t i = 0; i < request.updates.size(); ++i) {
            const RefUpdate& update = request.updates[i];
            if (!refusals[i] && request.atomic && any_refused) refusals[i] = "atomic push failed";
            if (!refusals[i]) apply(update);
            outcomes.push_back({update.name, refusals[i]});
        }
        save();
        return outcomes;
    }

    void apply(const RefUpdate& update) {
        if (update.deletes()) {
            refs_.remove(update.name);
            may_hold_unreachable_ = true;
            return;
        }
        if (!update.creates() &&
            !value_of(unreachable_from(*objects_, {update.old_id}, {update.new_id})).empty()) {
            may_hold_unreachable_ = true;
        }
        set_ref(update.name, update.new_id);
    }

    void save() {
        std::ofstream file(folder_ / "refs");
        value_of(refs_.scan("", [&](const Ref& ref) {
            file << ref.id.hex() << " " << ref.name << "\n";
            return true;
        }));
        if (may_hold_unreachable_) std::ofstream(folder_ / "unreachable");
    }

    filesystem::path folder_;
    MemoryPackStore store_;
    MemoryRefs refs_;
    std::size_t pack_count_ = 0;
    bool may_hold_unreachable_ = false;
    std::shared_ptr<const PackCatalog> catalog_;
    std::unique_ptr<PackedObjects> objects_;
};

int run(const std::vector<std::string>& arguments) {
    if (arguments.size() < 2) die("usage: git_wire_harness DIR [advertise] SERVICE");
    const char* protocol = std::getenv("GIT_PROTOCOL");
    const ProtocolVersion version = protocol_version_from(protocol == nullptr ? "" : protocol);
    std::optional<Service> service = service_from(arguments.back());
    if (!service) die("no service " + arguments.back());
    Repository repository(arguments[0]);
    if (arguments[1] == "advertise") {
        repository.advertise(*service, version);
    } else if (*service == Service::upload_pack) {
        repository.upload_pack(version);
    } else {
        repository.receive_pack();
    }
    return 0;
}

}  // namespace
}  // namespace ashlar::git

int main(int argument_count, char** arguments) {
    return ashlar::git::run({arguments + 1, arguments + argument_count});
}
