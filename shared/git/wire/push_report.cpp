#include <map>

#include "git/object/ref_name.h"
#include "git/wire/receive_pack.h"

namespace ashlar::git {
namespace {

// What a client is shown of a reason or a name.
constexpr std::size_t kReasonSizeMax = 1000;
// A ref's name goes back as it came, for the client looks it up by that.
constexpr std::size_t kNameSizeMax = 4096;

void append_report(Bytes& to, const std::optional<std::string>& unpack_failure,
                   const std::vector<RefOutcome>& outcomes) {
    append_line(to, "unpack " + (unpack_failure ? printable_line(*unpack_failure, kReasonSizeMax)
                                                : std::string("ok")));
    for (const RefOutcome& outcome : outcomes) {
        const std::string name = outcome.name.substr(0, kNameSizeMax);
        if (outcome.refusal) {
            append_line(to, "ng " + name + " " + printable_line(*outcome.refusal, kReasonSizeMax));
        } else {
            append_line(to, "ok " + name);
        }
    }
    append_flush(to);
}

}  // namespace

std::vector<std::optional<std::string>> refusals_of(const PushRequest& request) {
    std::map<std::string_view, int> counts;
    for (const RefUpdate& update : request.updates) ++counts[update.name];
    std::vector<std::optional<std::string>> refusals;
    for (const RefUpdate& update : request.updates) {
        std::optional<std::string> refusal;
        Expected<void> valid = check_pushed_ref_name(update.name);
        if (!valid) {
            refusal = "funny refname: " + valid.error().detail;
        } else if (counts[update.name] > 1) {
            refusal = "the push updates this ref more than once";
        } else if (update.creates() && update.deletes()) {
            refusal = "neither an old nor a new object id";
        }
        refusals.push_back(std::move(refusal));
    }
    return refusals;
}

Bytes encode_push_report(const PushRequest& request,
                         const std::optional<std::string>& unpack_failure,
                         const std::vector<RefOutcome>& outcomes) {
    Bytes report;
    if (request.report != ReportStatus::none) append_report(report, unpack_failure, outcomes);
    if (request.side_band == SideBand::none) return report;
    Bytes answer;
    if (request.report == ReportStatus::none && unpack_failure) {
        append_side_band(answer, request.side_band, SideBandChannel::fatal,
                         as_bytes(printable_line(*unpack_failure, kReasonSizeMax) + "\n"));
    }
    append_side_band(answer, request.side_band, SideBandChannel::data, report);
    append_flush(answer);
    return answer;
}

Bytes encode_push_failure(const PushRequest& request, std::string_view reason) {
    // Before the capabilities have been read there is no report to write.
    if (request.report == ReportStatus::none) {
        Bytes answer;
        if (request.side_band == SideBand::none) {
            append_error(answer, reason);
            return answer;
        }
        return encode_push_report(request, std::string(reason), {});
    }
    std::vector<RefOutcome> outcomes;
    for (const RefUpdate& update : request.updates) {
        outcomes.push_back({update.name, std::string(reason)});
    }
    return encode_push_report(request, std::string(reason), outcomes);
}

Bytes encode_push_progress(const PushRequest& request, std::string_view text) {
    return request.quiet ? Bytes() : encode_push_message(request, text);
}

Bytes encode_push_message(const PushRequest& request, std::string_view text) {
    Bytes answer;
    if (request.side_band == SideBand::none) return answer;
    append_side_band(answer, request.side_band, SideBandChannel::progress, as_bytes(text));
    return answer;
}

}  // namespace ashlar::git
