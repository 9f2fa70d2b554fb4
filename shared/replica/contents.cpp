#include "replica/contents.h"

#include <algorithm>

#include "base/assert.h"
#include "chain/proof.h"
#include "git/pack/pack_store.h"

namespace ashlar::replica {

namespace {

// Whatever is claimed: what a replica holds in memory at once of one thing.
constexpr std::uint64_t kFetchedBytesMax = std::uint64_t{128} << 20;
// Headers, and what the encoding adds.
constexpr std::uint64_t kSlackBytes = 4096;
// A ref in a list: its name of at most 1 KiB, two ids, what the encoding adds.
constexpr std::uint64_t kRefBytesMax = 1024 + 128;
// Of an object in an index: id, row and place in the order.
constexpr std::uint64_t kIndexRowBytes = 64;

std::uint64_t saturating_product(std::uint64_t count, std::uint64_t bytes) {
    return count > kFetchedBytesMax / bytes ? kFetchedBytesMax : count * bytes;
}

Expected<void> check_digest(std::string_view domain, std::string_view what,
                            const crypto::Digest& digest, ByteView content) {
    if (crypto::hash(domain, content) == digest) return {};
    return fail(ErrorCode::invalid, std::string(what) + ": is not " + digest.hex());
}

std::string name_of(const std::string& address, const Wanted& wanted) {
    return address + "#" + wanted.digest.hex();
}

}  // namespace

std::uint64_t bytes_max(const Wanted& wanted) {
    const forge::PackReference& pack = wanted.pack;
    switch (wanted.kind) {
        case Wanted::Kind::epoch:
            return codec::kSealedProofBytesMax;
        case Wanted::Kind::checkpoint:
            return codec::kCheckpointBytesMax;
        case Wanted::Kind::refs:
            return std::min(
                kFetchedBytesMax,
                kSlackBytes + saturating_product(wanted.record.ref_count, kRefBytesMax));
        case Wanted::Kind::manifest:
            return std::min(kFetchedBytesMax, kSlackBytes + pack.size / git::kPackExtentSize *
                                                                sizeof(crypto::Digest));
        case Wanted::Kind::index:
            return std::min(kFetchedBytesMax,
                            kSlackBytes + saturating_product(pack.object_count, kIndexRowBytes));
        case Wanted::Kind::extent:
            return git::kPackExtentSize;
    }
    ASHLAR_ASSERT(false);
    return 0;
}

Expected<void> check_content(const Wanted& wanted, ByteView content) {
    switch (wanted.kind) {
        case Wanted::Kind::refs: {
            ASHLAR_TRY(const auto list, codec::decode_ref_list(content));
            return chain::verify_ref_list(wanted.record, list.refs);
        }
        case Wanted::Kind::manifest: {
            auto manifest = git::decode_pack_manifest(content);
            if (!manifest) return fail(ErrorCode::invalid, "manifest: " + manifest.error().detail);
            if (manifest->digest().digest != wanted.digest) {
                return fail(ErrorCode::invalid, "manifest: is of another pack");
            }
            const forge::PackReference& pack = wanted.pack;
            if (manifest->index_digest == pack.index_digest && manifest->size == pack.size &&
                manifest->object_count == pack.object_count) {
                return {};
            }
            return fail(ErrorCode::invalid, "manifest: the checkpoint lists the pack otherwise");
        }
        case Wanted::Kind::index:
            return check_digest(git::kPackIndexDomain, "index", wanted.digest, content);
        case Wanted::Kind::extent:
            return check_digest(git::kPackExtentDomain, "extent", wanted.digest, content);
        case Wanted::Kind::epoch:
        case Wanted::Kind::checkpoint:
            break;
    }
    ASHLAR_ASSERT(false);  // those are no content
    return {};
}

Expected<std::shared_ptr<const Bytes>> Contents::get(const std::string& address,
                                                     const Wanted& wanted) {
    const std::string name = name_of(address, wanted);
    if (const auto held = held_at_.find(name); held != held_at_.end()) {
        held_.splice(held_.begin(), held_, held->second);
        return held->second->content;
    }
    // What a disk gives back may be damaged.
    auto kept = store_.find(address);
    if (kept == nullptr || !check_content(wanted, *kept)) return want(address, wanted);
    hold(name, kept);
    return kept;
}

Unexpected Contents::want(const std::string& address, const Wanted& wanted) {
    if (const auto refused = refused_.find(address); refused != refused_.end()) {
        const Error error = refused->second;
        refused_.erase(refused);
        return Unexpected(error);
    }
    if (!wanted_.contains(address) && wanted_.size() >= kWantedMax) {
        return fail(ErrorCode::unavailable, "too much is being fetched; try again");
    }
    const bool is_new = wanted_.insert_or_assign(address, wanted).second;
    if (is_new) fresh_.push_back(address);
    return fail(ErrorCode::needs_data, address);
}

std::vector<std::string> Contents::take_wanted() {
    std::vector<std::string> addresses;
    addresses.swap(fresh_);
    std::erase_if(addresses,
                  [&](const std::string& address) { return !wanted_.contains(address); });
    std::sort(addresses.begin(), addresses.end());
    return addresses;
}

const Wanted* Contents::find_wanted(const std::string& address) const {
    const auto found = wanted_.find(address);
    return found == wanted_.end() ? nullptr : &found->second;
}

Expected<void> Contents::take(const std::string& address, Bytes content) {
    const Wanted* wanted = find_wanted(address);
    if (wanted == nullptr) return fail(ErrorCode::invalid, address + ": nobody asked for it");
    ASHLAR_CHECK(check_content(*wanted, content));
    auto kept = std::make_shared<const Bytes>(std::move(content));
    store_.keep(address, kept);
    hold(name_of(address, *wanted), std::move(kept));
    wanted_.erase(address);
    return {};
}

void Contents::refuse(const std::string& address, Error error) {
    if (wanted_.erase(address) == 0) return;
    refused_.insert_or_assign(address, std::move(error));
}

void Contents::forget_refusals(const std::string& prefix) {
    std::erase_if(refused_, [&](const auto& entry) { return entry.first.starts_with(prefix); });
}

void Contents::hold(const std::string& name, std::shared_ptr<const Bytes> content) {
    if (held_at_.contains(name)) return;
    held_bytes_ += content->size();
    held_.push_front({name, std::move(content)});
    held_at_.emplace(name, held_.begin());
    while (held_bytes_ > options_.held_bytes_max && held_.size() > 1) {
        held_bytes_ -= held_.back().content->size();
        held_at_.erase(held_.back().name);
        held_.pop_back();
    }
}

}  // namespace ashlar::replica
