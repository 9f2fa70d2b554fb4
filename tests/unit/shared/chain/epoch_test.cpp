// Validators change: the block that decides it ends its epoch, and a light client follows.
#include "codec/record_paths.h"
#include "epoch_network.h"
#include "support/seeded_random.h"

namespace ashlar::chain {
namespace {

const consensus::Ed25519Verifier kVerifier;
constexpr std::uint64_t kAnyTime = ~std::uint64_t{0};

// Follows every epoch that is over, and then the newest header.
Expected<void> catch_up(LightClient& client, const Network& network) {
    while (client.state().epoch < network.chain.tip().header.epoch) {
        ASHLAR_TRY(const EpochChange change,
                   prove_epoch_change(*network.chain.store, client.state().epoch));
        ASHLAR_CHECK(client.follow(change, kVerifier));
    }
    return client.advance(network.newest(), kVerifier);
}

TEST(Epoch, ends_with_the_block_that_changes_the_validators) {
    Network network({1, 2, 3, 4});
    network.run_one(account_named("before"));
    const ExecutedBlock last = network.run_one(add(5));
    EXPECT_TRUE(last.results.at(0).applied());
    EXPECT_EQ(last.block.header.epoch, ledger::Epoch(0));
    const auto set = *network.chain.reader().validators();
    EXPECT_EQ(set.epoch, ledger::Epoch(1));
    EXPECT_EQ(set.validators.size(), 5u);
    EXPECT_EQ(last.block.header.next_validators, voters_of(set)->digest());
    EXPECT_FALSE(*network.chain.reader().records().next_validators());

    const ExecutedBlock first = network.run_one(account_named("after"));
    EXPECT_EQ(first.block.header.epoch, ledger::Epoch(1));
    EXPECT_FALSE(first.block.header.next_validators);
}

TEST(Epoch, keeps_those_that_decided_it_for_whoever_checks_its_certificates) {
    Network network({1, 2, 3, 4});
    network.run_one(add(5));
    network.run({});
    const StateReader reader = network.chain.reader();
    EXPECT_EQ(reader.validators_of(ledger::Epoch(0))->validators, network.genesis.validators);
    EXPECT_EQ(*reader.validators_of(ledger::Epoch(1)), *reader.validators());
    EXPECT_EQ(reader.validators_of(ledger::Epoch(2)).error().code, ErrorCode::not_found);
    const auto closed = *reader.records().closed_epoch(ledger::Epoch(0));
    ASSERT_TRUE(closed);
    EXPECT_EQ(closed->last_height, ledger::Height(1));
    const auto stored = *reader.block(ledger::Height(1));
    const auto voters = *voters_of(*reader.validators_of(stored.block.header.epoch));
    EXPECT_TRUE(consensus::verify(*stored.finalization, network.chain.chain_id, voters, kVerifier));
}

TEST(Epoch, proves_its_validators_with_their_addresses_against_the_state_root) {
    Network network({1, 2, 3, 4});
    const ExecutedBlock last = network.run_one(add(5));
    for (const std::string& path :
         {std::string(codec::kValidatorsPath), codec::epoch_path(ledger::Epoch(0))}) {
        const RecordProof proof = *prove_record(*network.chain.store, path);
        const auto record = verify_record(last.block.header.state_root, path, proof);
        ASSERT_TRUE(record) << record.error().message();
        EXPECT_TRUE(*record) << path;
    }
    const RecordProof proof = *prove_record(*network.chain.store, codec::kValidatorsPath);
    const auto set = *codec::decode_validator_set(*proof.record);
    EXPECT_EQ(set, *network.chain.reader().validators());
    for (const forge::Validator& one : set.validators) EXPECT_FALSE(one.address.empty());
}

TEST(Epoch, is_followed_by_a_light_client_from_four_to_five_to_four) {
    Network network({1, 2, 3, 4});
    LightClient eager = *LightClient::from_genesis(network.genesis);
    network.run({});
    ASSERT_TRUE(catch_up(eager, network));
    network.run_one(add(5));
    network.run({});
    ASSERT_TRUE(catch_up(eager, network));
    EXPECT_EQ(eager.state().validators.size(), 5u);
    network.run({});
    network.run_one(remove(2));
    network.run({});
    LightClient late = *LightClient::from_genesis(network.genesis);
    ASSERT_TRUE(catch_up(late, network));
    ASSERT_TRUE(catch_up(eager, network));
    EXPECT_EQ(late.state(), eager.state());
    EXPECT_EQ(late.state().epoch, ledger::Epoch(2));
    EXPECT_EQ(late.state().validators.size(), 4u);
    EXPECT_EQ(late.state().digest, network.chain.tip().digest);
}

TEST(Epoch, moves_no_light_client_by_others_keys_or_before_it_is_over) {
    Network network({1, 2, 3, 4});
    network.run({});
    EXPECT_EQ(prove_epoch_change(*network.chain.store, ledger::Epoch(0)).error().code,
              ErrorCode::not_found);
    network.run_one(add(5));
    EpochChange change = *prove_epoch_change(*network.chain.store, ledger::Epoch(0));
    change.next_validators.back() = key_of(9).public_key();
    LightClient client = *LightClient::from_genesis(network.genesis);
    EXPECT_FALSE(client.follow(change, kVerifier));
    EXPECT_EQ(client.state().epoch, ledger::Epoch(0));
    // The right keys still lead on, though its last header was taken already.
    EXPECT_TRUE(
        client.follow(*prove_epoch_change(*network.chain.store, ledger::Epoch(0)), kVerifier));
}

TEST(Epoch, goes_on_where_only_a_name_or_an_address_changes) {
    Network network({1, 2, 3, 4});
    forge::Validator moved = validator(3);
    moved.address = "example.org:9";
    const ExecutedBlock block = network.run_one(forge::ChangeValidators{moved.key, moved});
    EXPECT_FALSE(block.block.header.next_validators);
    EXPECT_EQ(network.run({}).block.header.epoch, ledger::Epoch(0));
    const auto set = *network.chain.reader().validators();
    EXPECT_EQ(set.epoch, ledger::Epoch(0));
    EXPECT_NE(std::find(set.validators.begin(), set.validators.end(), moved), set.validators.end());
}

TEST(Epoch, takes_one_change_a_block_and_the_next_in_the_next) {
    Network network({1, 2, 3, 4});
    const ExecutedBlock block =
        network.run({network.chain.attested(add(5)), network.chain.attested(add(6)),
                     network.chain.attested(account_named("alice"))});
    EXPECT_TRUE(block.results.at(0).applied());
    EXPECT_EQ(block.results.at(1).refusal->code, ErrorCode::conflict);
    EXPECT_TRUE(block.results.at(2).applied());
    EXPECT_TRUE(network.run_one(add(6)).results.at(0).applied());
    EXPECT_EQ(network.chain.reader().validators()->validators.size(), 6u);
    EXPECT_EQ(network.chain.reader().validators()->epoch, ledger::Epoch(2));
}

TEST(Epoch, gives_the_removed_ones_word_no_weight_and_the_new_ones_some) {
    Network network({1, 2, 3, 4});
    network.run_one(forge::ChangeValidators{key_of(1).public_key(), validator(5)});
    const auto by_removed = network.chain.attested(account_named("alice"));
    EXPECT_EQ(network.chain.executor
                  .admit(network.chain.tip(), codec::encode(by_removed), network.chain.now_ms)
                  .error()
                  .code,
              ErrorCode::unauthenticated);
    network.chain.validator = key_of(5);
    EXPECT_TRUE(network.run_one(account_named("alice")).results.at(0).applied());
}

TEST(Epoch, blocks_that_name_other_validators_than_were_decided_are_refused) {
    Network network({1, 2, 3, 4});
    Network checker({1, 2, 3, 4});
    const BuiltBlock built =
        network.chain.build(network.chain.tip(), {network.chain.attested(add(5))});
    const auto check = [&](const auto& change) {
        ledger::Block block = built.executed.block;
        change(block.header);
        return checker.chain.executor.check(checker.chain.tip(), block, kAnyTime);
    };
    EXPECT_TRUE(check([](ledger::BlockHeader&) {}));
    const auto silent = check([](ledger::BlockHeader& header) { header.next_validators.reset(); });
    ASSERT_FALSE(silent);
    EXPECT_NE(silent.error().detail.find("next validators"), std::string::npos);
    EXPECT_FALSE(check([](ledger::BlockHeader& header) { header.next_validators->bytes[0] ^= 1; }));

    const BuiltBlock plain = network.chain.build(network.chain.tip(), {});
    ledger::Block invented = plain.executed.block;
    invented.header.next_validators = *built.executed.block.header.next_validators;
    EXPECT_FALSE(checker.chain.executor.check(checker.chain.tip(), invented, kAnyTime));
}

TEST(Epoch, a_block_of_the_old_epoch_cannot_follow_its_end) {
    Network network({1, 2, 3, 4});
    Network checker({1, 2, 3, 4});
    checker.commit(*checker.chain.executor.check(checker.chain.tip(), network.run_one(add(5)).block,
                                                 kAnyTime));
    ledger::Block next = network.run({}).block;
    EXPECT_TRUE(checker.chain.executor.check(checker.chain.tip(), next, kAnyTime));
    next.header.epoch = ledger::Epoch(0);
    EXPECT_FALSE(checker.chain.executor.check(checker.chain.tip(), next, kAnyTime));
}

// Whatever the changes, whoever starts from the genesis comes to the validators of the state.
TEST(Epoch, a_light_client_follows_any_course_of_changes) {
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        support::SeededRandom random(seed);
        Network network({1, 2, 3, 4});
        for (int height = 1; height <= 25; ++height) {
            const auto number = static_cast<Byte>(1 + random.below(8));
            const auto other = static_cast<Byte>(1 + random.below(8));
            std::vector<forge::SignedTransaction> wishes;
            const auto set = *network.chain.reader().validators();
            // The one that attests has to be of the set.
            for (Byte one = 1; one <= 8; ++one) {
                const auto key = key_of(one).public_key();
                for (const forge::Validator& member : set.validators) {
                    if (member.key == key) network.chain.validator = key_of(one);
                }
            }
            if (random.one_in(4)) wishes.push_back(network.chain.attested(add(number)));
            if (random.one_in(4)) wishes.push_back(network.chain.attested(remove(number)));
            if (random.one_in(4)) {
                wishes.push_back(network.chain.attested(
                    forge::ChangeValidators{key_of(number).public_key(), validator(other)}));
            }
            network.run(wishes);
        }
        LightClient client = *LightClient::from_genesis(network.genesis);
        const auto followed = catch_up(client, network);
        ASSERT_TRUE(followed) << "seed " << seed << ": " << followed.error().message();
        EXPECT_EQ(client.state().digest, network.chain.tip().digest) << "seed " << seed;
        if (client.epoch_has_ended()) {
            ASSERT_TRUE(client.follow(
                *prove_epoch_change(*network.chain.store, client.state().epoch), kVerifier));
        }
        const auto set = *network.chain.reader().validators();
        EXPECT_EQ(client.state().epoch, set.epoch) << "seed " << seed;
        EXPECT_EQ(client.trust().validators, *voters_of(set)) << "seed " << seed;
        EXPECT_GT(set.epoch.value, 2u) << "seed " << seed;
    }
}

}  // namespace
}  // namespace ashlar::chain
