// Answers to fetches, produced once for all who ask the same of the same refs: CI asks for the same
// clone all day.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "git/wire/upload_pack.h"
#include "native/api/body_buffer.h"
#include "native/api/told_stream.h"
#include "native/git/answer_cache.h"
#include "native/node/repository_view.h"

namespace ashlar::native {

struct FetchAnswersOptions {
    std::string folder;  // where long answers are kept
    std::uint64_t bytes_max = std::uint64_t{1} << 30;
    std::size_t count_max = 1024;
};

// What answers are made from.
struct FetchSource {
    node::RepositoryView view;
    std::shared_ptr<const git::DownloadOffers> downloads;  // null: nothing is offered
    std::shared_ptr<MadeProgress> progress = nullptr;      // null: nobody is told
};

struct FetchAnswer {
    std::unique_ptr<ChunkStream> stream;
    // See http::HttpReply; null where the answer does not take long to find out.
    std::function<Bytes()> keepalive;
};

// With so many objects it can take long to find out what to send.
inline constexpr std::uint64_t kSlowObjectsMin = 20'000;

class FetchAnswers {
  public:
    explicit FetchAnswers(const FetchAnswersOptions& options);

    // The answer of git-upload-pack to a request. Whoever may read the repository gets the same
    // answer to the same request, so access is checked before, and is no part of what is kept.
    // One that names addresses is made anew each time, for it depends on more. The request is held,
    // and counted, for as long as the answer may be made from it.
    Expected<FetchAnswer> open(const FetchSource& source, git::ProtocolVersion version,
                               std::shared_ptr<const BodyBuffer> request);

    AnswerCache& cache() { return cache_; }

  private:
    // What all who wait for one answer look at.
    std::shared_ptr<MadeProgress> progress_of(const crypto::Digest& key);

    AnswerCache cache_;
    std::mutex mutex_;
    std::unordered_map<crypto::Digest, std::weak_ptr<MadeProgress>> progress_;
};

// What an answer depends on: the repository, the state of its refs, the protocol, and the request
// without the lines that only say who asks. Objects never change, so neither does the answer.
crypto::Digest fetch_answer_key(const forge::Repository& repository, git::ProtocolVersion version,
                                ByteView request);

}  // namespace ashlar::native
