#include "native/api/fetch_answers.h"

#include <array>
#include <utility>

#include "git/wire/pkt_line.h"
#include "git/wire/upload_pack.h"

namespace ashlar::native {

namespace {

// Reads from one view of a repository. It begins with the first chunk, for finding out what to send
// can take long.
class FetchStream final : public ChunkStream {
  public:
    FetchStream(FetchSource source, git::ProtocolVersion version,
                std::shared_ptr<const BodyBuffer> request)
        : source_(std::move(source)), version_(version), request_(std::move(request)) {}

    Expected<std::optional<Chunk>> next() override {
        if (!stream_) ASHLAR_CHECK(begin());
        return stream_->next();
    }

  private:
    Expected<void> begin() {
        const node::RepositoryView& view = source_.view;
        objects_ = view.objects();
        git::RepositoryView repository{*view.refs,
                                       *objects_,
                                       view.packs,
                                       view.repository.may_hold_unreachable
                                           ? git::Unreachable::may_be_held
                                           : git::Unreachable::none,
                                       source_.downloads.get(),
                                       source_.progress.get()};
        ASHLAR_TRY(stream_, git::serve_upload_pack(repository, version_, request_->bytes()));
        return {};
    }

    const FetchSource source_;
    const git::ProtocolVersion version_;
    const std::shared_ptr<const BodyBuffer> request_;
    std::unique_ptr<git::ObjectSource> objects_;
    std::unique_ptr<ChunkStream> stream_;  // last: it reads from the others
};

// A stream whose first chunk was pulled already, so that an error came while it could be said.
class BegunStream final : public ChunkStream {
  public:
    BegunStream(std::optional<Chunk> first, std::unique_ptr<ChunkStream> rest)
        : first_(std::move(first)), rest_(std::move(rest)) {}

    Expected<std::optional<Chunk>> next() override {
        if (first_) return std::exchange(first_, std::nullopt);
        return rest_->next();
    }

  private:
    std::optional<Chunk> first_;
    std::unique_ptr<ChunkStream> rest_;
};

bool is_large(const git::PackCatalog& packs) {
    std::uint64_t count = 0;
    for (std::size_t pack = 0; pack < packs.pack_count(); ++pack) {
        count += packs.index(pack).object_count();
    }
    return count >= kSlowObjectsMin;
}

bool says_who_asks(std::string_view line) {
    return line.starts_with("agent=") || line.starts_with("session-id=");
}

// Whether the answer names addresses: these depend on how the client reached us, and on when.
bool names_addresses(ByteView request) {
    const std::string_view text = as_text(request);
    return text.find("command=bundle-uri") != std::string_view::npos ||
           text.find("packfile-uris ") != std::string_view::npos;
}

void add_number(crypto::Hasher& hasher, std::uint64_t number) {
    std::array<Byte, sizeof(number)> bytes;
    for (std::size_t i = bytes.size(); i > 0; --i, number >>= 8) {
        bytes[i - 1] = static_cast<Byte>(number);
    }
    hasher.update(bytes);
}

}  // namespace

crypto::Digest fetch_answer_key(const forge::Repository& repository, git::ProtocolVersion version,
                                ByteView request) {
    crypto::Hasher hasher("ashlar fetch answer");
    add_number(hasher, repository.id.value);
    hasher.update(repository.refs_root.view());
    // HEAD stands for this in a want-ref.
    add_number(hasher, repository.default_branch.size());
    hasher.update(as_bytes(repository.default_branch));
    add_number(hasher, static_cast<std::uint64_t>(version));
    git::PacketReader packets(request);
    while (true) {
        auto packet = packets.next();
        if (!packet || !*packet) break;
        if ((*packet)->is_data() && says_who_asks((*packet)->line())) continue;
        add_number(hasher, static_cast<std::uint64_t>((*packet)->kind));
        add_number(hasher, (*packet)->payload.size());
        hasher.update((*packet)->payload);
    }
    // What is no packet: a request that is refused.
    hasher.update(packets.rest());
    return hasher.finish();
}

FetchAnswers::FetchAnswers(const FetchAnswersOptions& options)
    : cache_(options.folder, options.bytes_max, options.count_max) {}

std::shared_ptr<MadeProgress> FetchAnswers::progress_of(const crypto::Digest& key) {
    const std::lock_guard lock(mutex_);
    if (auto known = progress_[key].lock()) return known;
    std::erase_if(progress_, [](const auto& entry) { return entry.second.expired(); });
    auto made = std::make_shared<MadeProgress>();
    progress_[key] = made;
    return made;
}

Expected<FetchAnswer> FetchAnswers::open(const FetchSource& source, git::ProtocolVersion version,
                                         std::shared_ptr<const BodyBuffer> request) {
    const ByteView body = request->bytes();
    const crypto::Digest key = fetch_answer_key(source.view.repository, version, body);
    FetchSource told = source;
    if (is_large(*source.view.packs)) told.progress = progress_of(key);
    // Kept with the answer, and called again where a reader has to go on alone.
    const AnswerCache::Produce produce = [told, version, request]() {
        return Expected<std::unique_ptr<ChunkStream>>(
            std::make_unique<FetchStream>(told, version, request));
    };
    ASHLAR_TRY(auto stream, names_addresses(body) ? produce() : cache_.open(key, produce));
    // An error that comes now can still be said.
    ASHLAR_TRY(auto first, stream->next());
    FetchAnswer answer;
    if (!told.progress) {
        answer.stream = std::make_unique<BegunStream>(std::move(first), std::move(stream));
        return answer;
    }
    auto made = std::make_unique<ToldStream>(std::move(first), std::move(stream), told.progress);
    answer.keepalive = made->packets();
    answer.stream = std::move(made);
    return answer;
}

}  // namespace ashlar::native
