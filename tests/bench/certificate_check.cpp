// certificate_check ROUNDS: how long it takes to check a certificate of four validators (three
// signatures), and three signatures by themselves. Built natively and as WebAssembly, to compare.
// Prints medians, in microseconds, as JSON.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "unit/shared/consensus/fixture.h"

namespace {

using namespace ashlar;
using Clock = std::chrono::steady_clock;

template <typename Action>
double median_us(int rounds, const Action& action) {
    std::vector<double> taken;
    for (int round = 0; round < rounds; ++round) {
        const auto begin = Clock::now();
        if (!action()) std::exit(1);
        taken.push_back(std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
    }
    std::sort(taken.begin(), taken.end());
    return taken[taken.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
    const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 500;
    const consensus::testing::Validators validators(4);
    const auto subject =
        consensus::Subject::finalize(consensus::testing::proposal_of(3, "block", 2));
    const auto certificate = validators.certificate(subject, {0, 2, 3});
    const Bytes message = consensus::signed_bytes(validators.chain, subject);
    const double certificate_us = median_us(rounds, [&] {
        return consensus::verify(certificate, validators.chain, validators.set, validators.verifier)
            .has_value();
    });
    const std::vector<consensus::SignerIndex> signers{0, 2, 3};
    const double signatures_us = median_us(rounds, [&] {
        bool all = true;
        for (std::size_t i = 0; i < signers.size(); ++i) {
            all = all && crypto::verify(validators.set.key(signers[i]), message,
                                        certificate.signatures[i]);
        }
        return all;
    });
    std::printf("{\"certificate_us\": %.1f, \"three_signatures_us\": %.1f}\n", certificate_us,
                signatures_us);
    return 0;
}
