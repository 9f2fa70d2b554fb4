#include "git/wire/upload_pack.h"

#include "git/wire/commands.h"
#include "git/wire/fetch_request.h"
#include "git/wire/side_band.h"

namespace ashlar::git {
namespace {

enum class Command : std::uint8_t { none, ls_refs, fetch, object_info, bundle_uri };

Expected<void> take_capability(std::string_view line, Command& command) {
    if (line.starts_with("agent=") || line.starts_with("session-id=") ||
        line.starts_with("server-option=")) {
        return {};
    }
    if (take_prefix(line, "object-format=")) {
        if (line == "sha1") return {};
        return bad_line("object format is not served here, only sha1", line);
    }
    std::string_view name = line;
    if (!take_prefix(name, "command=")) return bad_line("unknown capability", line);
    if (command != Command::none) return bad_line("a request has one command, then came", line);
    if (name == "ls-refs") {
        command = Command::ls_refs;
    } else if (name == "fetch") {
        command = Command::fetch;
    } else if (name == "object-info") {
        command = Command::object_info;
    } else if (name == "bundle-uri") {
        command = Command::bundle_uri;
    } else {
        return bad_line("invalid command", name);
    }
    return {};
}

Expected<std::unique_ptr<ChunkStream>> run(const RepositoryView& repository, Command command,
                                           PacketReader& arguments) {
    switch (command) {
        case Command::ls_refs:
            return answer_ls_refs(repository, arguments);
        case Command::fetch:
            return answer_fetch(repository, arguments);
        case Command::object_info:
            return answer_object_info(repository, arguments);
        case Command::bundle_uri:
            return answer_bundle_uri(repository, arguments);
        case Command::none:
            break;
    }
    return fail(ErrorCode::invalid, "no command requested");
}

Expected<std::unique_ptr<ChunkStream>> answer_version_2(const RepositoryView& repository,
                                                        ByteView request) {
    PacketReader packets(request);
    Command command = Command::none;
    bool any = false;
    while (true) {
        ASHLAR_TRY(std::optional<Packet> packet, packets.next());
        if (!packet) return fail(ErrorCode::invalid, "the request ends before its flush packet");
        if (packet->is_delimiter()) return run(repository, command, packets);
        if (packet->is_flush()) {
            // A flush alone says goodbye.
            Bytes goodbye;
            append_flush(goodbye);
            if (!any) return stream_of(std::move(goodbye));
            PacketReader no_arguments(goodbye);
            return run(repository, command, no_arguments);
        }
        if (!packet->is_data()) return fail(ErrorCode::invalid, "unexpected response end packet");
        any = true;
        ASHLAR_CHECK(take_capability(packet->line(), command));
    }
}

}  // namespace

Expected<std::optional<std::string_view>> next_argument(PacketReader& arguments) {
    ASHLAR_TRY(std::optional<Packet> packet, arguments.next());
    if (!packet) return fail(ErrorCode::invalid, "the request ends before its flush packet");
    if (packet->is_flush()) return std::optional<std::string_view>();
    if (!packet->is_data()) return fail(ErrorCode::invalid, "unexpected packet among arguments");
    return std::optional<std::string_view>(packet->line());
}

Expected<std::unique_ptr<ChunkStream>> serve_upload_pack(const RepositoryView& repository,
                                                         ProtocolVersion version,
                                                         ByteView request) {
    PacketReader packets(request);
    auto answer = [&]() -> Expected<std::unique_ptr<ChunkStream>> {
        if (request.size() > kUploadPackRequestSizeMax) {
            return fail(
                ErrorCode::limit_exceeded,
                "a request may have " + std::to_string(kUploadPackRequestSizeMax) + " bytes");
        }
        if (version == ProtocolVersion::v2) return answer_version_2(repository, request);
        return answer_fetch_version_0(repository, packets);
    }();
    if (answer || is_for_host(answer.error())) return answer;
    Bytes refusal;
    append_error(refusal, answer.error().detail);
    return stream_of(std::move(refusal));
}

}  // namespace ashlar::git
