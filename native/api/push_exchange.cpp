#include "native/api/push_exchange.h"

#include <algorithm>
#include <atomic>
#include <chrono>

#include "crypto/ssh.h"
#include "git/wire/service.h"
#include "native/api/errors.h"
#include "native/api/git_headers.h"

namespace ashlar::native {

namespace {
// A client is told something at least this often.
constexpr std::chrono::seconds kSilenceMax{5};
constexpr std::string_view kKeepalive = "0005\x02";  // a progress packet without text
constexpr std::size_t kWarningsShownMax = 10;
}  // namespace

// What finish() has come to, for the thread that talks to the client.
struct PushExchange::Progress {
    std::atomic<std::uint64_t> done{0};
    std::atomic<std::uint64_t> total{0};
    std::atomic<bool> resolving{false};
    // Of the talking thread alone:
    std::uint64_t shown = 0;
    std::chrono::steady_clock::time_point spoke_at = std::chrono::steady_clock::now();

    // How it ended; empty where there were no deltas.
    std::string last_line() const {
        if (!resolving || total == 0) return {};
        const std::string count = std::to_string(done);
        return "Resolving deltas: " + std::to_string(done * 100 / total) + "% (" + count + "/" +
               std::to_string(total) + "), done.\n";
    }

    Bytes next(const git::PushRequest& request) {
        auto now = std::chrono::steady_clock::now();
        std::uint64_t count = done;
        std::uint64_t all = total;
        bool has_news = resolving && all > 0 && count != shown;
        if (!has_news && now - spoke_at < kSilenceMax) return {};
        spoke_at = now;
        if (has_news) {
            shown = count;
            Bytes packet = git::encode_push_progress(
                request, "Resolving deltas: " + std::to_string(count * 100 / all) + "% (" +
                             std::to_string(count) + "/" + std::to_string(all) + ")\r");
            if (!packet.empty()) return packet;
        }
        return request.side_band == git::SideBand::none ? Bytes() : to_bytes(kKeepalive);
    }
};

namespace {

std::string signer_line(const node::PushResult& result) {
    if (!result.signed_by) {
        return "signed push: recorded, not verified by an SSH key of this account\n";
    }
    return "signed push: verified by " + crypto::ssh_fingerprint(result.signed_by->key) + "\n";
}

}  // namespace

// The answer: finish() runs while it is pulled.
class PushExchange::Report final : public ChunkStream {
  public:
    Report(std::unique_ptr<node::Push> push, std::shared_ptr<const git::PushRequest> request,
           std::shared_ptr<const Progress> progress, ProofPlace proof_place)
        : push_(std::move(push)),
          request_(std::move(request)),
          progress_(std::move(progress)),
          proof_place_(std::move(proof_place)) {}

    Expected<std::optional<Chunk>> next() override {
        if (push_ == nullptr) return std::optional<Chunk>();
        node::PushResult result = push_->finish();
        push_.reset();
        Bytes answer = git::encode_push_progress(*request_, progress_->last_line());
        std::size_t shown = std::min(result.warnings.size(), kWarningsShownMax);
        for (std::size_t i = 0; i < shown; ++i) {
            append(answer,
                   git::encode_push_progress(*request_, "warning: " + result.warnings[i] + "\n"));
        }
        const std::string notice = proof_notice(proof_place_, *request_, result);
        if (!notice.empty()) append(answer, git::encode_push_progress(*request_, notice));
        if (result.is_signed) {
            append(answer, git::encode_push_message(*request_, signer_line(result)));
        }
        std::optional<std::string> failure;
        if (result.unpack_failure) failure = std::string(text_of(*result.unpack_failure));
        append(answer, git::encode_push_report(*request_, failure, result.outcomes));
        if (answer.empty()) return std::optional<Chunk>();
        return std::optional<Chunk>(std::move(answer));
    }

  private:
    std::unique_ptr<node::Push> push_;
    std::shared_ptr<const git::PushRequest> request_;
    std::shared_ptr<const Progress> progress_;
    ProofPlace proof_place_;
};

PushExchange::PushExchange(node::Node& node, node::Author author, node::RepositoryView view,
                           TaskRunner* runner, std::string base_url)
    : node_(node),
      author_(std::move(author)),
      view_(std::move(view)),
      runner_(runner),
      proof_place_{std::move(base_url), view_.owner.login, view_.repository.name},
      progress_(std::make_shared<Progress>()) {}

PushExchange::~PushExchange() = default;

bool PushExchange::take_commands(ByteView& input) {
    auto ended = parser_.feed(input);
    if (!ended) {
        failure_ = ended.error();
        return false;
    }
    if (!*ended) return true;
    request_ = std::make_shared<const git::PushRequest>(parser_.take());
    if (!request_->updates.empty()) begin_push();
    return true;
}

void PushExchange::begin_push() {
    node::PushOptions options;
    options.limits = node_.options().pack_limits;
    options.runner = runner_;
    options.progress = [progress = progress_](const git::ReceiveProgress& seen) {
        progress->resolving = seen.phase == git::ReceiveProgress::Phase::resolving;
        progress->total = seen.total;
        progress->done = seen.done;
    };
    push_ = node_.begin_push(std::move(author_), std::move(view_), *request_, std::move(options));
}

http::BodyDemand PushExchange::on_body(Bytes piece) {
    ByteView input = piece;
    if (request_ == nullptr && !take_commands(input)) return http::BodyDemand::discard;
    if (input.empty() || request_ == nullptr) return http::BodyDemand::more;
    if (push_ == nullptr) {
        failure_ = Error{ErrorCode::invalid, "bytes after a request without updates"};
        return http::BodyDemand::discard;
    }
    // A pack that was refused is reported by finish().
    return push_->write(input) ? http::BodyDemand::more : http::BodyDemand::discard;
}

http::HttpReply PushExchange::respond() {
    http::HttpReply reply = git_reply(git::result_content_type(git::Service::receive_pack));
    if (request_ == nullptr && !failure_) {
        auto finished = parser_.finish();
        if (!finished) failure_ = finished.error();
    }
    if (failure_) {
        const git::PushRequest& request = request_ ? *request_ : parser_.request();
        reply.response.body = git::encode_push_failure(request, text_of(*failure_));
        return reply;
    }
    if (push_ == nullptr) return reply;  // a probe, or nothing to do
    reply.keepalive = [progress = progress_, request = request_] {
        return progress->next(*request);
    };
    reply.response.body =
        std::make_unique<Report>(std::move(push_), request_, progress_, proof_place_);
    return reply;
}

}  // namespace ashlar::native
