#include "consensus/signatures.h"

#include <algorithm>
#include <utility>

namespace ashlar::consensus {

bool Ed25519Verifier::verify_all(ByteView message, std::span<const SignedBy> signatures) const {
    return std::all_of(signatures.begin(), signatures.end(), [&](const SignedBy& by) {
        return crypto::verify(by.key, message, by.signature);
    });
}

std::vector<std::size_t> find_bad(const Verifier& verifier, ByteView message,
                                  std::span<const SignedBy> signatures) {
    std::vector<std::size_t> bad;
    std::vector<std::pair<std::size_t, std::size_t>> ranges{{0, signatures.size()}};
    while (!ranges.empty()) {
        auto [from, to] = ranges.back();
        ranges.pop_back();
        if (from == to) continue;
        if (verifier.verify_all(message, signatures.subspan(from, to - from))) continue;
        if (to - from == 1) {
            bad.push_back(from);
            continue;
        }
        std::size_t middle = from + (to - from) / 2;
        ranges.emplace_back(middle, to);
        ranges.emplace_back(from, middle);
    }
    return bad;
}

}  // namespace ashlar::consensus
