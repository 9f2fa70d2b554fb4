#include "ledger/transaction_tree.h"

#include <algorithm>

#include "base/assert.h"

namespace ashlar::ledger {

namespace {

crypto::Digest leaf_hash(ByteView transaction) {
    return crypto::hash("ashlar transaction leaf", transaction);
}

crypto::Digest node_hash(const crypto::Digest& left, const crypto::Digest& right) {
    std::array<Byte, 2 * crypto::Digest::kSize> input{};
    std::copy(left.bytes.begin(), left.bytes.end(), input.begin());
    std::copy(right.bytes.begin(), right.bytes.end(), input.begin() + crypto::Digest::kSize);
    return crypto::hash("ashlar transaction node", input);
}

std::vector<crypto::Digest> leaf_hashes(const std::vector<Bytes>& transactions) {
    std::vector<crypto::Digest> hashes;
    hashes.reserve(transactions.size());
    for (const Bytes& transaction : transactions) hashes.push_back(leaf_hash(transaction));
    return hashes;
}

// Joins neighbours; the last of an odd number moves up alone, which gives the RFC's tree.
void join_level(std::vector<crypto::Digest>& level) {
    const std::size_t count = level.size();
    for (std::size_t i = 0; i < count / 2; ++i)
        level[i] = node_hash(level[2 * i], level[2 * i + 1]);
    if (count % 2 == 1) level[count / 2] = level[count - 1];
    level.resize((count + 1) / 2);
}

}  // namespace

crypto::Digest transactions_root(const std::vector<Bytes>& transactions) {
    if (transactions.empty()) return {};
    std::vector<crypto::Digest> level = leaf_hashes(transactions);
    while (level.size() > 1) join_level(level);
    return level.front();
}

std::vector<crypto::Digest> prove_transaction(const std::vector<Bytes>& transactions,
                                              std::uint32_t index) {
    ASHLAR_ASSERT(index < transactions.size());
    std::vector<crypto::Digest> proof;
    std::vector<crypto::Digest> level = leaf_hashes(transactions);
    for (std::size_t place = index; level.size() > 1; place /= 2) {
        const std::size_t beside = place ^ 1;
        if (beside < level.size()) proof.push_back(level[beside]);
        join_level(level);
    }
    return proof;
}

Expected<void> verify_transaction(const crypto::Digest& root, std::uint32_t count,
                                  std::uint32_t index, ByteView transaction,
                                  const std::vector<crypto::Digest>& proof) {
    if (index >= count) return fail(ErrorCode::invalid, "transaction proof: index beyond count");
    crypto::Digest hash = leaf_hash(transaction);
    std::uint64_t place = index;
    std::size_t used = 0;
    for (std::uint64_t width = count; width > 1; width = (width + 1) / 2, place /= 2) {
        if ((place ^ 1) >= width) continue;
        if (used == proof.size()) return fail(ErrorCode::invalid, "transaction proof: too short");
        const crypto::Digest& beside = proof[used++];
        hash = place % 2 == 0 ? node_hash(hash, beside) : node_hash(beside, hash);
    }
    if (used != proof.size()) return fail(ErrorCode::invalid, "transaction proof: too long");
    if (hash != root) return fail(ErrorCode::invalid, "transaction proof: leads to another root");
    return {};
}

}  // namespace ashlar::ledger
