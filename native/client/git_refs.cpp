#include "native/client/git_refs.h"

#include <map>

#include "git/wire/pkt_line.h"
#include "git/wire/service.h"

namespace ashlar::client {

namespace {

constexpr std::string_view kHead = "HEAD";
constexpr std::string_view kPeeledSuffix = "^{}";
constexpr std::string_view kNothing = "capabilities^{}";  // listed where there are no refs
constexpr std::string_view kHeadSymref = "symref=HEAD:";
constexpr std::string_view kBranches = "refs/heads/";

struct ShownRef {
    std::string id;
    std::string peeled;  // empty: not told
    std::string target;  // of HEAD
    friend bool operator==(const ShownRef&, const ShownRef&) = default;
};
using ShownRefs = std::map<std::string, ShownRef, std::less<>>;

Unexpected broken(const std::string& why) {
    return fail(ErrorCode::invalid, "git: " + why);
}

std::string shown(std::string_view name) {
    return git::printable_line(name, 256);
}

ShownRefs expected_refs(const ProvenRefs& proven) {
    ShownRefs refs;
    const std::string head = std::string(kBranches) + proven.repository->default_branch;
    for (const git::Ref& ref : proven.list.proof.refs) {
        ShownRef one{ref.id.hex(), ref.peeled ? ref.peeled->hex() : std::string(), {}};
        if (ref.name == head) refs.emplace(kHead, ShownRef{one.id, one.peeled, head});
        refs.emplace(ref.name, std::move(one));
    }
    return refs;
}

// "<id> <name>[ symref-target:<ref>][ peeled:<id>]"
Expected<ShownRefs> read_version_2(ByteView body) {
    ShownRefs refs;
    git::PacketReader packets(body);
    while (true) {
        ASHLAR_TRY(const auto packet, packets.next());
        if (!packet) return broken("the list of refs has no end");
        if (packet->is_flush()) return refs;
        std::string_view line = packet->line();
        if (!packet->is_data() || line.size() < 42) return broken("a line of refs is malformed");
        ShownRef ref;
        ref.id = line.substr(0, 40);
        line.remove_prefix(41);
        const std::string name(line.substr(0, line.find(' ')));
        line.remove_prefix(name.size());
        while (line.starts_with(' ')) {
            line.remove_prefix(1);
            std::string_view word = line.substr(0, line.find(' '));
            line.remove_prefix(word.size());
            if (word.starts_with("peeled:")) ref.peeled = word.substr(7);
            if (word.starts_with("symref-target:")) ref.target = word.substr(14);
        }
        if (!refs.emplace(name, std::move(ref)).second) {
            return broken(shown(name) + " is listed twice");
        }
    }
}

void note_head_target(std::string_view capabilities, ShownRefs& refs) {
    const std::size_t at = capabilities.find(kHeadSymref);
    const auto head = refs.find(kHead);
    if (at == std::string_view::npos || head == refs.end()) return;
    capabilities.remove_prefix(at + kHeadSymref.size());
    head->second.target = capabilities.substr(0, capabilities.find(' '));
}

// "<id> <name>", "<id> <name>^{}"; behind the first a NUL and the capabilities.
Expected<ShownRefs> read_version_0(ByteView body) {
    ShownRefs refs;
    git::PacketReader packets(body);
    ASHLAR_TRY(const auto service, packets.next());
    ASHLAR_TRY(const auto flush, packets.next());
    if (!service || !flush || !flush->is_flush()) return broken("the advertisement is malformed");
    std::string capabilities;
    while (true) {
        ASHLAR_TRY(const auto packet, packets.next());
        if (!packet) return broken("the advertisement has no end");
        if (packet->is_flush()) break;
        std::string_view line = packet->line();
        if (!packet->is_data() || line.size() < 42) return broken("a line of refs is malformed");
        const std::string id(line.substr(0, 40));
        std::string name(line.substr(41));
        if (const std::size_t nul = name.find('\0'); nul != std::string::npos) {
            capabilities = name.substr(nul + 1);
            name.resize(nul);
        }
        if (name == kNothing) continue;
        if (name.ends_with(kPeeledSuffix)) {
            name.resize(name.size() - kPeeledSuffix.size());
            const auto found = refs.find(name);
            if (found == refs.end()) return broken(shown(name) + " is peeled and not listed");
            found->second.peeled = id;
        } else if (!refs.emplace(name, ShownRef{id, {}, {}}).second) {
            return broken(shown(name) + " is listed twice");
        }
    }
    note_head_target(capabilities, refs);
    return refs;
}

Expected<void> compare(const ShownRefs& expected, const ShownRefs& shown_refs) {
    for (const auto& [name, ref] : expected) {
        const auto found = shown_refs.find(name);
        if (found == shown_refs.end()) return broken(shown(name) + " is left out");
        const ShownRef& other = found->second;
        if (other.id != ref.id) {
            return broken(shown(name) + " is shown as " + shown(other.id) + ", and proven to be " +
                          ref.id);
        }
        if (other != ref) return broken(shown(name) + " is shown with another target");
    }
    for (const auto& [name, ref] : shown_refs) {
        if (!expected.contains(name)) return broken(shown(name) + " is shown, and proven absent");
    }
    return {};
}

HttpCall version_2_call(const RepositoryAddress& address) {
    HttpCall call;
    call.method = "POST";
    call.target = address.path + "/git-upload-pack";
    call.headers = {{"content-type", git::request_content_type(git::Service::upload_pack)},
                    {"git-protocol", "version=2"}};
    git::append_line(call.body, "command=ls-refs");
    git::append_delimiter(call.body);
    git::append_line(call.body, "peel");
    git::append_line(call.body, "symrefs");
    git::append_flush(call.body);
    return call;
}

Expected<Bytes> ask(const HttpClient& server, const HttpCall& call) {
    ASHLAR_TRY(HttpAnswer answer, server.ask(call, codec::kRefListBytesMax));
    if (answer.status == 200) return std::move(answer.body);
    return fail(answer.status >= 500 ? ErrorCode::unavailable : ErrorCode::not_found,
                server.server().origin + call.target + " answers git with status " +
                    std::to_string(answer.status));
}

}  // namespace

Expected<void> compare_git_refs(const HttpClient& server, const RepositoryAddress& address,
                                const ProvenRefs& proven) {
    const ShownRefs expected = expected_refs(proven);
    ASHLAR_TRY(const Bytes version_2, ask(server, version_2_call(address)));
    ASHLAR_TRY(const ShownRefs in_version_2, read_version_2(version_2));
    ASHLAR_CHECK(compare(expected, in_version_2));

    HttpCall call;
    call.target = address.path + "/info/refs?service=git-upload-pack";
    ASHLAR_TRY(const Bytes version_0, ask(server, call));
    ASHLAR_TRY(const ShownRefs in_version_0, read_version_0(version_0));
    return compare(expected, in_version_0);
}

}  // namespace ashlar::client
