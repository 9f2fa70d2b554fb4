#include "git/wire/advertisement.h"

#include <utility>

#include "git/wire/capabilities.h"
#include "git/wire/pkt_line.h"
#include "git/wire/ref_list.h"
#include "git/wire/side_band.h"

namespace ashlar::git {
namespace {

Bytes advertise_version_2(const ServerIdentity& identity) {
    Bytes body;
    append_line(body, "version 2");
    for (const std::string& line : version_2_capabilities(identity)) append_line(body, line);
    append_flush(body);
    return body;
}

// "<id> <name>\0<capabilities>"
std::string first_line(const ObjectId& id, std::string_view name, std::string_view capabilities) {
    std::string line = id.hex() + " " + std::string(name);
    line.push_back('\0');
    line += capabilities;
    return line;
}

void append_ref(Bytes& to, const ObjectId& id, std::string_view name,
                std::string_view capabilities) {
    if (capabilities.empty()) {
        append_line(to, id.hex() + " " + std::string(name));
    } else {
        append_line(to, first_line(id, name, capabilities));
    }
}

Expected<std::string> first_ref_name(const RefSource& refs) {
    std::string name;
    ASHLAR_CHECK(refs.scan("refs/", [&](const Ref& ref) {
        name = ref.name;
        return false;
    }));
    return name;
}

}  // namespace

Expected<std::unique_ptr<ChunkStream>> advertise(Service service, ProtocolVersion version,
                                                 const RefSource& refs,
                                                 const ServerIdentity& identity) {
    Bytes head;
    append_line(head, "# service=" + std::string(to_string(service)));
    append_flush(head);
    if (service == Service::upload_pack && version == ProtocolVersion::v2) {
        append(head, advertise_version_2(identity));
        return stream_of(std::move(head));
    }
    if (version == ProtocolVersion::v1) append_line(head, "version 1");

    std::optional<Ref> head_ref;
    std::string head_target;
    if (service == Service::upload_pack) {
        ASHLAR_TRY(head_target, refs.head_target());
        ASHLAR_TRY(head_ref, refs.find(head_target));
    }
    std::string capabilities =
        service == Service::upload_pack
            ? upload_pack_capabilities(identity, head_ref ? head_target : std::string())
            : receive_pack_capabilities(identity);
    ASHLAR_TRY(std::string first_name, first_ref_name(refs));
    // The capabilities stand behind whatever is listed first, or behind a line that is no ref.
    if (head_ref) append_ref(head, head_ref->id, "HEAD", std::exchange(capabilities, {}));
    if (first_name.empty()) {
        append_ref(head, ObjectId{}, "capabilities^{}", std::exchange(capabilities, {}));
    }
    Bytes tail;
    append_flush(tail);
    // A pusher has no use for what tags point to.
    const bool peels = service == Service::upload_pack;
    RefWriter writer = [first_name, capabilities, peels](Bytes& to, const Ref& ref) {
        append_ref(to, ref.id, ref.name, ref.name == first_name ? capabilities : std::string());
        if (peels && ref.peeled) append_ref(to, *ref.peeled, ref.name + "^{}", {});
    };
    return list_refs(refs, {"refs/"}, std::move(head), std::move(writer), std::move(tail));
}

}  // namespace ashlar::git
