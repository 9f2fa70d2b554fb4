// What a request names: the service, the protocol's version; and what the server says of itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ashlar::git {

enum class Service : std::uint8_t { upload_pack, receive_pack };

// "git-upload-pack" or "git-receive-pack".
std::string_view to_string(Service service);
std::optional<Service> service_from(std::string_view name);

enum class ProtocolVersion : std::uint8_t { v0, v1, v2 };

// The highest version that the value of a Git-Protocol header ("version=2", parts parted by
// colons) names and that is served; v0 where it names none.
ProtocolVersion protocol_version_from(std::string_view git_protocol);

// Content-Type of answers: "application/x-git-upload-pack-advertisement" and "...-result". The
// request's has to be "application/x-git-upload-pack-request".
std::string advertisement_content_type(Service service);
std::string request_content_type(Service service);
std::string result_content_type(Service service);

struct ServerIdentity {
    std::string agent;                   // "ashlar/0.1.0"; printable ASCII without spaces
    std::string session_id;              // as agent; empty: not told
    std::string push_certificate_nonce;  // empty: signed pushes are not asked for
    // Off where the base of a delta could be what no ref reaches, and the pusher may not read.
    bool takes_thin_packs = true;
    // Whether there are DownloadOffers (upload_pack.h).
    bool offers_downloads = false;
};

}  // namespace ashlar::git
