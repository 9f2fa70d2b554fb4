#include <algorithm>

#include "git/wire/commands.h"
#include "git/wire/fetch_request.h"
#include "git/wire/ref_list.h"

namespace ashlar::git {
namespace {

struct LsRefs {
    bool peel = false;
    bool symrefs = false;
    bool unborn = false;
    std::vector<std::string> prefixes;
};

Expected<LsRefs> parse_ls_refs(PacketReader& arguments) {
    LsRefs command;
    while (true) {
        ASHLAR_TRY(std::optional<std::string_view> line, next_argument(arguments));
        if (!line) break;
        if (*line == "peel") {
            command.peel = true;
        } else if (*line == "symrefs") {
            command.symrefs = true;
        } else if (*line == "unborn") {
            command.unborn = true;
        } else if (take_prefix(*line, "ref-prefix ")) {
            // Prefixes only narrow the answer: who gives too many gets everything, as from git.
            if (command.prefixes.size() <= kRefPrefixesMax) command.prefixes.emplace_back(*line);
        } else {
            return bad_line("ls-refs: unexpected line", *line);
        }
    }
    if (command.prefixes.size() > kRefPrefixesMax) command.prefixes.clear();
    if (command.prefixes.empty()) command.prefixes.emplace_back();
    return command;
}

Expected<void> append_head(Bytes& to, const RefSource& refs, const LsRefs& command) {
    ASHLAR_TRY(std::string target, refs.head_target());
    ASHLAR_TRY(std::optional<Ref> head, refs.find(target));
    if (!head) {
        if (command.unborn) append_line(to, "unborn HEAD symref-target:" + target);
        return {};
    }
    std::string line = head->id.hex() + " HEAD";
    if (command.symrefs) line += " symref-target:" + target;
    if (command.peel && head->peeled) line += " peeled:" + head->peeled->hex();
    append_line(to, line);
    return {};
}

}  // namespace

Expected<std::unique_ptr<ChunkStream>> answer_ls_refs(const RepositoryView& repository,
                                                      PacketReader& arguments) {
    ASHLAR_TRY(LsRefs command, parse_ls_refs(arguments));
    Bytes head;
    const bool shows_head = std::any_of(
        command.prefixes.begin(), command.prefixes.end(),
        [](const std::string& prefix) { return std::string_view("HEAD").starts_with(prefix); });
    if (shows_head) ASHLAR_CHECK(append_head(head, repository.refs, command));
    const bool peel = command.peel;
    RefWriter writer = [peel](Bytes& to, const Ref& ref) {
        std::string line = ref.id.hex() + " " + ref.name;
        if (peel && ref.peeled) line += " peeled:" + ref.peeled->hex();
        append_line(to, line);
    };
    Bytes tail;
    append_flush(tail);
    return list_refs(repository.refs, std::move(command.prefixes), std::move(head),
                     std::move(writer), std::move(tail));
}

}  // namespace ashlar::git
