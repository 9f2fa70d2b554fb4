#include "native/command/serve.h"

#include <malloc.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <thread>

#include "base/json_writer.h"
#include "native/api/site_handler.h"
#include "native/api/threaded_runner.h"
#include "native/command/command_line.h"
#include "native/command/serve_config.h"
#include "native/http/http_server.h"
#include "native/node/data_folder.h"
#include "native/storage/posix_file_system.h"
#include "native/validator/missing_state.h"
#include "native/validator/network_orderer.h"
#include "native/validator/pack_exchange.h"

namespace ashlar::native {

namespace {

constexpr std::chrono::seconds kStopGrace{20};
// Each may hold up to 128 KiB in memory, whatever else it keeps on the disk.
constexpr std::size_t kAnswersMax = 128;
// Heaps that threads share: one for each thread would keep what the busiest moment of each needed.
constexpr int kHeapsMax = 2;
// What is larger goes back to the system as soon as it is let go.
constexpr int kHeapBlockBytesMax = 512 << 10;
constexpr int kHeapSlackBytesMax = 4 << 20;
constexpr timespec kHeapTrimInterval{10, 0};
// Workers mostly wait for the disk or for the ledger.
constexpr std::size_t kWorkersPerCore = 4;
constexpr std::size_t kWorkersMin = 8;
// A little longer than a client waits, so that what it was told had failed rarely happens later.
constexpr std::uint64_t kMemberTransactionLifetimeMs = 30'000;
constexpr std::uint64_t kMsPerSecond = 1000;

git::PackLimits pack_limits_of(const ServeOptions& options) {
    git::PackLimits limits = options.pack_limits;
    limits.held_object_size_max =
        std::min(limits.held_object_size_max, (limits.delta_memory_max - kDeltaMemorySpare) / 2);
    return limits;
}

int failed(const Error& error) {
    std::fprintf(stderr, "ashlar: %s\n", error.detail.c_str());
    return kExitFailed;
}

std::size_t core_count() {
    return std::max<std::size_t>(1, std::thread::hardware_concurrency());
}

// The signals that end the server wait until somebody asks for them. Set before any thread starts,
// for threads inherit it.
sigset_t hold_back_end_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return signals;
}

void say(const std::string& words) {
    std::fprintf(stderr, "ashlar: %s\n", words.c_str());
}

void bound_heap() {
    ::mallopt(M_ARENA_MAX, kHeapsMax);
    ::mallopt(M_MMAP_THRESHOLD, kHeapBlockBytesMax);
    ::mallopt(M_TRIM_THRESHOLD, kHeapSlackBytesMax);
}

// Meanwhile gives back what lies free between what is used.
void wait_for(const sigset_t& signals) {
    while (::sigtimedwait(&signals, nullptr, &kHeapTrimInterval) < 0) ::malloc_trim(0);
}

// What is served, whether this validator is alone or among others.
struct Service {
    std::filesystem::path data;
    std::filesystem::path token_file;
    std::string http;
    std::string public_url;
    std::filesystem::path pid_file;  // empty: none
    std::unique_ptr<node::Node> node;
};

Expected<Service> open_alone(const ServeOptions& options) {
    Service service{options.data,
                    options.data / node::kOperatorTokenFile,
                    options.listen,
                    options.public_url,
                    {},
                    nullptr};
    node::NodeOptions node_options;
    node_options.housekeeping.interval_ms = options.housekeeping_seconds * kMsPerSecond;
    node_options.pack_limits = pack_limits_of(options);
    ASHLAR_TRY(service.node, node::Node::open(options.data, node_options));
    return service;
}

Expected<Service> open_member(const ServeOptions& serve_options) {
    ASHLAR_TRY(const ServeConfig config, read_serve_config(serve_options.config));
    ASHLAR_TRY(auto data, node::open_member_folder(config.files));
    auto random = std::make_shared<node::SystemRandom>();
    validator::NetworkOptions network;
    network.folder = config.files.folder;
    network.peers.listen_host = config.listen.host;
    network.peers.listen_port = config.listen.port;
    network.peers.peers = config.peers;
    network.followers = config.followers;
    network.consensus.expected_delay_ms = config.expected_delay_ms;
    network.consensus.idle_ms = config.idle_seconds * 1000;
    node::NodeOptions options;
    options.transaction_lifetime_ms = kMemberTransactionLifetimeMs;
    options.unattached_ms = validator::kUnattachedMs;
    options.housekeeping.interval_ms = serve_options.housekeeping_seconds * kMsPerSecond;
    options.pack_limits = pack_limits_of(serve_options);
    validator::MissingStateOptions missing;
    missing.peers = network.peers;
    // Whoever was made with its network has a journal, and begins where that does.
    std::error_code ignored;
    if (std::filesystem::exists(network.folder / validator::kJournalFolder, ignored)) {
        missing.beginning = validator::Beginning::with_its_network;
    }
    const auto prepare = [&](KeyValue& rows, git::PackStore& packs) {
        return validator::fetch_missing_state(rows, packs, data, missing, *random, say);
    };
    Service service{config.files.folder, config.operator_token, config.http,
                    config.public_url,   config.pid_file,       nullptr};
    ASHLAR_TRY(service.node,
               node::Node::open(data, random, options,
                                validator::network_orderer_factory(std::move(network), random,
                                                                   validator::make_pack_exchange),
                                prepare));
    return service;
}

// The process id in a file, as long as this lives.
class PidFile {
  public:
    explicit PidFile(std::filesystem::path path) : path_(std::move(path)) {}
    ~PidFile() {
        std::error_code ignored;
        if (written_) std::filesystem::remove(path_, ignored);
    }
    PidFile(const PidFile&) = delete;
    PidFile& operator=(const PidFile&) = delete;

    Expected<void> write() {
        if (path_.empty()) return {};
        ASHLAR_CHECK(
            storage::write_file_durably(path_, as_bytes(std::to_string(::getpid()) + "\n")));
        written_ = true;
        return {};
    }

  private:
    const std::filesystem::path path_;
    bool written_ = false;
};

void announce(const Service& options, bool as_json, const std::string& url) {
    std::string token_file = options.token_file.string();
    if (as_json) {
        JsonWriter json;
        json.begin_object().text("url", url).text("data", options.data.string());
        json.text("token_file", token_file).end_object();
        std::printf("%s\n", json.take().c_str());
    } else {
        std::string login(node::kAdministratorLogin);
        std::string authority = url.substr(url.find("//") + 2);
        std::printf(
            "Ashlar serves %s\n"
            "  data              %s\n"
            "  operator's token  %s\n"
            "\n"
            "Try, in another terminal:\n"
            "  ashlar repo create hello --server %s --token-file %s\n"
            "  git clone http://%s:$(cat %s)@%s/%s/hello.git\n"
            "\n"
            "Ctrl-C ends it.\n",
            url.c_str(), options.data.c_str(), token_file.c_str(), url.c_str(), token_file.c_str(),
            login.c_str(), token_file.c_str(), authority.c_str(), login.c_str());
    }
    std::fflush(stdout);
}

}  // namespace

int serve(const ServeOptions& options) {
    bound_heap();
    sigset_t end_signals = hold_back_end_signals();
    auto service = options.config.empty() ? open_alone(options) : open_member(options);
    if (!service) return failed(service.error());
    auto settings = http::parse_listen_address(service->http);
    if (!settings) return failed(settings.error());
    settings->io_thread_count = core_count();
    settings->worker_count = std::max(kWorkersMin, core_count() * kWorkersPerCore);

    ThreadedRunner runner(core_count());
    SiteOptions site{ASHLAR_VERSION, service->public_url, {}};
    site.fetch_answers.count_max = kAnswersMax;
    site.fetch_answers.folder = (service->data / node::kStagingFolder).string();
    SiteHandler handler(*service->node, &runner, site);
    http::HttpServer server(*settings, handler);
    auto started = server.start();
    if (!started) return failed(started.error());
    PidFile pid_file(service->pid_file);
    auto written = pid_file.write();
    if (!written) return failed(written.error());

    std::string host =
        settings->host.find(':') == std::string::npos ? settings->host : "[" + settings->host + "]";
    announce(*service, options.json, "http://" + host + ":" + std::to_string(server.port()));

    wait_for(end_signals);
    handler.begin_stopping();
    if (!server.stop(kStopGrace)) {
        std::fprintf(stderr, "ashlar: some requests were cut off after %lld seconds\n",
                     static_cast<long long>(kStopGrace.count()));
    }
    return kExitDone;
}

}  // namespace ashlar::native
