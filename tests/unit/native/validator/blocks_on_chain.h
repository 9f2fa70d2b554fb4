// Blocks that follow each other on a chain in memory, as an orderer hears of them.
#pragma once

#include <utility>

#include "chain/block_format.h"
#include "chain_harness.h"
#include "codec/block.h"
#include "consensus/action.h"
#include "orderer_world.h"

namespace ashlar::validator {

class BlocksOnChain : public testing::Test {
  protected:
    // The next block on this one, run; it creates an account of that name.
    chain::ExecutedBlock next_after(const chain::ChainTip& parent, const std::string& login) {
        return chain_.build(parent, {chain_.attested(create_account(login))}).executed;
    }
    chain::ExecutedBlock next_after(const chain::ChainTip& parent, forge::Action action) {
        return chain_.build(parent, {chain_.attested(std::move(action))}).executed;
    }
    // A row of blocks, each on the one before.
    std::vector<chain::ExecutedBlock> row(std::size_t count) {
        std::vector<chain::ExecutedBlock> blocks;
        chain::ChainTip tip = chain_.tip();
        for (std::size_t i = 0; i < count; ++i) {
            blocks.push_back(next_after(tip, "account-" + std::to_string(i)));
            tip = blocks.back().tip();
        }
        return blocks;
    }
    consensus::Certificate certificate_of(const chain::ExecutedBlock& block) const {
        const ledger::BlockHeader& header = block.block.header;
        return chain::finalize_alone(header, block.digest, ledger::View(header.height.value),
                                     chain_.validator);
    }
    enum class Certified { yes, no };
    consensus::Finalized final_block(const chain::ExecutedBlock& block, Certified certified) const {
        Bytes bytes = codec::encode(block.block);
        const auto summary = chain::LedgerBlockFormat().summarize(bytes);
        EXPECT_TRUE(summary) << summary.error().message();
        consensus::Finalized action{*summary, std::move(bytes), std::nullopt, {}};
        if (certified == Certified::yes) action.finalization = certificate_of(block);
        return action;
    }

    chain::ChainHarness chain_;
};

}  // namespace ashlar::validator
