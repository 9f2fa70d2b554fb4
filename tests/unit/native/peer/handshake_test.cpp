#include "native/peer/handshake.h"

#include <gtest/gtest.h>

namespace ashlar::peer {
namespace {

crypto::SigningKey key(Byte seed) {
    return *crypto::SigningKey::from_seed(Bytes(32, seed));
}

crypto::NoiseKey secret(Byte value) {
    crypto::NoiseKey bytes;
    bytes.fill(value);
    return bytes;
}

ledger::ChainId chain(std::string_view name) {
    return {crypto::hash("test chain", as_bytes(name))};
}

bool anybody(const PublicKey&) {
    return true;
}

// Says both sides' messages until one is refused; the error of that, or nothing.
std::optional<Error> shake(Handshake& first, Handshake& second) {
    while (!first.is_finished() || !second.is_finished()) {
        Handshake& from = first.is_my_turn() ? first : second;
        Handshake& to = first.is_my_turn() ? second : first;
        if (auto read = to.read(from.write()); !read) return read.error();
    }
    return std::nullopt;
}

class HandshakeTest : public testing::Test {
  protected:
    LocalIdentity alice_ = make_local_identity(chain("one"), key(1), secret(11));
    LocalIdentity bob_ = make_local_identity(chain("one"), key(2), secret(12));

    Handshake dial(std::optional<PublicKey> expected, Handshake::IsKnown known = anybody) {
        return {crypto::NoiseRole::initiator, alice_, secret(21), expected, std::move(known)};
    }
    Handshake answer(const LocalIdentity& local, Handshake::IsKnown known = anybody) {
        return {crypto::NoiseRole::responder, local, secret(22), std::nullopt, std::move(known)};
    }
};

TEST_F(HandshakeTest, each_side_learns_who_the_other_is) {
    Handshake first = dial(bob_.key);
    Handshake second = answer(bob_);
    EXPECT_EQ(shake(first, second), std::nullopt);
    EXPECT_EQ(first.remote(), bob_.key);
    EXPECT_EQ(second.remote(), alice_.key);
    auto ours = first.session();
    auto theirs = second.session();
    EXPECT_EQ(theirs.receive.decrypt({}, ours.send.encrypt({}, as_bytes("vote"))).value(),
              to_bytes("vote"));
}

TEST_F(HandshakeTest, a_stranger_is_refused_by_either_side) {
    auto not_alice = [this](const PublicKey& other) { return other != alice_.key; };
    Handshake first = dial(bob_.key);
    Handshake second = answer(bob_, not_alice);
    EXPECT_EQ(shake(first, second)->code, ErrorCode::forbidden);
    Handshake third = dial(std::nullopt, [](const PublicKey&) { return false; });
    Handshake fourth = answer(bob_);
    EXPECT_EQ(shake(third, fourth)->code, ErrorCode::forbidden);
}

TEST_F(HandshakeTest, another_validator_than_was_dialled_is_refused) {
    LocalIdentity carol = make_local_identity(chain("one"), key(3), secret(13));
    Handshake first = dial(bob_.key);
    Handshake second = answer(carol);
    EXPECT_EQ(shake(first, second)->code, ErrorCode::forbidden);
}

TEST_F(HandshakeTest, another_network_is_refused) {
    LocalIdentity other = make_local_identity(chain("two"), key(2), secret(12));
    Handshake first = dial(bob_.key);
    Handshake second = answer(other);
    EXPECT_EQ(shake(first, second)->code, ErrorCode::invalid);
}

TEST_F(HandshakeTest, a_claimed_key_without_its_secret_is_refused) {
    LocalIdentity liar = make_local_identity(chain("one"), key(9), secret(12));
    liar.key = bob_.key;
    Handshake first = dial(bob_.key);
    Handshake second = answer(liar);
    EXPECT_EQ(shake(first, second)->code, ErrorCode::invalid);
    // Somebody else's proof does not fit another Noise key.
    LocalIdentity thief = bob_;
    thief.noise = crypto::NoiseKeyPair::from_secret(secret(77));
    Handshake third = dial(bob_.key);
    Handshake fourth = answer(thief);
    EXPECT_EQ(shake(third, fourth)->code, ErrorCode::invalid);
}

TEST_F(HandshakeTest, a_message_of_another_size_is_refused) {
    Handshake first = dial(bob_.key);
    Handshake second = answer(bob_);
    Bytes hello = first.write();
    hello.push_back(0);
    EXPECT_EQ(second.read(hello).error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace ashlar::peer
