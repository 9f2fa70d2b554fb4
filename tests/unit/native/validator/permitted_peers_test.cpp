#include <gtest/gtest.h>

#include "native/validator/network_orderer.h"

namespace ashlar::validator {
namespace {

crypto::PublicKey key(Byte number) {
    crypto::PublicKey made;
    made.bytes.fill(number);
    return made;
}

peer::PeerAddress address(Byte number, std::uint16_t port) {
    return {key(number), "127.0.0.1", port};
}

forge::ValidatorSet validators() {
    forge::ValidatorSet set;
    for (Byte number = 1; number <= 3; ++number) {
        forge::Validator validator;
        validator.key = key(number);
        validator.address = "10.0.0." + std::to_string(number) + ":9000";
        set.validators.push_back(validator);
    }
    return set;
}

TEST(PermittedPeers, are_the_validators_of_the_state) {
    const std::vector<peer::PeerAddress> expected = {
        {key(1), "10.0.0.1", 9000}, {key(2), "10.0.0.2", 9000}, {key(3), "10.0.0.3", 9000}};
    EXPECT_EQ(permitted_peers({}, {}, validators()), expected);
}

TEST(PermittedPeers, are_reached_as_the_configuration_says) {
    const std::vector<peer::PeerAddress> expected = {
        address(2, 7), {key(1), "10.0.0.1", 9000}, {key(3), "10.0.0.3", 9000}};
    EXPECT_EQ(permitted_peers({address(2, 7)}, {}, validators()), expected);
}

TEST(PermittedPeers, are_none_that_was_removed_though_the_configuration_names_it) {
    const auto peers = permitted_peers({address(4, 7), address(1, 8)}, {}, validators());
    EXPECT_EQ(peers.size(), 3u);
    for (const peer::PeerAddress& peer : peers) EXPECT_NE(peer.key, key(4));
}

TEST(PermittedPeers, are_those_that_are_let_follow) {
    const auto peers = permitted_peers({address(4, 7)}, {key(4)}, validators());
    ASSERT_EQ(peers.size(), 4u);
    EXPECT_EQ(peers.front(), address(4, 7));
}

}  // namespace
}  // namespace ashlar::validator
