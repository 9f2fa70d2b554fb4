#include "native/client/remote_helper.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "git/listed_refs.h"
#include "git/wire/pkt_line.h"
#include "git/wire/side_band.h"
#include "git/wire/upload_pack.h"
#include "native/client/fetch_check.h"
#include "native/client/kept_trust.h"
#include "native/client/max_age.h"
#include "native/client/proven_refs.h"
#include "native/machine/clock.h"

namespace ashlar::client {

namespace {

constexpr int kExitDone = 0;
constexpr int kExitFailed = 128;  // as git's own helpers
constexpr std::size_t kLineLengthMax = 4096;
constexpr std::size_t kCapabilitiesBytesMax = std::size_t{1} << 20;
constexpr std::string_view kResponseEnd = "0002";
constexpr std::string_view kConnect = "stateless-connect git-upload-pack";

void say(const std::string& text) {
    std::fprintf(stderr, "ashlar: %s\n", text.c_str());
}

bool write_out(ByteView bytes) {
    return std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size() &&
           std::fflush(stdout) == 0;
}

// A line of git's commands, without its end; nothing at the end of the input.
std::optional<std::string> read_line() {
    std::string line;
    for (int character = std::getc(stdin); character != EOF; character = std::getc(stdin)) {
        if (character == '\n') return line;
        if (line.size() == kLineLengthMax) return std::nullopt;
        line.push_back(static_cast<char>(character));
    }
    return std::nullopt;
}

// One request of git's, up to its flush packet; nothing at the end of the input.
Expected<std::optional<Bytes>> read_request() {
    Bytes request;
    while (request.size() <= git::kUploadPackRequestSizeMax) {
        std::array<char, git::kPacketHeaderSize> header{};
        const std::size_t got = std::fread(header.data(), 1, header.size(), stdin);
        if (got == 0 && request.empty()) return std::optional<Bytes>();
        std::size_t length = 0;
        const auto parsed = std::from_chars(header.data(), header.data() + got, length, 16);
        if (got != header.size() || parsed.ptr != header.data() + header.size()) break;
        append(request, std::string_view(header.data(), header.size()));
        if (length == 0) return std::optional<Bytes>(std::move(request));
        if (length <= header.size()) continue;
        const std::size_t begin = request.size();
        request.resize(begin + length - header.size());
        if (std::fread(request.data() + begin, 1, request.size() - begin, stdin) !=
            request.size() - begin) {
            break;
        }
    }
    return fail(ErrorCode::invalid, "git sent no request of its protocol");
}

// For serve_upload_pack, which needs no objects to list refs.
class NoObjects final : public git::ObjectSource {
  public:
    Expected<std::shared_ptr<const git::Object>> read(const git::ObjectId& id,
                                                      std::uint64_t) override {
        return fail(ErrorCode::not_found, id.hex());
    }
    Expected<git::ObjectInfo> info(const git::ObjectId& id) override {
        return fail(ErrorCode::not_found, id.hex());
    }
    Expected<bool> contains(const git::ObjectId&) override { return false; }
    Expected<std::vector<git::ObjectId>> find_prefix(std::string_view, std::size_t) override {
        return std::vector<git::ObjectId>();
    }
};

// What of a server's capabilities git may hear of: those whose answers are checked here.
std::optional<std::string> checked_capability(std::string_view line) {
    if (line.starts_with("agent=") || line == "object-format=sha1" || line == "server-option") {
        return std::string(line);
    }
    std::string_view rest = line;
    const std::string_view name = rest.substr(0, rest.find('='));
    if (name != "fetch") return std::nullopt;
    rest.remove_prefix(std::min(rest.size(), name.size() + 1));
    std::string kept;
    while (!rest.empty()) {
        const std::string_view word = rest.substr(0, rest.find(' '));
        rest.remove_prefix(std::min(rest.size(), word.size() + 1));
        if (word == "shallow" || word == "filter" || word == "wait-for-done") {
            kept.append(kept.empty() ? "=" : " ").append(word);
        }
    }
    return "fetch" + kept;
}

Error status_error(const HttpClient& server, const HttpCall& call, const HttpAnswer& answer) {
    std::string text = server.server().origin + call.target + " answers git with status " +
                       std::to_string(answer.status);
    if (answer.status == 401 || answer.status == 403 || answer.status == 404) {
        text +=
            ": the repository is not there, or wants a token that may read it "
            "(https://USER:TOKEN@HOST)";
    }
    return {ErrorCode::unavailable, std::move(text)};
}

class Helper {
  public:
    Helper(RepositoryAddress address, HttpClient server)
        : address_(std::move(address)), server_(std::move(server)) {}

    // Git's requests, one after the other, until it has no more.
    Expected<void> serve() {
        ASHLAR_TRY(const Bytes capabilities, fetch_capabilities());
        write_out(as_bytes("\n"));
        write_out(capabilities);
        while (true) {
            ASHLAR_TRY(const auto request, read_request());
            if (!request) return {};
            ASHLAR_CHECK(answer(*request));
        }
    }
    // Whether git was told already what went wrong.
    bool told() const { return told_; }

  private:
    // The server's advertisement in protocol v2, cut down.
    Expected<Bytes> fetch_capabilities() const {
        HttpCall call;
        call.target = address_.path + "/info/refs?service=git-upload-pack";
        call.headers = {{"git-protocol", "version=2"}};
        ASHLAR_TRY(const HttpAnswer answer, server_.ask(call, kCapabilitiesBytesMax));
        if (answer.status != 200) return Unexpected(status_error(server_, call, answer));
        git::PacketReader packets(answer.body);
        Bytes cut;
        bool is_version_2 = false;
        while (true) {
            ASHLAR_TRY(const auto packet, packets.next());
            if (!packet) break;
            const std::string_view line = packet->line();
            if (line == "version 2") {
                is_version_2 = true;
                git::append_line(cut, line);
                git::append_line(cut, "ls-refs=unborn");
            } else if (const auto kept = checked_capability(line)) {
                git::append_line(cut, *kept);
            }
        }
        if (!is_version_2) {
            return fail(ErrorCode::unsupported,
                        server_.server().origin + " does not speak git's protocol v2");
        }
        git::append_flush(cut);
        return cut;
    }

    Expected<void> answer(ByteView request) {
        git::PacketReader packets(request);
        ASHLAR_TRY(const auto first, packets.next());
        const std::string_view command = first ? first->line() : std::string_view();
        Expected<void> done;
        if (command == "command=ls-refs") {
            done = list_refs(request);
        } else if (command == "command=fetch") {
            done = fetch(request);
        } else {
            done = fail(ErrorCode::unsupported,
                        "git asks for what is not proven: " + git::printable_line(command, 80));
        }
        ASHLAR_CHECK(done);
        write_out(as_bytes(kResponseEnd));
        return {};
    }

    Expected<void> list_refs(ByteView request) {
        if (refs_ == nullptr) {
            const auto proven = prove();
            if (!proven) return refuse(proven.error());
        }
        NoObjects objects;
        ASHLAR_TRY(const auto packs, git::PackCatalog::open({}));
        const git::RepositoryView view{*refs_, objects, packs};
        ASHLAR_TRY(const auto stream,
                   git::serve_upload_pack(view, git::ProtocolVersion::v2, request));
        while (true) {
            ASHLAR_TRY(const auto chunk, stream->next());
            if (!chunk) return {};
            if (const Bytes* bytes = std::get_if<Bytes>(&*chunk)) write_out(*bytes);
        }
    }

    Expected<void> prove() {
        ASHLAR_TRY(KeptTrust trust, KeptTrust::open(trust_options_of_environment(), server_));
        if (trust.is_first_use()) {
            say("the first time with " + server_.server().origin +
                ": trusting the genesis that it shows, of network " +
                trust.light().state().chain.hex() +
                " (ASHLAR_GENESIS=FILE names one that you know)");
        }
        ASHLAR_TRY(const ProvenRefs proven, prove_refs(server_, address_, trust.light()));
        ASHLAR_TRY(const auto max_age_ms, max_age_ms_of_environment());
        ASHLAR_CHECK(check_age(trust.light(), machine::SystemClock().now_ms(), max_age_ms));
        if (const auto kept = trust.keep(); !kept) say("warning: " + kept.error().detail);
        if (!proven.repository) {
            return fail(ErrorCode::not_found, "it is proven that there is no repository " +
                                                  address_.owner + "/" + address_.repository);
        }
        refs_ = std::make_unique<git::ListedRefs>(
            proven.list.proof.refs, "refs/heads/" + proven.repository->default_branch);
        return {};
    }

    Expected<void> fetch(ByteView request) {
        ASHLAR_TRY(FetchCheck check, FetchCheck::of_request(request));
        HttpCall call;
        call.method = "POST";
        call.target = address_.path + "/git-upload-pack";
        call.headers = {{"content-type", git::request_content_type(git::Service::upload_pack)},
                        {"accept", git::result_content_type(git::Service::upload_pack)},
                        {"git-protocol", "version=2"}};
        call.body = to_bytes(request);
        auto answered = server_.stream(call, [&](ByteView piece) -> Expected<void> {
            Bytes checked;
            auto taken = check.take(piece, checked);
            if (!write_out(checked)) return fail(ErrorCode::unavailable, "git has gone away");
            return taken;
        });
        if (!answered) return refuse_fetch(answered.error(), check);
        if (answered->status != 200) return refuse(status_error(server_, call, *answered));
        if (const auto finished = check.finish(); !finished) {
            return refuse_fetch(finished.error(), check);
        }
        return {};
    }

    // Tells git, which tells the person; the error ends the exchange.
    Expected<void> refuse(const Error& error) {
        Bytes packet;
        git::append_error(packet, "ashlar: " + error.detail);
        write_out(packet);
        told_ = true;
        return Unexpected(error);
    }
    Expected<void> refuse_fetch(const Error& error, const FetchCheck& check) {
        if (!check.in_pack()) return refuse(error);
        Bytes packet;
        git::append_side_band(packet, git::SideBand::large, git::SideBandChannel::fatal,
                              as_bytes("ashlar: " + error.detail + "\n"));
        write_out(packet);
        told_ = true;
        return Unexpected(error);
    }

    const RepositoryAddress address_;
    const HttpClient server_;
    std::unique_ptr<const git::ListedRefs> refs_;
    bool told_ = false;
};

int connect(const char* url) {
    auto address = parse_repository_address(url);
    if (!address) {
        say(address.error().detail);
        return kExitFailed;
    }
    const HttpClient server(address->server);
    Helper helper(*address, server);
    const auto served = helper.serve();
    if (served) return kExitDone;
    if (!helper.told()) say(served.error().detail);
    return kExitFailed;
}

}  // namespace

int run_remote_helper(int argument_count, char** arguments) {
    if (argument_count < 3) {
        say("git runs this by itself: git clone ashlar::http://HOST:PORT/OWNER/NAME");
        return kExitFailed;
    }
    while (const auto line = read_line()) {
        if (line->empty()) return kExitDone;
        if (*line == "capabilities") {
            write_out(as_bytes("stateless-connect\n\n"));
        } else if (*line == kConnect) {
            return connect(arguments[2]);
        } else {
            say("git asks for \"" + git::printable_line(*line, 80) +
                "\": what is proven is fetched with protocol version 2 alone; pushes go to the "
                "same address without \"ashlar::\"");
            return kExitFailed;
        }
    }
    return kExitDone;
}

}  // namespace ashlar::client
