// A validator with one repository, in memory, and a replica of it.
#pragma once

#include "chain_harness.h"
#include "codec/block.h"
#include "replica/replica.h"
#include "support/fault_plan.h"
#include "support/memory_repository.h"
#include "support/packed_memory.h"

namespace ashlar::replica {

inline const consensus::Ed25519Verifier kVerifier;
inline constexpr std::string_view kOwner = "operator";
inline constexpr std::string_view kBase = "/sync/repositories/operator/hello/";

class MemoryStore final : public ContentStore {
  public:
    std::shared_ptr<const Bytes> find(const std::string& address) override {
        const auto found = kept.find(address);
        return found == kept.end() ? nullptr : found->second;
    }
    void keep(const std::string& address, std::shared_ptr<const Bytes> content) override {
        kept.insert_or_assign(address, std::move(content));
    }
    std::map<std::string, std::shared_ptr<const Bytes>> kept;
};

// A validator with one repository of three commits, in one pack of several extents.
struct Upstream {
    chain::ChainHarness chain;
    git::MemoryRepository repository;
    std::shared_ptr<const git::PackCatalog> catalog;
    forge::RepositoryId id;
    git::ObjectId head;
    std::vector<std::string> asked;

    Upstream() {
        id = chain.repository("hello");
        support::FaultPlan random(7);
        for (int i = 0; i < 3; ++i) {
            std::string large;
            while (large.size() < 900'000) {
                large.push_back(static_cast<char>(random.random_below(256)));
            }
            head = repository.commit_on(
                "main", {{"README", {"version " + std::to_string(i)}}, {"large", {large}}},
                "commit");
        }
        const Bytes pack = git::pack_of(repository.objects, git::all_ids(repository.objects));
        catalog = *git::catalog_of_pack(pack);
        chain.run_one(chain.push(id, "refs/heads/main", std::nullopt, head));
    }

    const git::StoredPack& pack() const { return catalog->pack(0); }
    forge::PackReference reference() const {
        return {pack().digest, pack().manifest.size, pack().manifest.object_count,
                pack().manifest.index_digest};
    }
    static Bytes range(const RandomAccess& source, std::uint64_t offset, std::uint64_t length) {
        Bytes bytes(static_cast<std::size_t>(length));
        EXPECT_TRUE(source.read(offset, bytes));
        return bytes;
    }
    codec::RepositoryCheckpoint checkpoint() const {
        return *chain::make_checkpoint(*chain.store, kOwner, "hello", {reference()});
    }

    Bytes answer(const std::string& address) {
        asked.push_back(address);
        EXPECT_TRUE(address.starts_with(kBase)) << address;
        const std::string part = address.substr(kBase.size());
        const std::string pack_part = "packs/" + pack().digest.hex() + "/";
        if (part == "checkpoint") return codec::encode(checkpoint());
        if (part == pack_part + "manifest") return git::encode(pack().manifest);
        if (part == pack_part + "index") return range(*pack().index, 0, pack().index->size());
        if (part.starts_with(pack_part + "extents/")) {
            const std::uint64_t number = std::stoull(part.substr(pack_part.size() + 8));
            const std::uint64_t offset = number * git::kPackExtentSize;
            return range(*pack().body, offset,
                         std::min(git::kPackExtentSize, pack().body->size() - offset));
        }
        EXPECT_TRUE(part.starts_with("refs/")) << part;
        codec::RefList list;
        list.refs.push_back({"refs/heads/main", head, std::nullopt});
        return codec::encode(list);
    }
};

struct Fixture {
    Upstream upstream;
    MemoryStore store;
    std::unique_ptr<Replica> replica = begin();

    std::unique_ptr<Replica> begin() {
        return std::make_unique<Replica>(*chain::LightClient::from_genesis(chain::test_genesis()),
                                         store, kVerifier);
    }
    // What only its host can give, that gives, or says that it has none.
    std::vector<std::string> wanted() {
        std::vector<std::string> addresses;
        for (const std::string& address : replica->take_wanted()) {
            if (!address.starts_with(kOwnPrefix)) {
                addresses.push_back(address);
            } else if (const auto kept = store.find(address)) {
                EXPECT_TRUE(replica->take(address, *kept));
            } else {
                replica->refuse(address, {ErrorCode::not_found, "never kept"});
            }
        }
        return addresses;
    }
    void keep_findings() {
        while (auto found = replica->take_findings()) {
            store.keep(found->address, std::make_shared<const Bytes>(std::move(found->content)));
        }
    }
    void bring() {
        for (const std::string& address : wanted()) {
            const auto taken = replica->take(address, upstream.answer(address));
            EXPECT_TRUE(taken) << address << ": " << taken.error().message();
        }
    }
    // Does it again until nothing is missing.
    template <typename Read>
    auto until_there(const Read& read) {
        for (int i = 0; i < 100; ++i) {
            auto result = read();
            if (result || result.error().code != ErrorCode::needs_data) return result;
            bring();
        }
        ADD_FAILURE() << "there is always something missing";
        return read();
    }
    Expected<OpenedRepository> open() {
        return until_there([&] { return replica->open(kOwner, "hello"); });
    }
};

}  // namespace ashlar::replica
