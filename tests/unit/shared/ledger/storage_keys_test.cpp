#include "ledger/storage_keys.h"

#include <gtest/gtest.h>

#include <set>

namespace ashlar::ledger {
namespace {

TEST(StorageKeys, are_in_the_order_of_their_numbers) {
    EXPECT_LT(storage_key(storage_prefix::kHeader, 255), storage_key(storage_prefix::kHeader, 256));
    EXPECT_LT(storage_key(storage_prefix::kRef, 1, "refs/heads/z"),
              storage_key(storage_prefix::kRef, 2, "refs/heads/a"));
    EXPECT_EQ(storage_key(storage_prefix::kRepositoryPack, 1, 2).size(), 17u);
}

TEST(StorageKeys, have_prefixes_none_of_which_begins_another) {
    using namespace storage_prefix;
    const std::vector<std::string_view> all = {
        kMeta,    kHeader, kBlock,          kCertificate, kState,   kStateTree,  kRef,
        kRefTree, kPack,   kRepositoryPack, kNode,        kJournal, kBlockDigest};
    std::set<char> first;
    for (const std::string_view prefix : all) first.insert(prefix.front());
    EXPECT_EQ(first.size(), all.size());
}

}  // namespace
}  // namespace ashlar::ledger
