#include <algorithm>

#include "git/wire/receive_pack.h"

namespace ashlar::git {
namespace {

constexpr std::size_t kShownMax = 200;

Unexpected bad_push(std::string_view what, std::string_view line) {
    return fail(ErrorCode::invalid,
                std::string(what) + ": '" + printable_line(line, kShownMax) + "'");
}

Unexpected over_limit(std::string_view what, std::size_t limit) {
    return fail(ErrorCode::limit_exceeded,
                "a push may have " + std::to_string(limit) + " " + std::string(what));
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

}  // namespace

bool PushRequest::expects_pack() const {
    return std::any_of(updates.begin(), updates.end(),
                       [](const RefUpdate& update) { return !update.deletes(); });
}

Expected<bool> PushRequestParser::feed(ByteView& input) {
    while (stage_ != Stage::done) {
        const std::size_t size_before = input.size();
        ASHLAR_TRY(std::optional<Packet> packet, packets_.next(input));
        section_size_ += size_before - input.size();
        if (section_size_ > limits_.section_size_max) {
            return over_limit("bytes before its pack", limits_.section_size_max);
        }
        if (!packet) return false;
        ASHLAR_CHECK(take_packet(*packet));
    }
    return true;
}

Expected<void> PushRequestParser::finish() {
    if (stage_ == Stage::done || section_size_ == 0) return {};
    return fail(ErrorCode::invalid, "the push ends inside its list of commands");
}

Expected<void> PushRequestParser::take_packet(const Packet& packet) {
    if (!packet.is_data() && !packet.is_flush()) {
        return fail(ErrorCode::invalid, "a delimiter packet has no place in a push");
    }
    switch (stage_) {
        case Stage::commands:
            return take_command_packet(packet);
        case Stage::certificate:
            return take_certificate_packet(packet);
        case Stage::options:
            return take_option_packet(packet);
        case Stage::done:
            break;
    }
    return {};
}

Expected<void> PushRequestParser::take_command_packet(const Packet& packet) {
    if (packet.is_flush()) return end_commands();
    std::string_view line = packet.line();
    if (line.starts_with("shallow ")) return take_shallow(line.substr(8));
    const std::size_t nul = line.find('\0');
    const bool brings_capabilities = nul != std::string_view::npos;
    if (brings_capabilities && !capabilities_seen_) {
        capabilities_seen_ = true;
        ASHLAR_CHECK(take_capabilities(line.substr(nul + 1)));
    }
    line = line.substr(0, nul);
    if (line == "push-cert") {
        if (request_.certificate || !request_.updates.empty()) {
            return fail(ErrorCode::invalid, "a push has commands or one certificate, not both");
        }
        stage_ = Stage::certificate;
        return {};
    }
    if (request_.certificate) {
        return fail(ErrorCode::invalid, "a signed push has no commands outside its certificate");
    }
    return take_command(line);
}

// "<old id> <new id> <ref name>"
Expected<void> PushRequestParser::take_command(std::string_view line) {
    constexpr std::size_t kHexSize = ObjectId::kSize * 2;
    if (line.size() < 2 * kHexSize + 3 || line[kHexSize] != ' ' || line[2 * kHexSize + 1] != ' ') {
        return bad_push("expected '<old id> <new id> <ref>'", line);
    }
    Expected<ObjectId> old_id = ObjectId::from_hex(line.substr(0, kHexSize));
    Expected<ObjectId> new_id = ObjectId::from_hex(line.substr(kHexSize + 1, kHexSize));
    if (!old_id || !new_id) return bad_push("expected '<old id> <new id> <ref>'", line);
    if (request_.updates.size() == limits_.updates_max) {
        return over_limit("ref updates", limits_.updates_max);
    }
    request_.updates.push_back({*old_id, *new_id, std::string(line.substr(2 * kHexSize + 2))});
    return {};
}

Expected<void> PushRequestParser::take_shallow(std::string_view id) {
    Expected<ObjectId> parsed = ObjectId::from_hex(id);
    if (!parsed) return bad_push("expected 'shallow <id>', got", id);
    if (request_.shallows.size() == limits_.shallows_max) {
        return over_limit("shallow commits", limits_.shallows_max);
    }
    request_.shallows.push_back(*parsed);
    return {};
}

// What is not known is passed over, as git does it; object formats are not.
Expected<void> PushRequestParser::take_capabilities(std::string_view capabilities) {
    std::string_view refused_format;
    while (!capabilities.empty()) {
        const std::size_t end = capabilities.find(' ');
        std::string_view word = capabilities.substr(0, end);
        capabilities.remove_prefix(end == std::string_view::npos ? capabilities.size() : end + 1);
        if (word == "report-status" && request_.report == ReportStatus::none) {
            request_.report = ReportStatus::v1;
        } else if (word == "report-status-v2") {
            request_.report = ReportStatus::v2;
        } else if (word == "side-band-64k") {
            request_.side_band = SideBand::large;
        } else if (word == "atomic") {
            request_.atomic = true;
        } else if (word == "quiet") {
            request_.quiet = true;
        } else if (word == "push-options") {
            wants_options_ = true;
        } else if (take_prefix(word, "agent=")) {
            request_.agent = printable_line(word, kShownMax);
        } else if (take_prefix(word, "object-format=") && word != "sha1") {
            refused_format = word;
        }
    }
    if (refused_format.empty()) return {};
    return fail(ErrorCode::unsupported, "object format '" +
                                            printable_line(refused_format, kShownMax) +
                                            "' is not served here, only sha1");
}

Expected<void> PushRequestParser::take_certificate_packet(const Packet& packet) {
    if (packet.is_flush()) return fail(ErrorCode::invalid, "the push certificate does not end");
    if (packet.line() != "push-cert-end") {
        append(certificate_text_, packet.payload);
        if (certificate_text_.size() <= kPushCertificateSizeMax) return {};
        return over_limit("bytes in its certificate", kPushCertificateSizeMax);
    }
    ASHLAR_TRY(PushCertificate certificate, parse_push_certificate(certificate_text_));
    certificate_text_.clear();
    for (const std::string& command : certificate.commands) ASHLAR_CHECK(take_command(command));
    request_.certificate = std::move(certificate);
    stage_ = Stage::commands;
    return {};
}

Expected<void> PushRequestParser::end_commands() {
    stage_ = wants_options_ ? Stage::options : Stage::done;
    return wants_options_ ? Expected<void>() : check_certified_options();
}

Expected<void> PushRequestParser::check_certified_options() const {
    if (!request_.certificate || request_.certificate->push_options == request_.push_options) {
        return {};
    }
    return fail(ErrorCode::invalid, "the push options differ from those in the push certificate");
}

Expected<void> PushRequestParser::take_option_packet(const Packet& packet) {
    if (packet.is_flush()) {
        stage_ = Stage::done;
        return check_certified_options();
    }
    const std::string_view option = packet.line();
    if (option.size() > limits_.option_size_max) {
        return over_limit("bytes in one push option", limits_.option_size_max);
    }
    if (option.find_first_of(std::string_view("\0\n", 2)) != std::string_view::npos) {
        return bad_push("a push option holds a NUL or a line feed", option);
    }
    if (request_.push_options.size() == limits_.options_max) {
        return over_limit("push options", limits_.options_max);
    }
    request_.push_options.emplace_back(option);
    return {};
}

}  // namespace ashlar::git
