// The rules of one engine, one at a time; tests/simulation/ has many engines and every fault.
#include "consensus/engine.h"

#include <gtest/gtest.h>

#include "unit/shared/consensus/fixture.h"

namespace ashlar::consensus {
namespace {

using testing::Validators;

constexpr TimeUs kDelay = 1000;
constexpr SignerIndex kOthers[] = {1, 2, 3};

// A block of text: "name|height|parent's name".
class TextFormat final : public BlockFormat {
  public:
    static Bytes block(std::string_view name, std::uint64_t height, std::string_view parent) {
        return to_bytes(std::string(name) + "|" + std::to_string(height) + "|" +
                        std::string(parent));
    }
    Expected<BlockSummary> summarize(ByteView bytes) const override {
        std::string text(as_text(bytes));
        std::size_t first = text.find('|');
        std::size_t second = text.find('|', first + 1);
        if (first == std::string::npos || second == std::string::npos) {
            return fail(ErrorCode::invalid, "no block");
        }
        return BlockSummary{testing::block_named(text.substr(0, first)),
                            testing::block_named(text.substr(second + 1)), Epoch(0),
                            Height(std::stoull(text.substr(first + 1))), std::nullopt};
    }
};

class EngineTest : public ::testing::Test {
  protected:
    // This validator is the one of index `own` of `count`.
    void start(std::size_t count, SignerIndex own, const std::vector<Record>& kept = {},
               TimeUs idle_us = 0) {
        validators = std::make_unique<Validators>(count);
        Settings settings{validators->chain, kDelay, idle_us, false};
        Anchor anchor{{}, Height(0), testing::block_named("genesis"), validators->set, {}};
        engine = std::make_unique<Engine>(settings, anchor, &validators->signers[own],
                                          validators->verifier, format);
        Expected<Actions> begun = engine->start(kept, now);
        ASSERT_TRUE(begun);
        take(std::move(*begun));
    }

    // Carries the journal, and keeps the rest for the test to look at.
    void take(Actions more) {
        for (Action& action : more) {
            if (auto* record = std::get_if<Persist>(&action)) {
                journal.push_back(record->record);
                sequence = record->sequence;
            } else {
                actions.push_back(std::move(action));
            }
        }
    }
    void step(Event event) {
        actions.clear();
        take(engine->step(std::move(event), now));
    }
    void receive(SignerIndex from, Message message) {
        step(Received{validators->set.key(from), std::move(message)});
    }
    void vote(SignerIndex from, const Subject& subject) {
        receive(from, validators->vote(from, subject));
    }

    template <typename T>
    const T* action() const {
        for (const Action& each : actions) {
            if (const T* found = std::get_if<T>(&each)) return found;
        }
        return nullptr;
    }
    template <typename T>
    const T* sent() const {
        for (const Action& each : actions) {
            const Send* send = std::get_if<Send>(&each);
            if (send == nullptr) continue;
            if (const T* found = std::get_if<T>(&send->message)) return found;
        }
        return nullptr;
    }

    // The leader of view 1 is validator 1.
    Proposal first{{Epoch(0), View(1)}, View(0), testing::block_named("one")};
    Bytes first_block = TextFormat::block("one", 1, "genesis");

    TextFormat format;
    std::unique_ptr<Validators> validators;
    std::unique_ptr<Engine> engine;
    std::vector<Record> journal;
    std::uint64_t sequence = 0;
    Actions actions;
    TimeUs now = 1'000'000;
};

TEST_F(EngineTest, builds_on_a_notarized_block_only_where_more_than_it_waits) {
    constexpr TimeUs kIdle = 60'000'000;
    start(4, 2, {}, kIdle);
    step(WorkChanged{true});
    receive(1, BlockMessage{first.round, first_block});
    vote(1, Subject::notarize(first));
    step(BlockChecked{first.block, true});
    step(Synced{sequence});
    vote(3, Subject::notarize(first));
    EXPECT_EQ(engine->round().view, View(2));  // which it leads
    EXPECT_NE(action<Notarized>(), nullptr);
    EXPECT_EQ(action<Build>(), nullptr);
    step(WorkChanged{true});
    EXPECT_NE(action<Build>(), nullptr);
}

TEST_F(EngineTest, alone_finalizes_what_it_builds) {
    start(1, 0);
    ASSERT_NE(action<Build>(), nullptr);
    step(BlockBuilt{{Epoch(0), View(1)}, first_block});
    EXPECT_NE(action<Sync>(), nullptr);
    step(Synced{sequence});
    EXPECT_NE(action<Sync>(), nullptr);  // for the finalize
    step(Synced{sequence});
    const Finalized* final = action<Finalized>();
    ASSERT_NE(final, nullptr);
    EXPECT_EQ(final->summary.height, Height(1));
    EXPECT_EQ(final->block, first_block);
    ASSERT_TRUE(final->finalization);
    EXPECT_TRUE(
        verify(*final->finalization, validators->chain, validators->set, validators->verifier));
}

TEST_F(EngineTest, sends_no_vote_before_it_is_durable) {
    start(4, 1);
    step(BlockBuilt{{Epoch(0), View(1)}, first_block});
    EXPECT_NE(sent<BlockMessage>(), nullptr);
    EXPECT_EQ(sent<Vote>(), nullptr);
    EXPECT_NE(action<Sync>(), nullptr);
    step(Synced{sequence});
    ASSERT_NE(sent<Vote>(), nullptr);
    EXPECT_EQ(sent<Vote>()->subject, Subject::notarize(first));
}

TEST_F(EngineTest, notarizes_only_a_block_that_it_checked) {
    start(4, 0);
    receive(1, BlockMessage{{Epoch(0), View(1)}, first_block});
    ASSERT_NE(action<Check>(), nullptr);
    vote(1, Subject::notarize(first));
    EXPECT_TRUE(journal.empty());
    step(BlockChecked{first.block, true});
    step(Synced{sequence});
    ASSERT_NE(sent<Vote>(), nullptr);
    EXPECT_EQ(sent<Vote>()->subject, Subject::notarize(first));
}

TEST_F(EngineTest, gives_up_a_view_with_a_bad_block_at_once) {
    start(4, 0);
    vote(1, Subject::notarize(first));
    receive(1, BlockMessage{{Epoch(0), View(1)}, first_block});
    step(BlockChecked{first.block, false});
    step(Synced{sequence});
    ASSERT_NE(sent<Vote>(), nullptr);
    EXPECT_EQ(sent<Vote>()->subject, Subject::nullify(first.round));
}

TEST_F(EngineTest, gives_up_a_view_when_no_proposal_comes_and_then_notarizes_nothing_in_it) {
    start(4, 0);
    now += 2 * kDelay;
    step(TimerFired{});
    step(Synced{sequence});
    ASSERT_NE(sent<Vote>(), nullptr);
    EXPECT_EQ(sent<Vote>()->subject, Subject::nullify(first.round));
    vote(1, Subject::notarize(first));
    receive(1, BlockMessage{{Epoch(0), View(1)}, first_block});
    step(BlockChecked{first.block, true});
    for (const Record& record : journal) {
        const Vote* cast = std::get_if<Vote>(&record);
        if (cast == nullptr) continue;
        EXPECT_EQ(cast->subject.kind, VoteKind::nullify);
    }
    // Yet it accepts the notarization of the others, and goes on.
    receive(2, validators->certificate(Subject::notarize(first), {1, 2, 3}));
    EXPECT_EQ(engine->round().view, View(2));
    step(Synced{sequence});
    EXPECT_EQ(sent<Vote>(), nullptr);  // no finalize of a view that it gave up
}

TEST_F(EngineTest, repeats_a_nullify_with_the_certificate_that_let_it_enter) {
    start(4, 0);
    receive(2, validators->certificate(Subject::nullify(first.round), {1, 2, 3}));
    ASSERT_EQ(engine->round().view, View(2));
    now += 3 * kDelay;
    step(TimerFired{});
    step(Synced{sequence});
    EXPECT_EQ(sent<Certificate>(), nullptr);
    now += 100 * kDelay;
    step(TimerFired{});
    ASSERT_NE(sent<Vote>(), nullptr);
    EXPECT_EQ(sent<Vote>()->subject, Subject::nullify({Epoch(0), View(2)}));
    ASSERT_NE(sent<Certificate>(), nullptr);
    EXPECT_EQ(sent<Certificate>()->view(), View(1));
}

TEST_F(EngineTest, finalizes_no_view_whose_leader_equivocated) {
    start(4, 0);
    vote(1, Subject::notarize(first));
    receive(1, BlockMessage{{Epoch(0), View(1)}, first_block});
    step(BlockChecked{first.block, true});
    Proposal other = first;
    other.block = testing::block_named("other");
    vote(1, Subject::notarize(other));
    ASSERT_NE(action<ReportEvidence>(), nullptr);
    EXPECT_TRUE(verify(action<ReportEvidence>()->evidence, validators->chain, validators->set,
                       validators->verifier));
    receive(2, validators->certificate(Subject::notarize(first), {1, 2, 3}));
    EXPECT_EQ(engine->round().view, View(2));
    for (const Record& record : journal) {
        const Vote* cast = std::get_if<Vote>(&record);
        if (cast == nullptr) continue;
        EXPECT_NE(cast->subject.kind, VoteKind::finalize);
    }
}

TEST_F(EngineTest, after_a_restart_keeps_to_its_votes_and_counts_them_again) {
    start(4, 0);
    now += 2 * kDelay;
    step(TimerFired{});
    ASSERT_FALSE(journal.empty());
    std::vector<Record> kept = journal;
    actions.clear();
    journal.clear();
    start(4, 0, kept);
    ASSERT_NE(sent<Vote>(), nullptr);
    EXPECT_EQ(sent<Vote>()->subject, Subject::nullify(first.round));
    // Two more make a quorum with its own.
    vote(2, Subject::nullify(first.round));
    vote(3, Subject::nullify(first.round));
    EXPECT_EQ(engine->round().view, View(2));
}

TEST_F(EngineTest, after_a_restart_does_not_propose_twice) {
    start(4, 1);
    step(BlockBuilt{{Epoch(0), View(1)}, first_block});
    std::vector<Record> kept = journal;
    actions.clear();
    start(4, 1, kept);
    EXPECT_EQ(action<Build>(), nullptr);
    ASSERT_NE(sent<Vote>(), nullptr);
    EXPECT_EQ(sent<Vote>()->subject, Subject::notarize(first));
}

TEST_F(EngineTest, does_not_start_from_the_journal_of_another_key) {
    start(4, 0);
    Validators others(4);
    Settings settings{others.chain, kDelay, 0, false};
    Anchor anchor{{}, Height(0), testing::block_named("genesis"), others.set, {}};
    Engine other(settings, anchor, &others.signers[2], others.verifier, format);
    Expected<Actions> begun =
        other.start({Record(others.vote(0, Subject::nullify(first.round)))}, now);
    ASSERT_FALSE(begun);
    EXPECT_EQ(begun.error().code, ErrorCode::corrupt);
}

TEST_F(EngineTest, refuses_votes_under_anothers_name) {
    start(4, 0);
    receive(2, validators->vote(3, Subject::nullify(first.round)));
    ASSERT_NE(action<Refuse>(), nullptr);
    EXPECT_EQ(action<Refuse>()->peer, validators->set.key(2));
}

TEST_F(EngineTest, refuses_whose_signature_does_not_verify_once_a_quorum_is_there) {
    start(4, 0);
    Vote bad = validators->vote(1, Subject::nullify(first.round));
    Vote other = validators->vote(2, Subject::nullify(first.round));
    other.signature.bytes[0] ^= 1;
    receive(2, other);
    EXPECT_EQ(action<Refuse>(), nullptr);
    receive(1, bad);
    vote(3, Subject::nullify(first.round));
    ASSERT_NE(action<Refuse>(), nullptr);
    EXPECT_EQ(action<Refuse>()->peer, validators->set.key(2));
    EXPECT_EQ(engine->round().view, View(1));
}

TEST_F(EngineTest, keeps_nothing_of_views_far_ahead) {
    start(4, 0);
    const Round far{Epoch(0), View(2 + kViewsAhead)};
    for (SignerIndex signer : kOthers) vote(signer, Subject::nullify(far));
    EXPECT_EQ(engine->round().view, View(1));
    // At the edge of what it keeps, the same three move it on.
    const Round near{Epoch(0), View(1 + kViewsAhead)};
    for (SignerIndex signer : kOthers) vote(signer, Subject::nullify(near));
    EXPECT_EQ(engine->round().view, View(2 + kViewsAhead));
}

TEST_F(EngineTest, asks_the_leader_for_the_parent_that_it_lacks) {
    start(4, 0);
    receive(3, validators->certificate(Subject::nullify({Epoch(0), View(1)}), {1, 2, 3}));
    ASSERT_EQ(engine->round().view, View(2));
    // The leader of view 2 saw view 1 notarized.
    Proposal second{{Epoch(0), View(2)}, View(1), testing::block_named("two")};
    receive(2, BlockMessage{second.round, TextFormat::block("two", 2, "one")});
    vote(2, Subject::notarize(second));
    now += kDelay / 2;
    step(TimerFired{});
    const CertificateRequest* request = sent<CertificateRequest>();
    ASSERT_NE(request, nullptr);
    EXPECT_EQ(request->round.view, View(1));
    receive(2, validators->certificate(Subject::notarize(first), {1, 2, 3}));
    receive(2, BlockResponse{first_block});
    ASSERT_NE(action<Check>(), nullptr);
    EXPECT_EQ(action<Check>()->digest, first.block);
    step(BlockChecked{first.block, true});
    step(BlockChecked{second.block, true});
    bool notarized = false;
    for (const Record& record : journal) {
        const Vote* cast = std::get_if<Vote>(&record);
        notarized = notarized || (cast != nullptr && cast->subject == Subject::notarize(second));
    }
    EXPECT_TRUE(notarized);
}

TEST_F(EngineTest, without_work_waits_for_the_heartbeat) {
    start(1, 0, {}, 50 * kDelay);
    EXPECT_EQ(action<Build>(), nullptr);
    now += 49 * kDelay;
    step(TimerFired{});
    EXPECT_EQ(action<Build>(), nullptr);
    now += kDelay;
    step(TimerFired{});
    EXPECT_NE(action<Build>(), nullptr);
}

TEST_F(EngineTest, with_work_builds_at_once) {
    start(1, 0, {}, 50 * kDelay);
    step(WorkChanged{true});
    EXPECT_NE(action<Build>(), nullptr);
}

TEST_F(EngineTest, whose_journal_is_lost_votes_only_beyond_what_a_quorum_has_seen) {
    validators = std::make_unique<Validators>(4);
    Settings settings{validators->chain, kDelay, 0, true};
    Anchor anchor{{}, Height(0), testing::block_named("genesis"), validators->set, {}};
    engine = std::make_unique<Engine>(settings, anchor, &validators->signers[0],
                                      validators->verifier, format);
    take(*engine->start({}, now));
    now += 100 * kDelay;
    step(TimerFired{});
    EXPECT_TRUE(journal.empty());
    for (SignerIndex signer : kOthers) vote(signer, Subject::nullify({Epoch(0), View(1)}));
    ASSERT_EQ(engine->round().view, View(2));
    now += 100 * kDelay;
    step(TimerFired{});
    for (const Record& record : journal) EXPECT_EQ(std::get_if<Vote>(&record), nullptr);
    for (SignerIndex signer : kOthers) vote(signer, Subject::nullify({Epoch(0), View(2)}));
    ASSERT_EQ(engine->round().view, View(3));
    now += 100 * kDelay;
    step(TimerFired{});
    now += 100 * kDelay;
    step(TimerFired{});
    bool voted = false;
    for (const Record& record : journal) voted = voted || std::holds_alternative<Vote>(record);
    EXPECT_TRUE(voted);
}

}  // namespace
}  // namespace ashlar::consensus
