// The least that agreement costs on this machine: nodes as threads, a mesh of TCP connections on
// loopback, Ed25519 votes, two durable writes and three hops, and nothing else. What validators
// take is compared with it (consensus_bench.py).
//
//     consensus_floor [--nodes N] [--rounds N] [--block-bytes N] [--folder DIR]
//
// A round: its leader sends a block to all, and votes when that is durable; who gets the block does
// the same; whoever has a quorum of these votes makes a second one durable and sends it; a quorum
// of the second ones is final. The time is the leader's, from the block to its finality. Prints
// JSON.
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/assert.h"
#include "base/json_writer.h"
#include "crypto/digest.h"
#include "crypto/ed25519.h"

namespace {

using namespace ashlar;
using Clock = std::chrono::steady_clock;

struct Options {
    std::size_t nodes = 4;
    std::uint64_t rounds = 2000;
    std::size_t block_bytes = 1024;
    std::string folder = ".";
};

constexpr std::uint64_t kWarmUpRounds = 100;
constexpr std::size_t kLogBytes = std::size_t{4} << 20;
constexpr std::size_t kRecordBytes = 512;

enum class Kind : Byte { block = 1, notarize = 2, finalize = 3 };

// A frame: the length of what follows (8 bytes), the kind (1), the round (8), the sender (8), and
// the content, whose last 64 bytes are the signature.
Bytes frame(Kind kind, std::uint64_t round, std::size_t sender, ByteView content,
            const crypto::Signature& signature) {
    Bytes bytes;
    append_big_endian_64(bytes, 17 + content.size() + crypto::Signature::kSize);
    bytes.push_back(static_cast<Byte>(kind));
    append_big_endian_64(bytes, round);
    append_big_endian_64(bytes, sender);
    append(bytes, content);
    append(bytes, signature.view());
    return bytes;
}

Bytes signed_part(Kind kind, std::uint64_t round, const crypto::Digest& block) {
    Bytes bytes{static_cast<Byte>(kind)};
    append_big_endian_64(bytes, round);
    append(bytes, block.view());
    return bytes;
}

// Preallocated, so that a sync writes the record and nothing else.
class Log {
  public:
    explicit Log(const std::string& path)
        : fd_(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600)) {
        ASHLAR_ASSERT(fd_ >= 0);
        const Bytes zeros(kLogBytes, 0);
        ASHLAR_ASSERT(::pwrite(fd_, zeros.data(), zeros.size(), 0) ==
                      static_cast<ssize_t>(zeros.size()));
        ASHLAR_ASSERT(::fsync(fd_) == 0);
    }
    ~Log() { ::close(fd_); }
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    void write_durably(ByteView content) {
        Bytes record = to_bytes(content);
        record.resize(kRecordBytes);
        ASHLAR_ASSERT(::pwrite(fd_, record.data(), record.size(), static_cast<off_t>(at_)) ==
                      static_cast<ssize_t>(record.size()));
        ASHLAR_ASSERT(::fdatasync(fd_) == 0);
        at_ = (at_ + kRecordBytes) % kLogBytes;
    }

  private:
    int fd_;
    std::size_t at_ = 0;
};

class FloorNode {
  public:
    FloorNode(std::size_t index, const Options& options, std::vector<crypto::SigningKey> keys)
        : index_(index),
          options_(options),
          keys_(std::move(keys)),
          quorum_(options.nodes - (options.nodes - 1) / 3),
          log_(options.folder + "/floor-" + std::to_string(index)) {}

    void connect(int fd) { peers_.push_back({fd, {}}); }
    const std::vector<double>& latencies_us() const { return latencies_us_; }

    void run() {
        if (leads(1)) begin(1);
        std::vector<pollfd> polled;
        for (const Peer& peer : peers_) polled.push_back({peer.fd, POLLIN, 0});
        while (final_ < options_.rounds) {
            ASHLAR_ASSERT(::poll(polled.data(), polled.size(), -1) > 0);
            for (std::size_t i = 0; i < polled.size(); ++i) {
                if (polled[i].revents != 0) receive(peers_[i]);
            }
        }
    }

  private:
    struct Peer {
        int fd;
        Bytes in;
    };
    struct Round {
        std::optional<crypto::Digest> block;
        std::map<std::size_t, crypto::Signature> notarizes;
        std::map<std::size_t, crypto::Signature> finalizes;
        bool finalized = false;
        Clock::time_point begun;
    };

    bool leads(std::uint64_t round) const { return round % options_.nodes == index_; }

    void begin(std::uint64_t number) {
        rounds_[number].begun = Clock::now();
        const Bytes block(options_.block_bytes, static_cast<Byte>(number));
        const crypto::Digest digest = crypto::hash("floor block", block);
        const auto signature = keys_[index_].sign(signed_part(Kind::block, number, digest));
        send(frame(Kind::block, number, index_, block, signature));
        vote_for(number, digest);
    }

    void vote_for(std::uint64_t number, const crypto::Digest& digest) {
        rounds_[number].block = digest;
        rounds_[number].notarizes.emplace(index_, cast(Kind::notarize, number, digest));
        progress(number);
    }

    crypto::Signature cast(Kind kind, std::uint64_t number, const crypto::Digest& digest) {
        const auto signature = keys_[index_].sign(signed_part(kind, number, digest));
        log_.write_durably(signature.view());
        send(frame(kind, number, index_, {}, signature));
        return signature;
    }

    void send(const Bytes& bytes) {
        for (const Peer& peer : peers_) {
            ByteView rest = bytes;
            while (!rest.empty()) {
                const ssize_t sent = ::send(peer.fd, rest.data(), rest.size(), MSG_NOSIGNAL);
                // Who is through with all rounds has gone.
                if (sent < 0) break;
                rest = rest.subspan(static_cast<std::size_t>(sent));
            }
        }
    }

    void receive(Peer& peer) {
        Byte buffer[64 << 10];
        const ssize_t size = ::recv(peer.fd, buffer, sizeof buffer, 0);
        if (size <= 0) return;
        peer.in.insert(peer.in.end(), buffer, buffer + size);
        std::size_t at = 0;
        while (peer.in.size() - at >= 8) {
            const ByteView rest = ByteView(peer.in).subspan(at);
            const auto length = static_cast<std::size_t>(read_big_endian_64(rest));
            if (rest.size() < 8 + length) break;
            handle(rest.subspan(8, length));
            at += 8 + length;
        }
        peer.in.erase(peer.in.begin(), peer.in.begin() + static_cast<std::ptrdiff_t>(at));
    }

    void handle(ByteView body) {
        const Kind kind = static_cast<Kind>(body[0]);
        const std::uint64_t number = read_big_endian_64(body.subspan(1));
        const auto sender = static_cast<std::size_t>(read_big_endian_64(body.subspan(9)));
        const ByteView content = body.subspan(17, body.size() - 17 - crypto::Signature::kSize);
        const auto signature = *crypto::Signature::from_bytes(body.last(crypto::Signature::kSize));
        if (kind == Kind::block) {
            const crypto::Digest digest = crypto::hash("floor block", content);
            ASHLAR_ASSERT(crypto::verify(keys_[sender].public_key(),
                                         signed_part(Kind::block, number, digest), signature));
            return vote_for(number, digest);
        }
        Round& round = rounds_[number];
        (kind == Kind::notarize ? round.notarizes : round.finalizes).emplace(sender, signature);
        progress(number);
    }

    // Whether a quorum signed it; every signature but one's own is checked.
    bool certified(Kind kind, std::uint64_t number,
                   const std::map<std::size_t, crypto::Signature>& votes) const {
        if (votes.size() < quorum_) return false;
        const Bytes message = signed_part(kind, number, *rounds_.at(number).block);
        std::size_t checked = 0;
        for (const auto& [sender, signature] : votes) {
            if (checked++ == quorum_) break;
            if (sender == index_) continue;
            ASHLAR_ASSERT(crypto::verify(keys_[sender].public_key(), message, signature));
        }
        return true;
    }

    void progress(std::uint64_t number) {
        Round& round = rounds_[number];
        if (!round.block || final_ >= number) return;
        if (!round.finalized && certified(Kind::notarize, number, round.notarizes)) {
            round.finalized = true;
            round.finalizes.emplace(index_, cast(Kind::finalize, number, *round.block));
        }
        if (!round.finalized || !certified(Kind::finalize, number, round.finalizes)) return;
        final_ = number;
        if (leads(number) && number > kWarmUpRounds) {
            latencies_us_.push_back(
                std::chrono::duration<double, std::micro>(Clock::now() - round.begun).count());
        }
        rounds_.erase(rounds_.begin(), rounds_.find(number));
        if (number < options_.rounds && leads(number + 1)) begin(number + 1);
    }

    const std::size_t index_;
    const Options& options_;
    const std::vector<crypto::SigningKey> keys_;
    const std::size_t quorum_;
    Log log_;
    std::vector<Peer> peers_;
    std::map<std::uint64_t, Round> rounds_;
    std::uint64_t final_ = 0;
    std::vector<double> latencies_us_;
};

// Two ends of a TCP connection on loopback.
std::pair<int, int> connected_pair() {
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    ASHLAR_ASSERT(::bind(listener, any, length) == 0 && ::listen(listener, 1) == 0);
    ASHLAR_ASSERT(::getsockname(listener, any, &length) == 0);
    const int left = ::socket(AF_INET, SOCK_STREAM, 0);
    ASHLAR_ASSERT(::connect(left, any, length) == 0);
    const int right = ::accept(listener, nullptr, nullptr);
    ASHLAR_ASSERT(right >= 0);
    ::close(listener);
    const int on = 1;
    for (const int fd : {left, right}) {
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    return {left, right};
}

std::vector<double> measure(const Options& options) {
    std::vector<crypto::SigningKey> keys;
    for (std::size_t i = 0; i < options.nodes; ++i) {
        keys.push_back(*crypto::SigningKey::from_seed(
            Bytes(crypto::SigningKey::kSeedSize, static_cast<Byte>(i + 1))));
    }
    std::vector<std::unique_ptr<FloorNode>> nodes;
    for (std::size_t i = 0; i < options.nodes; ++i) {
        nodes.push_back(std::make_unique<FloorNode>(i, options, keys));
    }
    std::vector<int> sockets;
    for (std::size_t i = 0; i < options.nodes; ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            const auto [left, right] = connected_pair();
            nodes[i]->connect(left);
            nodes[j]->connect(right);
            sockets.push_back(left);
            sockets.push_back(right);
        }
    }
    std::vector<std::thread> threads;
    for (const auto& node : nodes) threads.emplace_back([raw = node.get()] { raw->run(); });
    for (std::thread& thread : threads) thread.join();
    for (const int socket : sockets) ::close(socket);
    std::vector<double> all;
    for (const auto& node : nodes) {
        all.insert(all.end(), node->latencies_us().begin(), node->latencies_us().end());
    }
    std::sort(all.begin(), all.end());
    return all;
}

}  // namespace

int main(int argument_count, char** arguments) {
    Options options;
    CLI::App app("The least that agreement costs here");
    app.add_option("--nodes", options.nodes, "nodes, each a thread")->check(CLI::Range(2, 64));
    app.add_option("--rounds", options.rounds, "rounds")->check(CLI::Range(200, 1'000'000));
    app.add_option("--block-bytes", options.block_bytes, "size of a block");
    app.add_option("--folder", options.folder, "where the logs are written");
    CLI11_PARSE(app, argument_count, arguments);
    const std::vector<double> sorted = measure(options);
    const auto at = [&sorted](std::size_t percent) {
        return static_cast<std::uint64_t>(sorted[(sorted.size() - 1) * percent / 100]);
    };
    JsonWriter json;
    json.begin_object().number("nodes", options.nodes).number("rounds", sorted.size());
    json.number("block_bytes", options.block_bytes).number("p50_us", at(50));
    json.number("p99_us", at(99)).end_object();
    std::printf("%s\n", json.take().c_str());
    return 0;
}
