// git-receive-pack: the command section of a push, and the report that answers it
// (gitprotocol-pack, "Reference Update Request and Packfile Transfer", "Report Status").
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/expected.h"
#include "git/object/object_id.h"
#include "git/wire/pkt_line.h"
#include "git/wire/push_certificate.h"
#include "git/wire/side_band.h"

namespace ashlar::git {

struct RefUpdate {
    ObjectId old_id;   // null: the ref is created
    ObjectId new_id;   // null: the ref is deleted
    std::string name;  // as sent: it may be no valid ref name (see refusal_of)

    bool creates() const { return old_id.is_null(); }
    bool deletes() const { return new_id.is_null(); }
    friend bool operator==(const RefUpdate&, const RefUpdate&) = default;
};

struct PushLimits {
    std::size_t updates_max = 10'000;
    std::size_t shallows_max = 100'000;
    std::size_t options_max = 64;
    std::size_t option_size_max = 4096;                   // bytes of one push option
    std::size_t section_size_max = std::size_t{8} << 20;  // bytes of the whole command section
};

enum class ReportStatus : std::uint8_t { none, v1, v2 };

// What a client asks for, and how it wants the answer.
struct PushRequest {
    std::vector<RefUpdate> updates;  // empty: the client wants nothing (a probe)
    ReportStatus report = ReportStatus::none;
    SideBand side_band = SideBand::none;
    bool atomic = false;
    bool quiet = false;
    std::string agent;                      // of the client; informative only
    std::vector<ObjectId> shallows;         // commits whose parents the client lacks
    std::vector<std::string> push_options;  // any bytes but NUL and LF
    std::optional<PushCertificate> certificate;

    // Whether pack bytes follow the command section: where anything is created or updated.
    bool expects_pack() const;
};

// Parses the command section at the head of a body that arrives piece by piece.
class PushRequestParser {
  public:
    explicit PushRequestParser(const PushLimits& limits = {}) : limits_(limits) {}

    // Takes what belongs to the command section from the front of the input, and moves the input
    // behind it. True once the section has ended: what is left, and all that arrives later, is the
    // pack. Fails with `invalid`, `limit_exceeded` or `unsupported` (another object format); the
    // answer is then encode_push_failure().
    Expected<bool> feed(ByteView& input);
    // To be called when the body ends before feed() was true: an empty body is a request without
    // updates, any other is `invalid`.
    Expected<void> finish();

    // How the client asked for its answer, as far as that is known by now.
    const PushRequest& request() const { return request_; }
    PushRequest take() { return std::move(request_); }

  private:
    enum class Stage : std::uint8_t { commands, certificate, options, done };
    Expected<void> take_packet(const Packet& packet);
    Expected<void> take_command_packet(const Packet& packet);
    Expected<void> take_command(std::string_view line);
    Expected<void> take_capabilities(std::string_view capabilities);
    Expected<void> take_shallow(std::string_view id);
    Expected<void> take_certificate_packet(const Packet& packet);
    Expected<void> take_option_packet(const Packet& packet);
    Expected<void> end_commands();
    Expected<void> check_certified_options() const;

    PushLimits limits_;
    PacketParser packets_;
    PushRequest request_;
    Bytes certificate_text_;
    std::size_t section_size_ = 0;
    Stage stage_ = Stage::commands;
    bool capabilities_seen_ = false;
    bool wants_options_ = false;
};

// Why an update can be refused without asking anybody: a name that no ref may have, or that is
// named twice in the push. Nothing where there is no reason. In the order of the updates.
std::vector<std::optional<std::string>> refusals_of(const PushRequest& request);

// What became of one update.
struct RefOutcome {
    std::string name;
    std::optional<std::string> refusal;  // why not; absent: done
};

// The end of an answer: the report, if the client asked for one, in its side band, and the flush.
// `unpack_failure` is why the pack was refused; absent: "unpack ok". It and the refusals are cut
// to one printable line.
Bytes encode_push_report(const PushRequest& request,
                         const std::optional<std::string>& unpack_failure,
                         const std::vector<RefOutcome>& outcomes);
// As above, where every update fails for one reason.
Bytes encode_push_failure(const PushRequest& request, std::string_view reason);
// A piece of an answer: what the person at the terminal is shown ("remote: ..."). Lines end with
// LF or CR. Empty where the client has no side band or wants it quiet.
Bytes encode_push_progress(const PushRequest& request, std::string_view text);
// As above, and also where the client wants it quiet: what is no progress, as a hook would say it.
Bytes encode_push_message(const PushRequest& request, std::string_view text);

}  // namespace ashlar::git
