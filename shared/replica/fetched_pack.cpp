#include "replica/fetched_pack.h"

#include <algorithm>

#include "api/request.h"
#include "git/pack/pack_index.h"

namespace ashlar::replica {

namespace {

class HeldBytes final : public RandomAccess {
  public:
    explicit HeldBytes(std::shared_ptr<const Bytes> bytes) : bytes_(std::move(bytes)) {}
    std::uint64_t size() const override { return bytes_->size(); }
    Expected<void> read(std::uint64_t offset, std::span<Byte> into) const override {
        if (offset > bytes_->size() || into.size() > bytes_->size() - offset) {
            return fail(ErrorCode::corrupt, "a read beyond the end");
        }
        const auto begin = bytes_->begin() + static_cast<std::ptrdiff_t>(offset);
        std::copy_n(begin, into.size(), into.begin());
        return {};
    }
    ByteView mapped() const override { return *bytes_; }

  private:
    std::shared_ptr<const Bytes> bytes_;
};

class FetchedBody final : public RandomAccess {
  public:
    FetchedBody(std::shared_ptr<Contents> contents, Wanted wanted, std::string address,
                git::PackManifest manifest)
        : contents_(std::move(contents)),
          wanted_(std::move(wanted)),
          address_(std::move(address)),
          manifest_(std::move(manifest)) {}

    std::uint64_t size() const override { return manifest_.size; }

    // Notes down every extent of the range that is not there, so that they are fetched at once.
    Expected<void> read(std::uint64_t offset, std::span<Byte> into) const override {
        if (offset > size() || into.size() > size() - offset) {
            return fail(ErrorCode::corrupt, "a read beyond the end of a pack");
        }
        std::optional<Error> failure;
        while (!into.empty()) {
            const std::uint64_t number = offset / git::kPackExtentSize;
            const std::uint64_t begin = offset % git::kPackExtentSize;
            const std::size_t length = static_cast<std::size_t>(
                std::min<std::uint64_t>(into.size(), git::kPackExtentSize - begin));
            auto extent = extent_at(number);
            if (extent && (*extent)->size() < begin + length) {
                return fail(ErrorCode::corrupt, "an extent of a pack is too short");
            }
            if (extent) {
                std::copy_n((*extent)->begin() + static_cast<std::ptrdiff_t>(begin), length,
                            into.begin());
            } else if (!failure || failure->code == ErrorCode::needs_data) {
                failure = extent.error();
            }
            into = into.subspan(length);
            offset += length;
        }
        if (failure) return Unexpected(*failure);
        return {};
    }

  private:
    Expected<std::shared_ptr<const Bytes>> extent_at(std::uint64_t number) const {
        Wanted wanted = wanted_;
        wanted.digest = manifest_.extents[static_cast<std::size_t>(number)];
        return contents_->get(address_ + "/extents/" + std::to_string(number), wanted);
    }

    std::shared_ptr<Contents> contents_;
    const Wanted wanted_;
    const std::string address_;  // of the pack
    const git::PackManifest manifest_;
};

}  // namespace

std::string repository_address(std::string_view owner, std::string_view repository,
                               std::string_view part) {
    std::string address = "/sync/repositories/" + api::percent_encode(owner) + "/";
    address.append(api::percent_encode(repository)).append("/").append(part);
    return address;
}

Expected<std::shared_ptr<const git::StoredPack>> open_fetched_pack(
    const std::shared_ptr<Contents>& contents, const std::string& owner,
    const std::string& repository, const forge::PackReference& pack) {
    const std::string address = repository_address(owner, repository, "packs/" + pack.digest.hex());
    Wanted wanted{Wanted::Kind::manifest, owner, repository, pack.digest.digest, {}, pack, {}};
    auto encoded = contents->get(address + "/manifest", wanted);
    wanted.kind = Wanted::Kind::index;
    wanted.digest = pack.index_digest;
    auto index = contents->get(address + "/index", wanted);
    if (!encoded) return Unexpected(encoded.error());
    if (!index) return Unexpected(index.error());
    ASHLAR_TRY(git::PackManifest manifest, git::decode_pack_manifest(**encoded));
    wanted.kind = Wanted::Kind::extent;
    auto stored = std::make_shared<git::StoredPack>();
    stored->digest = pack.digest;
    stored->index = std::make_shared<HeldBytes>(*index);
    stored->body = std::make_shared<FetchedBody>(contents, wanted, address, manifest);
    stored->manifest = std::move(manifest);
    ASHLAR_TRY(const auto opened, git::PackIndex::open(stored->index));
    if (opened.pack_size() != stored->manifest.size) {
        return fail(ErrorCode::invalid, "index: is of a pack of another size");
    }
    const auto valid = opened.validate();
    if (!valid) return fail(ErrorCode::invalid, "index: " + valid.error().detail);
    return std::shared_ptr<const git::StoredPack>(std::move(stored));
}

}  // namespace ashlar::replica
