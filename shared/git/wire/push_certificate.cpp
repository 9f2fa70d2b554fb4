#include "git/wire/push_certificate.h"

#include <array>
#include <optional>
#include <string_view>

namespace ashlar::git {
namespace {

constexpr std::string_view kSshBegin = "-----BEGIN SSH SIGNATURE-----";
constexpr std::array<std::string_view, 4> kSignatureBegins = {
    kSshBegin, "-----BEGIN PGP SIGNATURE-----", "-----BEGIN PGP MESSAGE-----",
    "-----BEGIN SIGNED MESSAGE-----"};

// The signature is what follows the last line that begins one.
std::optional<std::size_t> signature_start(std::string_view text) {
    std::optional<std::size_t> start;
    for (std::size_t line = 0; line < text.size();) {
        for (std::string_view begin : kSignatureBegins) {
            if (text.substr(line).starts_with(begin)) start = line;
        }
        const std::size_t end = text.find('\n', line);
        if (end == std::string_view::npos) break;
        line = end + 1;
    }
    return start;
}

class Lines {
  public:
    explicit Lines(std::string_view text) : rest_(text) {}
    std::optional<std::string_view> next() {
        if (rest_.empty()) return std::nullopt;
        const std::size_t end = rest_.find('\n');
        std::string_view line = rest_.substr(0, end);
        rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
        return line;
    }

  private:
    std::string_view rest_;
};

Unexpected over_limit(std::string_view what, std::size_t limit) {
    return fail(ErrorCode::limit_exceeded,
                "a push certificate may have " + std::to_string(limit) + " " + std::string(what));
}

// The header that may come once, and where its value goes; null where it is none of these.
std::string* single_header(PushCertificate& certificate, std::string_view key) {
    if (key == "pusher") return &certificate.pusher;
    if (key == "pushee") return &certificate.pushee;
    return key == "nonce" ? &certificate.nonce : nullptr;
}

Expected<void> take_header(PushCertificate& certificate, std::string_view line) {
    const std::size_t space = line.find(' ');
    const std::string_view key = line.substr(0, space);
    if (space == std::string_view::npos) {
        return fail(ErrorCode::invalid, "push certificate: a header without a value");
    }
    const std::string_view value = line.substr(space + 1);
    if (std::string* single = single_header(certificate, key)) {
        if (!single->empty()) {
            return fail(ErrorCode::invalid, "push certificate: two headers " + std::string(key));
        }
        *single = value;
        return {};
    }
    if (key != "push-option") {
        return fail(ErrorCode::invalid, "push certificate: a header that is not known");
    }
    if (certificate.push_options.size() == kPushCertificateOptionsMax) {
        return over_limit("push options", kPushCertificateOptionsMax);
    }
    certificate.push_options.emplace_back(value);
    return {};
}

}  // namespace

bool PushCertificate::is_signed_by_ssh() const {
    return as_text(signature).starts_with(kSshBegin);
}

Bytes PushCertificate::whole() const {
    Bytes bytes = text;
    append(bytes, signature);
    return bytes;
}

Expected<PushCertificate> parse_push_certificate(ByteView bytes) {
    if (bytes.size() > kPushCertificateSizeMax) {
        return over_limit("bytes", kPushCertificateSizeMax);
    }
    std::string_view whole = as_text(bytes);
    std::optional<std::size_t> start = signature_start(whole);
    if (!start) return fail(ErrorCode::invalid, "push certificate: it has no signature");
    PushCertificate certificate;
    certificate.text = to_bytes(bytes.first(*start));
    certificate.signature = to_bytes(bytes.subspan(*start));

    Lines lines(whole.substr(0, *start));
    if (lines.next() != "certificate version 0.1") {
        return fail(ErrorCode::invalid, "push certificate: its version is not 0.1");
    }
    while (true) {
        std::optional<std::string_view> line = lines.next();
        if (!line) return fail(ErrorCode::invalid, "push certificate: it has no commands");
        if (line->empty()) break;
        ASHLAR_CHECK(take_header(certificate, *line));
    }
    while (std::optional<std::string_view> line = lines.next()) {
        if (certificate.commands.size() == kPushCertificateCommandsMax) {
            return over_limit("commands", kPushCertificateCommandsMax);
        }
        certificate.commands.emplace_back(*line);
    }
    if (certificate.pusher.empty()) {
        return fail(ErrorCode::invalid, "push certificate: it has no pusher");
    }
    if (certificate.commands.empty()) {
        return fail(ErrorCode::invalid, "push certificate: it has no commands");
    }
    return certificate;
}

}  // namespace ashlar::git
