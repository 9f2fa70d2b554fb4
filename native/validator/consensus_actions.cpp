// What the engine says, carried out.
#include <algorithm>
#include <cstdio>
#include <iterator>
#include <utility>

#include "base/assert.h"
#include "chain/state_reader.h"
#include "codec/block.h"
#include "codec/consensus_messages.h"
#include "forge/rules.h"
#include "native/node/evidence_rows.h"
#include "native/validator/anchor.h"
#include "native/validator/consensus_orderer.h"
#include "native/validator/pack_claims.h"
#include "native/validator/stored_answers.h"

namespace ashlar::validator {
namespace {

peer::Channel peer_channel_of(const consensus::Message& message) {
    return static_cast<peer::Channel>(consensus::channel_of(message));
}

}  // namespace

void ConsensusOrderer::step(consensus::Event event) {
    events_.push_back(std::move(event));
    if (stepping_) return;
    stepping_ = true;
    while (!events_.empty() && !given_up_) {
        consensus::Event next = std::move(events_.front());
        events_.pop_front();
        execute(engine_.step(std::move(next), now_us()));
    }
    stepping_ = false;
}

void ConsensusOrderer::execute(consensus::Actions actions) {
    for (consensus::Action& action : actions) {
        if (given_up_) return;
        std::visit([this](auto& content) { carry_out(content); }, action);
    }
}

void ConsensusOrderer::carry_out(consensus::Persist& action) {
    persisted_ = action.sequence;
    const auto* vote = std::get_if<consensus::Vote>(&action.record);
    if (parts_.journal_lost && !first_vote_ && vote != nullptr) {
        first_vote_ = vote->subject.round();
    }
    parts_.journal->append(action.record);
}

void ConsensusOrderer::carry_out(consensus::Sync&) {
    sync_due_ = true;
}

void ConsensusOrderer::sync_journal() {
    sync_due_ = false;
    const std::uint64_t upto = persisted_;
    const auto synced = parts_.journal->sync();
    if (!synced) {
        given_up_ = true;
        return give_up({ErrorCode::unavailable,
                        "the validator could not write its journal: " + synced.error().message()});
    }
    step(consensus::Synced{upto});
}

// Certificates wait for the votes of their turn: the others mostly make them of votes themselves,
// and what goes together costs one wake-up and one write.
void ConsensusOrderer::carry_out(consensus::Send& action) {
    if (std::holds_alternative<consensus::Certificate>(action.message)) {
        hold(std::move(action));
    } else {
        put_out(action);
    }
}

void ConsensusOrderer::hold(consensus::Send action) {
    const auto& certificate = std::get<consensus::Certificate>(action.message);
    if (action.to || certificate.kind() != consensus::VoteKind::finalize) {
        held_.push_back(std::move(action));
        return;
    }
    if (!finalization_)
        finalization_due_ = std::chrono::steady_clock::now() + kFinalizationPatience;
    finalization_ = std::move(action);
}

void ConsensusOrderer::release_held() {
    bool for_all = !out_.empty();
    for (const consensus::Send& action : std::exchange(held_, {})) {
        for_all = for_all || !action.to;
        put_out(action);
    }
    if (!finalization_) return;
    if (!for_all && std::chrono::steady_clock::now() < finalization_due_) return;
    put_out(*finalization_);
    finalization_.reset();
}

void ConsensusOrderer::put_out(const consensus::Send& action) {
    out_.push_back({action.to, peer_channel_of(action.message),
                    std::make_shared<const Bytes>(codec::encode(action.message))});
}

void ConsensusOrderer::send_out() {
    if (out_.empty()) return;
    parts_.transport.send_all(out_);
    out_.clear();
}

void ConsensusOrderer::carry_out(consensus::SetTimer& action) {
    timer_at_ = action.at;
}

void ConsensusOrderer::carry_out(consensus::Build& action) {
    // The parent may have become final a moment ago, without having been run here.
    if (!blocks_.tip_of(action.parent)) hand_over_runs();
    const auto parent = blocks_.tip_of(action.parent);
    // It is far from the state here, which waits for packs: the view passes to another leader.
    if (!parent) return;
    const auto waiting = pool_.candidates(blocks_.transactions_up_to(action.parent));
    const std::uint64_t now_ms = parts_.clock.now_ms();
    auto built = executor_.build(*parent, waiting, now_ms);
    if (!built) {
        given_up_ = true;
        return give_up(built.error());
    }
    for (const auto& [id, reason] : built->dropped) {
        const auto* entry = pool_.find(id);
        const bool expired = entry != nullptr && entry->expires_ms <= now_ms;
        if (const Completion waits = pool_.drop(id)) waits(Unexpected(expired ? late() : reason));
    }
    Bytes bytes = codec::encode(built->executed.block);
    keep_packs_of(blocks_.add(std::move(built->executed)));
    step(consensus::BlockBuilt{action.round, std::move(bytes)});
}

void ConsensusOrderer::carry_out(consensus::Check& action) {
    const ledger::BlockDigest digest = action.digest;
    checks_.insert_or_assign(digest, std::move(action));
    chain_changed_ = true;
}

void ConsensusOrderer::try_checks() {
    for (auto at = checks_.begin(); at != checks_.end() && !given_up_;) {
        if (try_check(at->second)) {
            at = checks_.erase(at);
        } else {
            ++at;
        }
    }
}

bool ConsensusOrderer::try_check(const consensus::Check& check) {
    PendingBlock* pending = blocks_.find(check.digest);
    if (pending == nullptr) {
        auto block = codec::decode_block(check.block);
        ASHLAR_ASSERT(block.has_value());
        // What became final left it behind.
        if (block->header.height <= final_height_) return true;
        const auto parent = blocks_.tip_of(check.parent);
        if (!parent) return false;
        const std::uint64_t block_ms = block->header.time_ms;
        const std::uint64_t now_ms = parts_.clock.now_ms();
        auto executed = executor_.check(*parent, std::move(*block), now_ms, &pool_);
        if (!executed && executed.error().code == ErrorCode::unavailable && block_ms > now_ms) {
            const std::uint64_t early_ms = block_ms - now_ms - chain::kClockSkewMaxMs;
            check_again_at_ = std::chrono::steady_clock::now() +
                              std::chrono::milliseconds(std::min<std::uint64_t>(early_ms, 1000));
            return false;
        }
        if (!executed && !forge::is_refusal(executed.error().code)) {
            given_up_ = true;
            give_up(executed.error());
            return false;
        }
        if (!executed) {
            std::fprintf(stderr, "ashlar: a proposed block is refused: %s\n",
                         executed.error().message().c_str());
            on_checked(check.digest, Verdict::bad, {});
            return true;
        }
        pending = &blocks_.add(std::move(*executed));
    }
    ask_gate(check, *pending);
    return true;
}

void ConsensusOrderer::ask_gate(const consensus::Check& check, PendingBlock& pending) {
    PackQuestion question;
    if (!pending.packs_stored) question.claims = claims_of(*pending.executed);
    if (question.claims.empty()) {
        pending.packs_stored = true;
        return on_checked(check.digest, Verdict::good, std::move(pending.kept));
    }
    auto asker = std::make_shared<const consensus::Check>(check);
    question.rows = blocks_.frozen_rows(check.parent);
    question.holder = check.proposer;
    question.asker = asker;
    asked_[check.digest] = std::move(asker);
    parts_.gate.check(std::move(question),
                      [this, digest = check.digest](Verdict verdict, KeptPacks kept) {
                          inbox_.post([this, digest, verdict, kept = std::move(kept)]() mutable {
                              if (asked_.count(digest) != 0)
                                  on_checked(digest, verdict, std::move(kept));
                          });
                      });
}

void ConsensusOrderer::post_stored(const ledger::BlockDigest& digest, KeptPacks kept) {
    inbox_.post([this, digest, kept = std::move(kept)]() mutable {
        if (PendingBlock* found = blocks_.find(digest)) {
            found->packs_stored = true;
            found->kept = std::move(kept);
        }
        chain_changed_ = true;
    });
}

// Of a block that was built here: what its transactions name was stored when they came.
void ConsensusOrderer::keep_packs_of(PendingBlock& pending) {
    if (pending.executed->packs.empty()) {
        pending.packs_stored = true;
        return;
    }
    parts_.gate.keep(pending.executed->packs,
                     [this, digest = pending.executed->digest](KeptPacks kept) {
                         post_stored(digest, std::move(kept));
                     });
}

void ConsensusOrderer::keep_voted_for(const std::vector<consensus::Record>& records) {
    for (const consensus::Record& record : records) {
        const auto* block = std::get_if<consensus::BlockRecord>(&record);
        if (block == nullptr) continue;
        for (const forge::PackReference& pack : packs_named_in(block->block)) {
            parts_.gate.keep({pack}, [this, round = block->round](KeptPacks kept) {
                inbox_.post([this, round, kept = std::move(kept)] {
                    kept_since_start_.emplace_back(round, kept);
                });
            });
        }
    }
}

void ConsensusOrderer::on_checked(const ledger::BlockDigest& digest, Verdict verdict,
                                  KeptPacks kept) {
    const auto asked = asked_.extract(digest);
    if (verdict == Verdict::later) {
        const auto again = std::chrono::steady_clock::now() + kCheckAgain;
        check_again_at_ = std::min(check_again_at_.value_or(again), again);
        if (asked) checks_.insert_or_assign(digest, *asked.mapped());
        return;
    }
    const bool good = verdict == Verdict::good;
    PendingBlock* pending = blocks_.find(digest);
    if (good && pending != nullptr) {
        pending->packs_stored = true;
        pending->kept = std::move(kept);
        chain_changed_ = true;
    }
    work_changed_ = true;
    step(consensus::BlockChecked{digest, good});
}

void ConsensusOrderer::carry_out(consensus::Notarized& action) {
    notarized_ = action.digest;
    working_ = false;  // as the engine takes it from here on
    work_changed_ = true;
}

void ConsensusOrderer::carry_out(consensus::Finalized& action) {
    final_height_ = action.summary.height;
    final_queue_.push(std::move(action));
    chain_changed_ = true;
    work_changed_ = true;
}

void ConsensusOrderer::hand_over_runs() {
    auto runs = final_queue_.take_complete();
    if (!runs) {
        given_up_ = true;
        return give_up(runs.error());
    }
    for (FinalRun& run : *runs) {
        for (const auto& block : run.blocks) {
            for (std::size_t i = 0; i < block->transaction_ids.size(); ++i) {
                Completion completion = pool_.finish(block->transaction_ids[i]);
                if (!completion) continue;
                chain::Receipt receipt{
                    block->transaction_ids[i],     block->block.header.height,  block->digest,
                    static_cast<std::uint32_t>(i), block->block.header.time_ms, block->results[i]};
                run.answers.emplace_back(std::move(completion), std::move(receipt));
            }
        }
        work_changed_ = true;
        writer_->write(std::move(run));
    }
}

void ConsensusOrderer::on_committed(const FinalRun& run) {
    const chain::ExecutedBlock& last = *run.blocks.back();
    for (const auto& block : run.blocks) {
        blocks_.committed(*block);
        // One that was forwarded again meanwhile.
        for (const ledger::TransactionId& id : block->transaction_ids) pool_.finish(id);
    }
    // What the final blocks left behind is asked for no more.
    for (auto at = asked_.begin(); at != asked_.end();) {
        at = blocks_.find(at->first) == nullptr ? asked_.erase(at) : std::next(at);
    }
    const consensus::Round round = run.finalization.subject.round();
    std::erase_if(kept_since_start_, [&](const auto& kept) { return kept.first <= round; });
    const auto dropped =
        run.durable ? parts_.journal->drop_through(*run.durable) : Expected<void>();
    if (!dropped) {
        given_up_ = true;
        return give_up(dropped.error());
    }
    if (parts_.journal_lost && first_vote_ && round > *first_vote_) {
        parts_.journal_lost = false;
        parts_.on_journal_whole();
    }
    end_epoch(last);
    for (const ledger::TransactionId& id : pool_.not_ready()) ask_ready(*pool_.find(id));
    chain_changed_ = true;
    work_changed_ = true;
}

// The last block of an epoch names the validators of the next one, which are in its state.
void ConsensusOrderer::end_epoch(const chain::ExecutedBlock& last) {
    const auto& next = last.block.header.next_validators;
    if (!next || *next == validators_.digest()) return;
    auto set = validators_in(*last.rows);
    if (!set || set->digest() != *next) {
        given_up_ = true;
        return give_up({ErrorCode::corrupt,
                        "the state does not hold the validators that the epoch's last block "
                        "names"});
    }
    validators_ = *set;
    names_ = names_in(*last.rows);
    if (const auto named = codec::RecordState(*last.rows).validators()) parts_.on_epoch(*named);
    step(consensus::EpochChanged{std::move(*set)});
}

void ConsensusOrderer::carry_out(consensus::Serve& action) {
    const std::shared_ptr<const KeyValueReader> snapshot = parts_.rows.snapshot();
    const crypto::PublicKey to = action.to;
    background_->post(to, 0, [this, snapshot, to, request = action.request] {
        const auto answer = answer_from_store(snapshot, request);
        if (!answer) return;
        parts_.transport.send(to, peer::Channel::resolver,
                              std::make_shared<const Bytes>(codec::encode(*answer)));
    });
}

void ConsensusOrderer::carry_out(consensus::ReportEvidence& action) {
    const consensus::Vote& vote = action.evidence.first;
    const codec::EvidenceRecord record{validators_.key(vote.signer), parts_.clock.now_ms(),
                                       action.evidence};
    std::fprintf(stderr, "ashlar: two votes of validator %s contradict each other, in view %llu\n",
                 record.validator.hex().c_str(),
                 static_cast<unsigned long long>(vote.subject.view().value));
    const auto batch = node::keep_evidence(parts_.rows, record);
    const auto kept = batch ? parts_.rows.commit(*batch, Durability::buffered)
                            : Expected<void>(Unexpected(batch.error()));
    if (!kept) {
        given_up_ = true;
        return give_up(kept.error());
    }
    const std::lock_guard lock(mutex_);
    if (evidence_.size() < node::kEvidenceMax) evidence_.push_back(std::move(action.evidence));
}

void ConsensusOrderer::carry_out(consensus::Refuse& action) {
    std::fprintf(stderr, "ashlar: the validator %s is refused: %s\n", action.peer.hex().c_str(),
                 action.reason.c_str());
    parts_.transport.refuse(action.peer, action.reason);
}

}  // namespace ashlar::validator
