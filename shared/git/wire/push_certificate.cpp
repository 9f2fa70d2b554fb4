#include "git/wire/push_certificate.h"

#include <array>
#include <optional>
#include <string_view>

namespace ashlar::git {
namespace {

constexpr std::array<std::string_view, 4> kSignatureBegins = {
    "-----BEGIN SSH SIGNATURE-----", "-----BEGIN PGP SIGNATURE-----", "-----BEGIN PGP MESSAGE-----",
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

Expected<void> take_header(PushCertificate& certificate, std::string_view line) {
    const std::size_t space = line.find(' ');
    const std::string_view key = line.substr(0, space);
    if (space == std::string_view::npos) {
        return fail(ErrorCode::invalid, "push certificate: a header without a value");
    }
    const std::string_view value = line.substr(space + 1);
    if (key == "pusher" && certificate.pusher.empty()) {
        certificate.pusher = value;
    } else if (key == "pushee" && certificate.pushee.empty()) {
        certificate.pushee = value;
    } else if (key == "nonce" && certificate.nonce.empty()) {
        certificate.nonce = value;
    } else if (key == "push-option") {
        certificate.push_options.emplace_back(value);
    } else if (key == "pusher" || key == "pushee" || key == "nonce") {
        return fail(ErrorCode::invalid, "push certificate: two headers " + std::string(key));
    }
    return {};
}

}  // namespace

Expected<PushCertificate> parse_push_certificate(ByteView bytes) {
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
