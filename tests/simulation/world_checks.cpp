// The course of a run, and the invariants that are checked during and after it.
#include <algorithm>

#include "base/assert.h"
#include "simulation/world.h"

namespace ashlar::simulation {

using namespace consensus;

namespace {
constexpr std::uint64_t kBlocksAfterHealing = 5;
constexpr TimeUs kRecoveryStep = 20 * kMillisecond;
}  // namespace

void World::violate(std::string what) {
    if (report_.violation.empty()) report_.violation = std::move(what);
}

Report World::run() {
    if (plan_.script) plan_.script(*this);
    for (std::size_t i = 0; i < nodes_.size(); ++i) restart(i);
    submit_transactions();
    if (run_until(plan_.duration_us)) {
        heal();
        const Height healed_at = highest();
        if (healed_at.value < plan_.blocks_min) {
            violate("only " + std::to_string(healed_at.value) + " blocks while the faults lasted");
        }
        if (plan_.blocks_max != 0 && healed_at.value > plan_.blocks_max) {
            violate(std::to_string(healed_at.value) + " blocks, where " +
                    std::to_string(plan_.blocks_max) + " are more than the work needs");
        }
        const TimeUs since = now_;
        const Height beyond(healed_at.value + kBlocksAfterHealing);
        while (report_.violation.empty() && !everybody_went_on(beyond)) {
            if (now_ > since + plan_.recovery_us) {
                std::string heights;
                for (const auto& node : nodes_) {
                    heights += " " + std::to_string(node->height().value);
                    if (!node->is_up()) continue;
                    heights += " (epoch " + std::to_string(node->round().epoch.value) + " view " +
                               std::to_string(node->round().view.value) + ")";
                }
                violate("no progress within " + std::to_string(plan_.recovery_us) +
                        " us after the faults stopped, at height " +
                        std::to_string(healed_at.value) + "; heights:" + heights);
                break;
            }
            run_until(now_ + kRecoveryStep);
        }
        report_.recovery_us = now_ - since;
    }
    if (report_.violation.empty()) check_acknowledged(acknowledged_);
    ++report_.checks;
    if (report_.evidence < plan_.evidence_min) {
        violate("of " + std::to_string(plan_.evidence_min) + " contradictions at least, " +
                std::to_string(report_.evidence) + " were reported");
    }
    report_.simulated_us = now_;
    report_.height = highest().value;
    report_.acknowledged = acknowledged_.size();
    return report_;
}

// The faults stop; liars go on lying.
void World::heal() {
    faults_on_ = false;
    join_all();
    links_.loss_ppm = 0;
    links_.duplicate_ppm = 0;
    links_.latency_us = std::min(links_.latency_us, plan_.expected_delay_us / 4);
    links_.jitter_us = std::min(links_.jitter_us, plan_.expected_delay_us / 4);
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        slow_[i] = 0;
        held_down_[i] = false;
        restart(i);
    }
}

Height World::highest() {
    Height height;
    for (const auto& node : nodes_) {
        if (node->is_honest()) height = std::max(height, node->height());
    }
    return height;
}

bool World::everybody_went_on(Height beyond) {
    ++report_.checks;
    return std::all_of(nodes_.begin(), nodes_.end(), [&](const auto& node) {
        return !node->is_honest() || node->height() >= beyond;
    });
}

void World::submit_transactions() {
    submit(static_cast<std::size_t>(random_.below(plan_.validators)));
    at(now_ + plan_.transaction_interval_us, [this] { submit_transactions(); });
}

void World::on_vote_cast(const Node& node, const Vote& vote, const Knowledge& knowledge) {
    ++report_.checks;
    if (vote.subject.kind == VoteKind::finalize && knowledge.equivocated(vote.subject.round())) {
        violate("validator " + std::to_string(node.index()) + " finalizes view " +
                std::to_string(vote.subject.view().value) +
                ", though it knows that the leader equivocated");
    }
}

// Counted here again, from the set alone: whatever the engine takes for enough.
void World::on_certificate(const Node& node, const Certificate& certificate) {
    ++report_.checks;
    const ValidatorSet& set = set_of(certificate.subject.round().epoch);
    const Bytes message = signed_bytes(chain_, certificate.subject);
    std::size_t good = 0;
    std::size_t place = 0;
    for (std::size_t i = 0; i < set.size(); ++i) {
        if ((certificate.signers.at(i / 8) >> (i % 8) & 1U) == 0) continue;
        const SignedBy by{set.keys()[i], certificate.signatures.at(place++)};
        if (verifier_->verify_all(message, {&by, 1})) ++good;
    }
    // Of any two quorums more than f are in both: 2q - n > f, with n > 3f.
    const std::size_t faulty = (set.size() - 1) / 3;
    if (2 * good <= set.size() + faulty) {
        violate("validator " + std::to_string(node.index()) + " believes a certificate of view " +
                std::to_string(certificate.view().value) + " with " + std::to_string(good) +
                " good signatures of " + std::to_string(set.size()));
    }
}

void World::on_vote_sent(const Node& node, const Vote& vote) {
    report_.checks += 2;
    if (!node.disk().holds_durably(vote)) violate("a vote was sent that is not durable");
    Voted& voted = voted_[{node.index(), vote.subject.round()}];
    const Proposal& proposal = vote.subject.proposal;
    const std::string who = "validator " + std::to_string(node.index()) + " in view " +
                            std::to_string(vote.subject.view().value) + ": ";
    if (vote.subject.kind == VoteKind::notarize) {
        if (voted.notarize && !(*voted.notarize == proposal)) violate(who + "two notarizes");
        voted.notarize = proposal;
    } else if (vote.subject.kind == VoteKind::finalize) {
        if (voted.finalize && !(*voted.finalize == proposal)) violate(who + "two finalizes");
        voted.finalize = proposal;
    } else {
        voted.nullify = true;
    }
    if (voted.nullify && voted.finalize) violate(who + "a nullify and a finalize");
    constexpr std::size_t kVotesWatched = 20'000;
    if (voted_.size() > kVotesWatched) voted_.erase(voted_.begin());
}

void World::on_built(const BlockDigest& digest) {
    built_at_.try_emplace(digest, now_);
}

void World::on_final(const Node& node, const BlockSummary& summary, const Digest& root) {
    if (!node.is_honest()) return;
    report_.checks += 2;
    auto [known, fresh] = final_.try_emplace(summary.height, FinalBlock{summary.digest, root});
    if (!(known->second.digest == summary.digest)) {
        violate("two different blocks are final at height " + std::to_string(summary.height.value));
    }
    if (!(known->second.root == root)) {
        violate("two states at height " + std::to_string(summary.height.value));
    }
    report_.epochs = std::max(report_.epochs, summary.epoch.value + 1);
    constexpr std::size_t kLatenciesKept = 200'000;
    auto built = built_at_.find(summary.digest);
    if (built != built_at_.end() && faults_on_ && report_.finality_us.size() < kLatenciesKept) {
        report_.finality_us.push_back(now_ - built->second);
    }
}

void World::on_acknowledged(TransactionNumber number, Height height) {
    acknowledged_.emplace(number, height);
}

// Every transaction that some honest validator acknowledged is applied at every honest one, and
// its pack is stored by more than f of them.
void World::check_acknowledged(std::map<TransactionNumber, Height> acknowledged) {
    // All have to come to the height of the last one first.
    Height last;
    for (const auto& entry : acknowledged) last = std::max(last, entry.second);
    const TimeUs since = now_;
    while (report_.violation.empty() && !everybody_went_on(last)) {
        if (now_ > since + plan_.recovery_us) return violate("not all follow");
        run_until(now_ + kRecoveryStep);
    }
    for (const auto& entry : acknowledged) {
        std::size_t holders = 0;
        for (const auto& node : nodes_) {
            if (!node->is_honest()) continue;
            ++report_.checks;
            if (!node->state().is_applied(entry.first)) {
                violate("transaction " + std::to_string(entry.first) +
                        " was acknowledged at height " + std::to_string(entry.second.value) +
                        ", and is lost at validator " + std::to_string(node->index()));
            }
            if (node->holds_pack(entry.first)) ++holders;
        }
        if (names_pack(entry.first) && holders <= set_of(Epoch(0)).faulty_max()) {
            violate("pack " + std::to_string(entry.first) + " is stored by too few");
        }
    }
}

void World::on_evidence(const Node& node, const Evidence& evidence) {
    ++report_.evidence;
    ++report_.checks;
    const Round round = evidence.first.subject.round();
    const ValidatorSet& set = set_of(round.epoch);
    if (!consensus::verify(evidence, chain_, set, *verifier_)) {
        violate("validator " + std::to_string(node.index()) + " reports evidence that is none");
    } else if (is_honest(set.key(evidence.first.signer))) {
        violate("there is evidence against an honest validator");
    }
}

void World::on_refused(const Node& node, const PublicKey& peer, const std::string& reason) {
    ++report_.refused;
    ++report_.checks;
    if (is_honest(peer)) {
        violate("validator " + std::to_string(node.index()) + " refuses an honest one: " + reason);
    }
}

void World::on_round(const Node&, Round round) {
    if (round <= newest_round_) return;
    report_.views += round.epoch == newest_round_.epoch
                         ? round.view.value - newest_round_.view.value
                         : round.view.value;
    newest_round_ = round;
}

}  // namespace ashlar::simulation
