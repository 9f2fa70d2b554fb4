// A fetch in protocol v0 or v1, stateless: each request repeats what was agreed on before
// (gitprotocol-http, "Smart Service git-upload-pack"; git's upload-pack answers line by line, and
// clients wait for just these answers).
#include "git/wire/commands.h"
#include "git/wire/fetch_request.h"
#include "git/wire/pack_answer.h"

namespace ashlar::git {
namespace {

enum class AckMode : std::uint8_t { plain, multi, detailed };

// How often one request may make the server look whether it has enough: each time costs a walk.
constexpr std::size_t kReadyChecksMax = 64;

// How the list of haves ended.
enum class RequestEnd : std::uint8_t {
    before_haves,  // the client only wants to know where its history will be cut
    flush,         // more haves may come in another request
    done,
};

struct FetchVersion0 {
    FetchRequest request;
    AckMode ack_mode = AckMode::plain;
    bool no_done = false;
    bool side_band_small = false;
    bool side_band_large = false;
    RequestEnd end = RequestEnd::before_haves;

    SideBand side_band() const {
        if (side_band_large) return SideBand::large;
        return side_band_small ? SideBand::small : SideBand::none;
    }
};

Expected<void> take_capability(FetchVersion0& fetch, std::string_view word) {
    if (take_fetch_flag(fetch.request, word)) return {};
    if (word == "multi_ack_detailed") {
        fetch.ack_mode = AckMode::detailed;
    } else if (word == "multi_ack" && fetch.ack_mode == AckMode::plain) {
        fetch.ack_mode = AckMode::multi;
    } else if (word == "no-done") {
        fetch.no_done = true;
    } else if (word == "side-band") {
        fetch.side_band_small = true;
    } else if (word == "side-band-64k") {
        fetch.side_band_large = true;
    } else if (take_prefix(word, "object-format=") && word != "sha1") {
        return bad_line("object format is not served here, only sha1", word);
    }
    return {};  // others are passed over, as git does it
}

// "want <id> <capabilities>": the capabilities stand behind the first want only.
Expected<std::string_view> take_capabilities(FetchVersion0& fetch, std::string_view line) {
    constexpr std::size_t kWantSize = 5 + ObjectId::kSize * 2;
    if (!line.starts_with("want ") || line.size() <= kWantSize) return line;
    std::string_view words = line.substr(kWantSize);
    while (!words.empty()) {
        const std::size_t end = words.find(' ');
        ASHLAR_CHECK(take_capability(fetch, words.substr(0, end)));
        words.remove_prefix(end == std::string_view::npos ? words.size() : end + 1);
    }
    if (fetch.side_band_small && fetch.side_band_large) {
        return fail(ErrorCode::invalid, "side-band and side-band-64k cannot be used together");
    }
    return line.substr(0, kWantSize);
}

Expected<void> parse_wants(FetchVersion0& fetch, PacketReader& packets) {
    while (true) {
        ASHLAR_TRY(std::optional<Packet> packet, packets.next());
        if (!packet) return fail(ErrorCode::invalid, "the request ends inside its list of wants");
        if (packet->is_flush()) return {};
        if (!packet->is_data()) return fail(ErrorCode::invalid, "unexpected packet among wants");
        std::string_view line = packet->line();
        if (fetch.request.wants.empty()) {
            ASHLAR_TRY(line, take_capabilities(fetch, line));
        }
        if (line.starts_with("have ")) return bad_line("expected a flush before haves", line);
        ASHLAR_TRY(bool taken, take_fetch_line(fetch.request, line));
        if (!taken) return bad_line("expected want, shallow, deepen or filter, got", line);
    }
}

Expected<void> parse_haves(FetchVersion0& fetch, PacketReader& packets) {
    bool first = true;
    while (true) {
        ASHLAR_TRY(std::optional<Packet> packet, packets.next());
        if (!packet) {
            if (first) return {};
            return fail(ErrorCode::invalid, "the request ends inside its list of haves");
        }
        first = false;
        if (packet->is_flush()) {
            fetch.end = RequestEnd::flush;
            // A client that speaks in rounds without states repeats: the last round counts.
            if (packets.rest().empty()) return {};
            continue;
        }
        const std::string_view line = packet->line();
        if (packet->is_data() && line == "done") {
            fetch.end = RequestEnd::done;
            return {};
        }
        if (!packet->is_data() || !line.starts_with("have ")) {
            return bad_line("expected have, flush or done, got", line);
        }
        ASHLAR_CHECK(take_fetch_line(fetch.request, line));
    }
}

void append_ack(Bytes& to, const ObjectId& id, std::string_view status) {
    append_line(to, "ACK " + id.hex() + std::string(status));
}

// The answers to the haves, in their order; git's clients count on each of them.
class Negotiation {
  public:
    Negotiation(FetchSession& session, const FetchVersion0& fetch,
                const std::vector<ObjectId>& common, Bytes& answer)
        : session_(session), fetch_(fetch), common_(common), answer_(answer) {
        for (const ObjectId& id : common) is_common_.insert(id);
    }

    // True where the pack follows in the same answer.
    Expected<bool> run() {
        for (const ObjectId& id : fetch_.request.haves) {
            if (is_common_.contains(id)) {
                take_common(id);
            } else {
                ASHLAR_CHECK(take_unknown(id));
            }
        }
        return fetch_.end == RequestEnd::done ? end_done() : end_flush();
    }

  private:
    void take_common(const ObjectId& id) {
        last_ = id;
        ++common_count_;
        if (fetch_.ack_mode == AckMode::detailed) append_ack(answer_, id, " common");
        if (fetch_.ack_mode == AckMode::multi) append_ack(answer_, id, " continue");
        if (fetch_.ack_mode == AckMode::plain && common_count_ == 1) append_ack(answer_, id, "");
    }

    // What is not here is answered as if it were once the pack can be made: so the client does
    // not look any deeper.
    Expected<void> take_unknown(const ObjectId& id) {
        any_unknown_ = true;
        if (fetch_.ack_mode == AckMode::plain) return {};
        ASHLAR_TRY(bool ready, is_ready());
        if (!ready) return {};
        if (fetch_.ack_mode == AckMode::detailed) {
            sent_ready_ = true;
            append_ack(answer_, id, " ready");
        } else {
            append_ack(answer_, id, " continue");
        }
        return {};
    }

    // Asked again only after more was found to be common, and never once it is enough.
    Expected<bool> is_ready() {
        if (!ready_ && asked_for_ != common_count_ && checks_++ < kReadyChecksMax) {
            const std::vector<ObjectId> so_far(
                common_.begin(), common_.begin() + static_cast<std::ptrdiff_t>(common_count_));
            ASHLAR_TRY(ready_, session_.ready(so_far));
            asked_for_ = common_count_;
        }
        return ready_;
    }

    Expected<bool> end_flush() {
        if (fetch_.ack_mode == AckMode::detailed && common_count_ > 0 && !any_unknown_) {
            ASHLAR_TRY(bool ready, is_ready());
            if (ready) {
                sent_ready_ = true;
                append_ack(answer_, last_, " ready");
            }
        }
        if (common_count_ == 0 || fetch_.ack_mode != AckMode::plain) append_line(answer_, "NAK");
        if (!fetch_.no_done || !sent_ready_) return false;
        append_ack(answer_, last_, "");
        return true;
    }

    Expected<bool> end_done() {
        if (common_count_ == 0) {
            append_line(answer_, "NAK");
        } else if (fetch_.ack_mode != AckMode::plain) {
            append_ack(answer_, last_, "");
        }
        return true;
    }

    FetchSession& session_;
    const FetchVersion0& fetch_;
    const std::vector<ObjectId>& common_;
    Bytes& answer_;
    ObjectIdSet is_common_;
    ObjectId last_;
    std::size_t common_count_ = 0;
    bool any_unknown_ = false;
    bool sent_ready_ = false;
    bool ready_ = false;
    std::size_t asked_for_ = 0;
    std::size_t checks_ = 0;
};

void append_shallow_info(Bytes& to, const ShallowChange& change) {
    for (const ObjectId& id : change.shallows) append_line(to, "shallow " + id.hex());
    for (const ObjectId& id : change.unshallows) append_line(to, "unshallow " + id.hex());
    append_flush(to);
}

}  // namespace

Expected<std::unique_ptr<ChunkStream>> answer_fetch_version_0(const RepositoryView& repository,
                                                              PacketReader& packets) {
    FetchVersion0 fetch;
    ASHLAR_CHECK(parse_wants(fetch, packets));
    FetchRequest& request = fetch.request;
    if (request.wants.empty()) {
        return fail(ErrorCode::invalid, "the request wants nothing");
    }
    ASHLAR_CHECK(parse_haves(fetch, packets));
    ASHLAR_CHECK(check_fetch_request(request));
    request.haves = without_repeats(request.haves);
    const auto answered = std::make_shared<Fetch>(repository, request);
    FetchSession& session = answered->session;
    ASHLAR_CHECK(session.check_wants());
    ASHLAR_CHECK(session.load_filter());

    Bytes head;
    const bool deepens = request.deepens();
    ASHLAR_TRY(answered->common, session.common_haves());
    if (fetch.end == RequestEnd::before_haves && !deepens) {
        return fail(ErrorCode::invalid, "the request ends after its wants");
    }
    bool sends_pack = false;
    Bytes acknowledgments;
    if (fetch.end != RequestEnd::before_haves) {
        ASHLAR_TRY(sends_pack,
                   Negotiation(session, fetch, answered->common, acknowledgments).run());
    }
    ASHLAR_TRY(answered->change, session.change_shallows());
    if (deepens) append_shallow_info(head, answered->change);
    append(head, acknowledgments);
    if (!sends_pack) return stream_of(std::move(head));

    SideBandParts parts;
    parts.head = std::move(head);
    ASHLAR_CHECK(put_pack(answered, fetch.side_band(), parts));
    if (fetch.side_band() != SideBand::none) append_flush(parts.tail);
    return frame_in_side_band(fetch.side_band(), std::move(parts));
}

}  // namespace ashlar::git
