#include "native/command/serve.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <thread>

#include "base/json_writer.h"
#include "native/api/site_handler.h"
#include "native/api/threaded_runner.h"
#include "native/command/command_line.h"
#include "native/http/http_server.h"
#include "native/node/data_folder.h"

namespace ashlar::native {

namespace {

constexpr std::chrono::seconds kStopGrace{20};
// Each may hold up to a MiB in memory, whatever else it keeps on the disk.
constexpr std::size_t kAnswersMax = 128;
// Workers mostly wait for the disk or for the ledger.
constexpr std::size_t kWorkersPerCore = 4;
constexpr std::size_t kWorkersMin = 8;

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

void announce(const ServeOptions& options, const std::string& url) {
    std::string token_file = (options.data / node::kOperatorTokenFile).string();
    if (options.json) {
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
    sigset_t end_signals = hold_back_end_signals();
    auto settings = http::parse_listen_address(options.listen);
    if (!settings) return failed(settings.error());
    settings->io_thread_count = core_count();
    settings->worker_count = std::max(kWorkersMin, core_count() * kWorkersPerCore);

    auto node = node::Node::open(options.data);
    if (!node) return failed(node.error());
    ThreadedRunner runner(core_count());
    SiteOptions site{ASHLAR_VERSION, options.public_url, {}};
    site.fetch_answers.count_max = kAnswersMax;
    site.fetch_answers.folder = (options.data / node::kStagingFolder).string();
    SiteHandler handler(**node, &runner, site);
    http::HttpServer server(*settings, handler);
    auto started = server.start();
    if (!started) return failed(started.error());

    std::string host =
        settings->host.find(':') == std::string::npos ? settings->host : "[" + settings->host + "]";
    announce(options, "http://" + host + ":" + std::to_string(server.port()));

    int signal = 0;
    sigwait(&end_signals, &signal);
    handler.begin_stopping();
    if (!server.stop(kStopGrace)) {
        std::fprintf(stderr, "ashlar: some requests were cut off after %lld seconds\n",
                     static_cast<long long>(kStopGrace.count()));
    }
    return kExitDone;
}

}  // namespace ashlar::native
