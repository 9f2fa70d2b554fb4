#include "git/wire/service.h"

namespace ashlar::git {

std::string_view to_string(Service service) {
    return service == Service::upload_pack ? "git-upload-pack" : "git-receive-pack";
}

std::optional<Service> service_from(std::string_view name) {
    if (name == "git-upload-pack") return Service::upload_pack;
    if (name == "git-receive-pack") return Service::receive_pack;
    return std::nullopt;
}

ProtocolVersion protocol_version_from(std::string_view git_protocol) {
    ProtocolVersion version = ProtocolVersion::v0;
    while (!git_protocol.empty()) {
        const std::size_t end = git_protocol.find(':');
        const std::string_view part = git_protocol.substr(0, end);
        git_protocol.remove_prefix(end == std::string_view::npos ? git_protocol.size() : end + 1);
        if (part == "version=2") version = ProtocolVersion::v2;
        if (part == "version=1" && version == ProtocolVersion::v0) version = ProtocolVersion::v1;
    }
    return version;
}

std::string advertisement_content_type(Service service) {
    return "application/x-" + std::string(to_string(service)) + "-advertisement";
}

std::string request_content_type(Service service) {
    return "application/x-" + std::string(to_string(service)) + "-request";
}

std::string result_content_type(Service service) {
    return "application/x-" + std::string(to_string(service)) + "-result";
}

}  // namespace ashlar::git
