// A handler to test the server with: it answers what it was sent.
#pragma once

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

#include "native/http/http_server.h"

namespace ashlar::http {

inline constexpr std::uint64_t kEchoBytesMax = 1 << 20;

// Counts a body and says so.
class CountingExchange : public HttpExchange {
  public:
    CountingExchange(std::atomic<int>& abandoned, bool discards)
        : abandoned_(abandoned), discards_(discards) {}
    ~CountingExchange() override {
        if (!responded_) ++abandoned_;
    }
    BodyDemand on_body(Bytes piece) override {
        size_ += piece.size();
        for (Byte byte : piece) sum_ += byte;
        return discards_ ? BodyDemand::discard : BodyDemand::more;
    }
    HttpReply respond() override {
        responded_ = true;
        return text_reply(200, std::to_string(size_) + " bytes, sum " + std::to_string(sum_));
    }

  private:
    std::atomic<int>& abandoned_;
    bool discards_;
    bool responded_ = false;
    std::uint64_t size_ = 0;
    std::uint64_t sum_ = 0;
};

class TextStream : public ChunkStream {
  public:
    explicit TextStream(std::vector<Chunk> chunks, std::chrono::milliseconds pause = {})
        : chunks_(std::move(chunks)), pause_(pause) {}
    Expected<std::optional<Chunk>> next() override {
        std::this_thread::sleep_for(pause_);
        if (at_ == chunks_.size()) return std::optional<Chunk>();
        return std::optional<Chunk>(chunks_[at_++]);
    }

  private:
    std::vector<Chunk> chunks_;
    std::chrono::milliseconds pause_;
    std::size_t at_ = 0;
};

class BrokenStream : public ChunkStream {
  public:
    Expected<std::optional<Chunk>> next() override {
        if (first_) {
            first_ = false;
            return std::optional<Chunk>(to_bytes("half of it"));
        }
        return fail(ErrorCode::corrupt, "the rest is damaged");
    }

  private:
    bool first_ = true;
};

// A file of letters; unlinked at once.
class LetterFile : public RandomAccess {
  public:
    explicit LetterFile(std::string content) : content_(std::move(content)), file_(std::tmpfile()) {
        std::fwrite(content_.data(), 1, content_.size(), file_);
        std::fflush(file_);
    }
    ~LetterFile() override { std::fclose(file_); }
    std::uint64_t size() const override { return content_.size(); }
    Expected<void> read(std::uint64_t offset, std::span<Byte> into) const override {
        if (pread(fileno(file_), into.data(), into.size(), static_cast<off_t>(offset)) !=
            static_cast<ssize_t>(into.size())) {
            return fail(ErrorCode::corrupt, "the file is too short");
        }
        return {};
    }
    std::optional<int> file_descriptor() const override { return fileno(file_); }

  private:
    std::string content_;
    std::FILE* file_;
};

// Works until it is released.
class HeldExchange : public HttpExchange {
  public:
    HeldExchange(std::atomic<int>& running, std::atomic<bool>& released)
        : running_(running), released_(released) {}
    BodyDemand on_body(Bytes) override { return BodyDemand::more; }
    HttpReply respond() override {
        ++running_;
        while (!released_) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return text_reply(200, "released");
    }

  private:
    std::atomic<int>& running_;
    std::atomic<bool>& released_;
};

class EchoHandler : public HttpHandler {
  public:
    std::atomic<int> held_running{0};
    std::atomic<bool> released{false};
    std::atomic<int> abandoned{0};
    std::atomic<int> slow_running{0};
    std::shared_ptr<const RandomAccess> file;
    std::vector<Chunk> parts;

    std::optional<HttpReply> answer_at_once(const api::Request& head) override {
        if (head.path != "/probe") return std::nullopt;
        return text_reply(200, "alive");
    }

    std::variant<HttpReply, HttpPlan> start(api::Request head, const Peer&) override {
        if (head.path == "/count" || head.path == "/discard") {
            return HttpPlan{std::make_unique<CountingExchange>(abandoned, head.path == "/discard"),
                            kEchoBytesMax, Lane::quick};
        }
        if (head.path == "/held" || head.path == "/held-quick") {
            return HttpPlan{std::make_unique<HeldExchange>(held_running, released), 0,
                            head.path == "/held" ? Lane::long_running : Lane::quick};
        }
        if (head.path == "/throw") throw std::runtime_error("on purpose");
        if (head.path == "/slow") {
            ++slow_running;
            std::this_thread::sleep_for(std::chrono::milliseconds(300));
        }
        HttpReply reply = text_reply(200, head.method + " " + head.path + "?" + head.query);
        if (head.path == "/inject") {
            reply.response.headers.emplace_back("x-name", "one\r\nx-evil: two");
        } else if (head.path == "/stream") {
            reply.response.body = std::make_unique<TextStream>(
                std::vector<Chunk>{to_bytes("one "), to_bytes("two "), to_bytes("three")});
        } else if (head.path == "/parts") {
            reply.response.body = std::make_unique<TextStream>(parts);
        } else if (head.path == "/broken") {
            reply.response.body = std::make_unique<BrokenStream>();
        } else if (head.path == "/long") {
            reply.keepalive = [] { return to_bytes("~"); };
            reply.response.body = std::make_unique<TextStream>(
                std::vector<Chunk>{to_bytes("<end>")}, std::chrono::milliseconds(250));
        } else if (head.path == "/file") {
            reply.response.headers.emplace_back("content-length",
                                                std::to_string(file->size() - 10));
            reply.response.body = std::make_unique<TextStream>(std::vector<Chunk>{
                StoredRange{file, 5, file->size() - 15}, StoredRange{file, 0, 5}});
        }
        return reply;
    }
};

}  // namespace ashlar::http
