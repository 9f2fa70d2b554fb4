// What a validator answers before it votes.
#include "exchange_world.h"
#include "node_world.h"

namespace ashlar::validator {
namespace {

using node::make_commit;

class PackCheckerTest : public ExchangeTest {
  protected:
    void SetUp() override {
        start(2);
        repository_ = peer(1).chain.repository("hello");
    }

    PackClaim claim(std::vector<forge::RefUpdate> updates,
                    const std::optional<forge::PackReference>& pack) {
        PackClaim made;
        made.transaction.digest.bytes.fill(++number_);
        made.action.repository = repository_;
        made.action.updates = std::move(updates);
        made.action.pack = pack;
        made.has_all_refs = true;
        return made;
    }
    static forge::RefUpdate create(std::string name, const git::ObjectId& id) {
        return {std::move(name), std::nullopt, id, std::nullopt};
    }

    // The answer of the second validator; nothing where none comes for a while.
    std::optional<bool> ask(std::vector<PackClaim> claims, int seconds_max = 30) {
        auto answer = std::make_shared<std::atomic<int>>(-1);
        asker_ = std::make_shared<const int>(0);
        PackQuestion question{std::move(claims), peer(1).chain.store->snapshot(), key_of_peer(0),
                              asker_};
        peer(1).exchange->check(std::move(question),
                                [this, answer](Verdict verdict, KeptPacks kept) {
                                    kept_ = std::move(kept);
                                    *answer = verdict == Verdict::good;
                                });
        if (!comes_true([&] { return *answer >= 0; }, seconds_max)) return std::nullopt;
        return *answer == 1;
    }
    // The claim becomes part of the second validator's state.
    void apply(const PackClaim& claim) { peer(1).chain.run_one(claim.action); }

    forge::RepositoryId repository_;
    Byte number_ = 0;
    std::shared_ptr<const void> asker_;
    KeptPacks kept_;  // of the last answer
};

TEST_F(PackCheckerTest, what_an_answer_was_given_for_stays_for_as_long_as_the_answer_does) {
    const auto commit = make_commit("hello");
    const auto pack = store(peer(0), commit.pack);
    ASSERT_EQ(ask({claim({create("refs/heads/main", commit.id)}, pack)}), true);
    peer(1).sweep();
    EXPECT_TRUE(peer(1).holds(pack.digest));
    kept_.clear();
    peer(1).sweep();
    EXPECT_FALSE(peer(1).holds(pack.digest));
}

TEST_F(ExchangeTest, one_that_names_many_packs_takes_nobodys_room_and_is_answered) {
    PackExchangeOptions options = impatient();
    options.fetch.wanted_per_holder_max = 2;
    start(3, options);
    const auto repository = peer(2).chain.repository("hello");
    const auto asker = std::make_shared<const int>(0);
    std::map<std::size_t, std::vector<Verdict>> verdicts;
    std::mutex mutex;
    Byte number = 0;
    const auto ask_for = [&](const forge::PackReference& pack, std::size_t holder) {
        PackClaim claim;
        claim.transaction.digest.bytes.fill(++number);
        claim.action.repository = repository;
        claim.action.pack = pack;
        PackQuestion question{{claim}, peer(2).chain.store->snapshot(), key_of_peer(holder), asker};
        peer(2).exchange->check(std::move(question), [&, holder](Verdict verdict, KeptPacks) {
            const std::lock_guard lock(mutex);
            verdicts[holder].push_back(verdict);
        });
    };
    const auto answers_of = [&](std::size_t holder) {
        const std::lock_guard lock(mutex);
        return verdicts[holder];
    };
    for (int i = 0; i < 5; ++i) {
        ask_for({{crypto::hash("nowhere", as_bytes(std::to_string(i)))}, 100, 1, {}}, 0);
    }
    EXPECT_TRUE(comes_true([&] { return answers_of(0).size() == 3; }));
    EXPECT_EQ(answers_of(0), std::vector(3, Verdict::later));
    const auto pack = store(peer(1), make_commit("of an honest one").pack);
    ask_for(pack, 1);
    EXPECT_TRUE(comes_true([&] { return answers_of(1).size() == 1; }));
    EXPECT_TRUE(peer(2).holds(pack.digest));
    peers_.clear();  // what answers goes before what it answers to
}

TEST_F(PackCheckerTest, what_a_final_block_names_stays_while_the_rest_of_it_comes) {
    const auto early = store(peer(1), make_commit("early").pack);
    const auto late = make_commit("late");
    const auto missing = store(peer(0), late.pack);
    ASSERT_TRUE(peer(0).packs.remove(missing.digest));
    auto here = std::make_shared<std::atomic<bool>>(false);
    KeptPacks kept;
    peer(1).exchange->want({early, missing}, key_of_peer(0), [&kept, here](KeptPacks packs) {
        kept = std::move(packs);
        *here = true;
    });
    ASSERT_TRUE(comes_true([&] { return peer(1).lost > 0; }));
    peer(1).sweep();
    EXPECT_TRUE(peer(1).holds(early.digest));
    store(peer(0), late.pack);
    ASSERT_TRUE(comes_true([&] { return here->load(); }));
    EXPECT_EQ(kept.size(), 2u);
    peer(1).sweep();
    EXPECT_TRUE(peer(1).holds(early.digest));
    EXPECT_TRUE(peer(1).holds(missing.digest));
}

TEST_F(PackCheckerTest, what_is_kept_is_asked_of_nobody) {
    const auto pack = store(peer(1), make_commit("hello").pack);
    const auto elsewhere = store(peer(0), make_commit("elsewhere").pack);
    std::atomic<int> answers = 0;
    KeptPacks kept;
    peer(1).exchange->keep({elsewhere}, [&answers](KeptPacks) { answers += 10; });
    peer(1).exchange->keep({pack}, [&](KeptPacks packs) {
        kept = std::move(packs);
        ++answers;
    });
    ASSERT_TRUE(comes_true([&] { return answers == 1; }));
    peer(1).sweep();
    EXPECT_TRUE(peer(1).holds(pack.digest));
    EXPECT_EQ(wires_.sent<codec::PackManifestRequest>(1), 0u);
}

TEST_F(PackCheckerTest, a_push_whose_pack_is_elsewhere_is_good_once_it_was_fetched) {
    const auto commit = make_commit("hello");
    const auto pack = store(peer(0), commit.pack);
    EXPECT_EQ(ask({claim({create("refs/heads/main", commit.id)}, pack)}), true);
    EXPECT_TRUE(peer(1).holds(pack.digest));
}

TEST_F(PackCheckerTest, of_a_pack_that_nobody_has_there_is_no_answer_until_it_comes) {
    const auto commit = make_commit("hello");
    const auto pack = store(peer(0), commit.pack);
    ASSERT_TRUE(peer(0).packs.remove(pack.digest));
    const auto question = claim({create("refs/heads/main", commit.id)}, pack);
    EXPECT_EQ(ask({question}, 1), std::nullopt);
    store(peer(0), commit.pack);
    EXPECT_EQ(ask({question}), true);
}

TEST_F(PackCheckerTest, a_later_push_may_stand_on_an_earlier_one_of_the_same_block) {
    const auto first = make_commit("one");
    const auto second = make_commit("two", first.id);
    const auto packs = {store(peer(0), first.pack), store(peer(0), second.pack)};
    auto update = create("refs/heads/main", second.id);
    update.old_id = first.id;
    const auto later = claim({update}, *(packs.begin() + 1));
    EXPECT_EQ(ask({claim({create("refs/heads/main", first.id)}, *packs.begin()), later}), true);
    // By itself it stands on nothing, as in a block of another fork: the very same one, too.
    EXPECT_EQ(ask({later}), false);
    auto alone = later;
    alone.transaction.digest.bytes.fill(99);
    EXPECT_EQ(ask({alone}), false);
    // On a state that has what it was good with, it is known.
    apply(claim({create("refs/heads/main", first.id)}, *packs.begin()));
    EXPECT_EQ(ask({later}), true);
}

TEST_F(PackCheckerTest, a_tip_that_is_nowhere_is_bad) {
    const auto commit = make_commit("hello");
    const auto other = make_commit("other");
    const auto pack = store(peer(0), commit.pack);
    EXPECT_EQ(ask({claim({create("refs/heads/main", other.id)}, pack)}), false);
    EXPECT_EQ(ask({claim({create("refs/heads/main", other.id)}, std::nullopt)}), false);
}

TEST_F(PackCheckerTest, a_pack_that_names_what_is_nowhere_is_bad) {
    const auto parent = make_commit("parent");
    const auto child = make_commit("child", parent.id);
    const auto pack = store(peer(0), child.pack);
    EXPECT_EQ(ask({claim({create("refs/heads/main", child.id)}, pack)}), false);
    const auto first = claim({create("refs/heads/main", parent.id)}, store(peer(1), parent.pack));
    apply(first);
    EXPECT_EQ(ask({claim({create("refs/heads/child", child.id)}, pack)}), true);
}

TEST_F(PackCheckerTest, a_branch_that_is_no_commit_is_bad) {
    const auto commit = make_commit("hello");
    const auto pack = store(peer(0), commit.pack);
    EXPECT_EQ(
        ask({claim({create("refs/heads/main", commit.id), create("refs/heads/tree", commit.tree)},
                   pack)}),
        false);
}

TEST_F(PackCheckerTest, a_tag_that_does_not_peel_to_what_is_said_is_bad) {
    const auto commit = make_commit("hello");
    apply(claim({create("refs/heads/main", commit.id)}, store(peer(1), commit.pack)));
    const std::string tag = "object " + commit.id.hex() +
                            "\ntype commit\ntag v1\ntagger A <a@example.org> 1700000000 +0000\n\n"
                            "one\n";
    git::PackBuilder builder;
    builder.add(git::ObjectType::tag, tag);
    const auto pack = store(peer(0), builder.build());
    auto update = create("refs/tags/v1", *git::object_id_of(git::ObjectType::tag, as_bytes(tag)));
    EXPECT_EQ(ask({claim({update}, pack)}), false);
    update.peeled = commit.tree;
    EXPECT_EQ(ask({claim({update}, pack)}), false);
    update.peeled = commit.id;
    EXPECT_EQ(ask({claim({update}, pack)}), true);
}

TEST_F(PackCheckerTest, a_rewind_that_is_hidden_is_bad) {
    const auto first = make_commit("one");
    apply(claim({create("refs/heads/main", first.id)}, store(peer(1), first.pack)));
    const auto other = make_commit("other");
    auto update = create("refs/heads/main", other.id);
    update.old_id = first.id;
    auto push = claim({update}, store(peer(0), other.pack));
    EXPECT_EQ(ask({push}), false);
    push.action.rewinds = true;
    EXPECT_EQ(ask({push}), true);
}

TEST_F(PackCheckerTest, a_pack_with_more_than_the_refs_reach_is_bad_where_that_is_hidden) {
    const auto commit = make_commit("hello");
    git::PackBuilder builder;
    builder.add(git::ObjectType::blob, "nobody names this");
    const Bytes extra = builder.build();
    const auto pack = store(peer(0), extra);
    apply(claim({create("refs/heads/main", commit.id)}, store(peer(1), commit.pack)));
    auto push = claim({create("refs/heads/again", commit.id)}, pack);
    EXPECT_EQ(ask({push}), false);
    push.action.rewinds = true;
    EXPECT_EQ(ask({push}), true);
}

TEST_F(PackCheckerTest, a_pack_that_is_not_as_described_is_bad) {
    const auto commit = make_commit("hello");
    const auto pack = store(peer(0), commit.pack);
    auto other = pack;
    other.index_digest.bytes.fill(1);
    EXPECT_EQ(ask({claim({create("refs/heads/main", commit.id)}, other)}), false);
    other = pack;
    other.size += 1;
    EXPECT_EQ(ask({claim({create("refs/heads/main", commit.id)}, other)}), false);
    EXPECT_EQ(ask({claim({create("refs/heads/main", commit.id)}, pack)}), true);
}

TEST_F(PackCheckerTest, what_can_never_be_stored_is_bad) {
    // A thin pack under its own name: nobody could complete it.
    git::PackBuilder thin;
    thin.add_reference_delta(make_commit("base").blob,
                             git::DeltaBuilder(4, 5).copy(0, 4).insert("!").bytes());
    const Bytes pack = thin.build();
    git::PackManifest manifest;
    manifest.size = pack.size();
    manifest.object_count = 1;
    manifest.extents = {crypto::hash(git::kPackExtentDomain, pack)};
    const auto staging = *peer(0).packs.stage();
    ASSERT_TRUE(staging->append(pack));
    ASSERT_TRUE(staging->publish(1, {}));
    EXPECT_EQ(ask({claim({create("refs/heads/main", make_commit("x").id)},
                         forge::PackReference{manifest.digest(), pack.size(), 1, {}})}),
              false);
}

}  // namespace
}  // namespace ashlar::validator
