// A network whose validators change: blocks are certified by a quorum of the epoch's validators,
// who all have keys of small seeds.
#pragma once

#include "chain/light_client.h"
#include "chain/voters.h"
#include "chain_harness.h"
#include "codec/block.h"

namespace ashlar::chain {

inline forge::Validator validator(Byte seed) {
    return {key_of(seed).public_key(), "v" + std::to_string(seed),
            "127.0.0.1:70" + std::to_string(10 + seed)};
}

inline Genesis genesis_of(const std::vector<Byte>& seeds) {
    Genesis genesis = test_genesis();
    genesis.validators.clear();
    for (const Byte seed : seeds) genesis.validators.push_back(validator(seed));
    std::sort(genesis.validators.begin(), genesis.validators.end(),
              [](const auto& left, const auto& right) { return left.key < right.key; });
    return genesis;
}

inline forge::ChangeValidators add(Byte seed) {
    return {std::nullopt, validator(seed)};
}
inline forge::ChangeValidators remove(Byte seed) {
    return {key_of(seed).public_key(), std::nullopt};
}
inline forge::CreateAccount account_named(std::string login) {
    forge::CreateAccount action;
    action.login = std::move(login);
    return action;
}

class Network {
  public:
    explicit Network(const std::vector<Byte>& seeds) : genesis(genesis_of(seeds)), chain(genesis) {}

    ExecutedBlock run(const std::vector<forge::SignedTransaction>& wishes) {
        BuiltBlock built = chain.build(chain.tip(), wishes);
        EXPECT_TRUE(built.dropped.empty());
        commit(built.executed);
        return std::move(built.executed);
    }
    ExecutedBlock run_one(forge::Action action) { return run({chain.attested(std::move(action))}); }

    void commit(const ExecutedBlock& executed) {
        const auto certificate = certify(executed.block.header, executed.digest);
        EXPECT_TRUE(chain.store->commit(finalize_batch(executed, certificate), Durability::synced));
    }

    consensus::Certificate certify(const ledger::BlockHeader& header,
                                   const ledger::BlockDigest& digest) const {
        const auto set = *voters_of(*chain.reader().validators());
        const ledger::View view(header.height.value);
        const auto subject = consensus::Subject::finalize(
            {{header.epoch, view}, ledger::View(view.value - 1), digest});
        std::vector<consensus::Vote> votes;
        for (Byte seed = 1; seed < 20 && votes.size() < set.quorum(); ++seed) {
            const crypto::SigningKey key = key_of(seed);
            const auto index = set.index_of(key.public_key());
            if (!index) continue;
            votes.push_back(
                {subject, *index, key.sign(consensus::signed_bytes(header.chain, subject))});
        }
        return consensus::make_certificate(subject, votes, set);
    }

    FinalizedHeader newest() const {
        return *prove_header(*chain.store, chain.tip().header.height);
    }

    Genesis genesis;
    ChainHarness chain;
};

}  // namespace ashlar::chain
