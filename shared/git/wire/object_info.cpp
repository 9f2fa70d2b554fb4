#include "git/wire/commands.h"
#include "git/wire/fetch_request.h"
#include "git/wire/pack_answer.h"

namespace ashlar::git {

Expected<std::unique_ptr<ChunkStream>> answer_object_info(const RepositoryView& repository,
                                                          PacketReader& arguments) {
    bool shows_size = false;
    FetchRequest asked;
    while (true) {
        ASHLAR_TRY(std::optional<std::string_view> line, next_argument(arguments));
        if (!line) break;
        if (*line == "size") {
            shows_size = true;
        } else if (take_prefix(*line, "oid ")) {
            Expected<ObjectId> id = ObjectId::from_hex(*line);
            if (!id)
                return bad_line("object-info: protocol error, expected to get oid, not", *line);
            if (asked.wants.size() == kObjectInfosMax) {
                return fail(ErrorCode::limit_exceeded, "object-info: a request may name " +
                                                           std::to_string(kObjectInfosMax) +
                                                           " objects");
            }
            asked.wants.push_back(*id);
        } else {
            return bad_line("object-info: unexpected line", *line);
        }
    }
    // What may not be fetched may not be asked about.
    ASHLAR_CHECK(FetchSession(repository, asked).check_wants());
    Bytes answer;
    if (shows_size) append_line(answer, "size");
    for (const ObjectId& id : asked.wants) {
        ASHLAR_TRY(ObjectInfo info, repository.objects.info(id));
        append_line(answer, shows_size ? id.hex() + " " + std::to_string(info.size) : id.hex());
    }
    append_flush(answer);
    return stream_of(std::move(answer));
}

}  // namespace ashlar::git
