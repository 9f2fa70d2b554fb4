// The fetch command of protocol v2.
#include "git/wire/commands.h"
#include "git/wire/fetch_request.h"
#include "git/wire/pack_answer.h"
#include "git/wire/packs_elsewhere.h"

namespace ashlar::git {
namespace {

constexpr std::size_t kWantRefsMax = 10'000;

struct FetchCommand {
    FetchRequest request;
    bool sideband_all = false;
    bool wait_for_done = false;
};

// "http,https"
Expected<void> take_protocols(FetchRequest& request, std::string_view list) {
    const std::string_view whole = list;
    while (!list.empty()) {
        const std::size_t end = list.find(',');
        if (request.pack_uri_protocols.size() == kPackUriProtocolsMax) {
            return bad_line("packfile-uris: too many protocols", whole);
        }
        request.pack_uri_protocols.emplace_back(list.substr(0, end));
        list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
    }
    return {};
}

Expected<FetchCommand> parse_fetch(PacketReader& arguments) {
    FetchCommand command;
    while (true) {
        ASHLAR_TRY(std::optional<std::string_view> line, next_argument(arguments));
        if (!line) break;
        if (*line == "done") {
            command.request.done = true;
        } else if (*line == "sideband-all") {
            command.sideband_all = true;
        } else if (*line == "wait-for-done") {
            command.wait_for_done = true;
        } else if (take_prefix(*line, "want-ref ")) {
            if (command.request.want_refs.size() == kWantRefsMax) {
                return fail(
                    ErrorCode::limit_exceeded,
                    "a request may have " + std::to_string(kWantRefsMax) + " lines 'want-ref'");
            }
            command.request.want_refs.emplace_back(*line);
        } else if (take_prefix(*line, "packfile-uris ")) {
            ASHLAR_CHECK(take_protocols(command.request, *line));
        } else if (!take_fetch_flag(command.request, *line)) {
            ASHLAR_TRY(bool taken, take_fetch_line(command.request, *line));
            if (!taken) return bad_line("fetch: unexpected line", *line);
        }
    }
    ASHLAR_CHECK(check_fetch_request(command.request));
    return command;
}

// Lines of the sections before the pack: in sideband-all they go on the data channel.
class SectionWriter {
  public:
    explicit SectionWriter(bool side_band) : side_band_(side_band) {}
    void line(std::string_view text) {
        if (!side_band_) return append_line(bytes_, text);
        append_side_band(bytes_, SideBand::large, SideBandChannel::data,
                         as_bytes(std::string(text) + "\n"));
    }
    void delimiter() { append_delimiter(bytes_); }
    void flush() { append_flush(bytes_); }
    Bytes take() { return std::move(bytes_); }

  private:
    bool side_band_;
    Bytes bytes_;
};

// True where the pack follows in the same answer.
Expected<bool> write_acknowledgments(Fetch& fetch, const FetchCommand& command,
                                     SectionWriter& writer) {
    const std::vector<ObjectId>& common = fetch.common;
    const bool ends = fetch.request.done && !fetch.request.wants.empty();
    if (ends || fetch.request.haves.empty()) return true;
    writer.line("acknowledgments");
    if (common.empty()) writer.line("NAK");
    for (const ObjectId& id : common) writer.line("ACK " + id.hex());
    bool ready = false;
    if (!command.wait_for_done) {
        ASHLAR_TRY(ready, fetch.session.ready(common));
    }
    if (!ready) {
        writer.flush();
        return false;
    }
    writer.line("ready");
    writer.delimiter();
    return true;
}

void write_shallow_info(const ShallowChange& change, SectionWriter& writer) {
    writer.line("shallow-info");
    for (const ObjectId& id : change.shallows) writer.line("shallow " + id.hex());
    for (const ObjectId& id : change.unshallows) writer.line("unshallow " + id.hex());
    writer.delimiter();
}

void write_packfile_uris(const std::vector<PackElsewhere>& packs, SectionWriter& writer) {
    writer.line("packfile-uris");
    for (const PackElsewhere& pack : packs) writer.line(pack.checksum + " " + pack.uri);
    writer.delimiter();
}

Expected<std::unique_ptr<ChunkStream>> answer_command(const RepositoryView& repository,
                                                      FetchCommand& command) {
    const auto fetch = std::make_shared<Fetch>(repository, std::move(command.request));
    const FetchRequest& request = fetch->request;
    FetchSession& session = fetch->session;
    ASHLAR_TRY(std::vector<Ref> wanted_refs, session.resolve_want_refs());
    // Haves without wants are a question of its own: what is common (fetch --negotiate-only).
    if (request.wants.empty() && !(command.wait_for_done && !request.haves.empty())) {
        return fail(ErrorCode::invalid, "fetch: the request wants nothing");
    }
    ASHLAR_CHECK(session.check_wants());
    ASHLAR_CHECK(session.load_filter());
    ASHLAR_TRY(fetch->common, session.common_haves());

    SectionWriter writer(command.sideband_all);
    ASHLAR_TRY(bool sends_pack, write_acknowledgments(*fetch, command, writer));
    if (!sends_pack) return stream_of(writer.take());

    // The document has shallow-info before wanted-refs, and git's client relies on it.
    const bool tells_shallows = request.deepens() || !request.shallows.empty();
    ASHLAR_TRY(fetch->change, session.change_shallows());
    if (tells_shallows) write_shallow_info(fetch->change, writer);
    if (!wanted_refs.empty()) {
        writer.line("wanted-refs");
        for (const Ref& ref : wanted_refs) writer.line(ref.id.hex() + " " + ref.name);
        writer.delimiter();
    }
    std::optional<CloneFromElsewhere> elsewhere;
    if (fetch->common.empty() && !tells_shallows) {
        ASHLAR_TRY(elsewhere, clone_from_elsewhere(repository, request));
    }
    if (elsewhere) write_packfile_uris(elsewhere->packs, writer);
    writer.line("packfile");
    SideBandParts parts;
    parts.head = writer.take();
    if (elsewhere) {
        parts.body.stream = std::move(elsewhere->rest);
    } else {
        ASHLAR_CHECK(put_pack(fetch, SideBand::large, parts));
    }
    append_flush(parts.tail);
    return frame_in_side_band(SideBand::large, std::move(parts));
}

}  // namespace

Expected<std::unique_ptr<ChunkStream>> answer_fetch(const RepositoryView& repository,
                                                    PacketReader& arguments) {
    ASHLAR_TRY(FetchCommand command, parse_fetch(arguments));
    Expected<std::unique_ptr<ChunkStream>> answer = answer_command(repository, command);
    if (answer || !command.sideband_all || is_for_host(answer.error())) return answer;
    // From here on the client expects a channel's byte in each packet, also of an error.
    Bytes refusal;
    append_side_band(refusal, SideBand::large, SideBandChannel::fatal,
                     as_bytes(printable_line(answer.error().detail, 1000) + "\n"));
    append_flush(refusal);
    return stream_of(std::move(refusal));
}

}  // namespace ashlar::git
