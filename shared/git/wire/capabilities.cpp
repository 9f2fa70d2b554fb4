#include "git/wire/capabilities.h"

namespace ashlar::git {
namespace {

// An agent of unprintable characters or spaces would break the list that it stands in.
std::string cleaned(std::string_view text) {
    std::string result(text);
    for (char& character : result) {
        if (character <= ' ' || character > '~') character = '.';
    }
    return result;
}

void append_identity(std::string& list, const ServerIdentity& identity) {
    list += " object-format=sha1 agent=" + cleaned(identity.agent);
    if (!identity.session_id.empty()) list += " session-id=" + cleaned(identity.session_id);
}

}  // namespace

std::string upload_pack_capabilities(const ServerIdentity& identity, std::string_view head_target) {
    std::string list =
        "multi_ack thin-pack side-band side-band-64k ofs-delta shallow deepen-since deepen-not"
        " deepen-relative no-progress include-tag multi_ack_detailed allow-tip-sha1-in-want"
        " allow-reachable-sha1-in-want no-done filter";
    if (!head_target.empty()) list += " symref=HEAD:" + std::string(head_target);
    append_identity(list, identity);
    return list;
}

std::string receive_pack_capabilities(const ServerIdentity& identity) {
    std::string list =
        "report-status report-status-v2 delete-refs side-band-64k quiet atomic ofs-delta"
        " push-options";
    if (!identity.push_certificate_nonce.empty()) {
        list += " push-cert=" + cleaned(identity.push_certificate_nonce);
    }
    if (!identity.takes_thin_packs) list += " no-thin";
    append_identity(list, identity);
    return list;
}

std::vector<std::string> version_2_capabilities(const ServerIdentity& identity) {
    std::vector<std::string> lines = {
        "agent=" + cleaned(identity.agent),
        "ls-refs=unborn",
        std::string("fetch=shallow wait-for-done filter ref-in-want sideband-all") +
            (identity.offers_downloads ? " packfile-uris" : ""),
        "server-option",
        "object-format=sha1",
    };
    if (!identity.session_id.empty()) lines.push_back("session-id=" + cleaned(identity.session_id));
    lines.emplace_back("object-info");
    if (identity.offers_downloads) lines.emplace_back("bundle-uri");
    return lines;
}

}  // namespace ashlar::git
