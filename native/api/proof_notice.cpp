#include "native/api/proof_notice.h"

#include "api/proof_json.h"

namespace ashlar::native {

namespace {
// Of a push of many refs the proof of all of them is named instead.
constexpr std::size_t kRefsNamedMax = 3;
}  // namespace

std::string proof_notice(const ProofPlace& place, const git::PushRequest& request,
                         const node::PushResult& result) {
    if (!result.height) return "";
    std::vector<std::string> refs;
    for (std::size_t i = 0; i < request.updates.size() && i < result.outcomes.size(); ++i) {
        if (!result.outcomes[i].refusal) refs.push_back(request.updates[i].name);
    }
    if (refs.empty()) return "";
    std::string text = "Final in block " + std::to_string(result.height->value) + "; the proof:\n";
    const auto add = [&](const std::optional<std::string>& ref) {
        text += "  " + place.base_url + api::proof_address(place.owner, place.repository, ref);
        text += "\n";
    };
    if (refs.size() > kRefsNamedMax) {
        add(std::nullopt);
    } else {
        for (const std::string& ref : refs) add(ref);
    }
    return text;
}

}  // namespace ashlar::native
