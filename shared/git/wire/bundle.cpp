#include "git/wire/bundle.h"

#include <algorithm>

#include "git/object/ref_name.h"

namespace ashlar::git {
namespace {

constexpr std::string_view kSignature = "# v2 git bundle\n";
constexpr std::string_view kOtherSignature = "# v";
constexpr std::size_t kHexSize = ObjectId::kSize * 2;

Unexpected bad_header(std::string_view what) {
    return fail(ErrorCode::invalid, "bundle: " + std::string(what));
}

// The next line without its line feed; the view moves behind it.
Expected<std::string_view> take_line(std::string_view& rest) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) return bad_header("its header does not end");
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return line;
}

// "-<id> <comment>"
Expected<void> take_prerequisite(BundleHeader& header, std::string_view line) {
    if (!header.refs.empty()) return bad_header("a prerequisite behind a ref");
    if (line.size() > kHexSize && line[kHexSize] != ' ') return bad_header("a prerequisite");
    ASHLAR_TRY(const ObjectId id, ObjectId::from_hex(line.substr(0, kHexSize)));
    header.prerequisites.push_back(id);
    return {};
}

// "<id> <name>"
Expected<void> take_ref(BundleHeader& header, std::string_view line) {
    if (line.size() < kHexSize + 2 || line[kHexSize] != ' ') return bad_header("a ref's line");
    Ref ref;
    ASHLAR_TRY(ref.id, ObjectId::from_hex(line.substr(0, kHexSize)));
    ref.name = line.substr(kHexSize + 1);
    if (ref.name != "HEAD") ASHLAR_CHECK(check_ref_name(ref.name));
    header.refs.push_back(std::move(ref));
    return {};
}

}  // namespace

Bytes encode_bundle_header(const BundleHeader& header) {
    Bytes bytes = to_bytes(kSignature);
    for (const ObjectId& id : header.prerequisites) append(bytes, "-" + id.hex() + " \n");
    for (const Ref& ref : header.refs) append(bytes, ref.id.hex() + " " + ref.name + "\n");
    bytes.push_back('\n');
    return bytes;
}

Expected<BundleHeader> parse_bundle_header(ByteView& bundle) {
    const std::string_view bounded =
        as_text(bundle.first(std::min(bundle.size(), kBundleHeaderSizeMax)));
    std::string_view rest = bounded;
    if (!rest.starts_with(kSignature)) {
        return rest.starts_with(kOtherSignature)
                   ? fail(ErrorCode::unsupported, "bundle: only version 2 is read here")
                   : bad_header("it does not begin as one");
    }
    rest.remove_prefix(kSignature.size());
    BundleHeader header;
    while (true) {
        ASHLAR_TRY(const std::string_view line, take_line(rest));
        if (line.empty()) break;
        if (header.refs.size() + header.prerequisites.size() == kBundleRefsMax) {
            return fail(ErrorCode::limit_exceeded,
                        "bundle: more than " + std::to_string(kBundleRefsMax) + " lines");
        }
        ASHLAR_CHECK(line.front() == '-' ? take_prerequisite(header, line.substr(1))
                                         : take_ref(header, line));
    }
    bundle = bundle.subspan(bounded.size() - rest.size());
    return header;
}

}  // namespace ashlar::git
