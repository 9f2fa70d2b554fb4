#include "ledger/transaction_tree.h"

#include <gtest/gtest.h>

namespace ashlar::ledger {
namespace {

std::vector<Bytes> transactions_of(std::size_t count) {
    std::vector<Bytes> transactions;
    for (std::size_t i = 0; i < count; ++i) {
        transactions.push_back(to_bytes("transaction " + std::to_string(i)));
    }
    return transactions;
}

TEST(TransactionTree, proves_every_transaction_at_its_place_and_nowhere_else) {
    for (std::uint32_t count = 1; count <= 20; ++count) {
        const std::vector<Bytes> transactions = transactions_of(count);
        const crypto::Digest root = transactions_root(transactions);
        for (std::uint32_t index = 0; index < count; ++index) {
            const auto proof = prove_transaction(transactions, index);
            EXPECT_TRUE(verify_transaction(root, count, index, transactions[index], proof));
            for (std::uint32_t other = 0; other < count + 2; ++other) {
                if (other == index) continue;
                EXPECT_FALSE(verify_transaction(root, count, other, transactions[index], proof))
                    << count << " " << index << " " << other;
            }
        }
    }
}

TEST(TransactionTree, refuses_a_proof_that_is_too_short_too_long_or_changed) {
    const std::vector<Bytes> transactions = transactions_of(7);
    const crypto::Digest root = transactions_root(transactions);
    const auto proof = prove_transaction(transactions, 3);
    auto longer = proof;
    longer.push_back({});
    EXPECT_FALSE(verify_transaction(root, 7, 3, transactions[3], longer));
    auto shorter = proof;
    shorter.pop_back();
    EXPECT_FALSE(verify_transaction(root, 7, 3, transactions[3], shorter));
    for (std::size_t i = 0; i < proof.size(); ++i) {
        for (std::size_t byte = 0; byte < crypto::Digest::kSize; ++byte) {
            auto changed = proof;
            changed[i].bytes[byte] ^= 1;
            EXPECT_FALSE(verify_transaction(root, 7, 3, transactions[3], changed));
        }
    }
}

TEST(TransactionTree, has_another_root_for_another_order_or_count) {
    std::vector<Bytes> transactions = transactions_of(3);
    const crypto::Digest root = transactions_root(transactions);
    std::swap(transactions[0], transactions[1]);
    EXPECT_NE(transactions_root(transactions), root);
    EXPECT_NE(transactions_root(transactions_of(2)), root);
    EXPECT_TRUE(transactions_root({}).is_zero());
}

}  // namespace
}  // namespace ashlar::ledger
