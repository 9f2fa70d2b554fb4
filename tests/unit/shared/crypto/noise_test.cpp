#include "crypto/noise.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace ashlar::crypto {
namespace {

Bytes hex(std::string_view text) {
    return from_hex(text).value();
}

NoiseKeyPair keys(std::string_view secret_hex) {
    Bytes bytes = hex(secret_hex);
    NoiseKey secret;
    std::copy(bytes.begin(), bytes.end(), secret.begin());
    return NoiseKeyPair::from_secret(secret);
}

// The published vector of the cacophony suite for Noise_XX_25519_ChaChaPoly_BLAKE2b.
struct Line {
    const char* payload;
    const char* ciphertext;
};
constexpr Line kLines[] = {
    {"4c756477696720766f6e204d69736573",
     "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c79444c75647"
     "7696720766f6e204d69736573"},
    {"4d757272617920526f746862617264",
     "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f1448088430505b67"
     "45ce64a5f33f0e8e3b83f11ce8802bca507f4f2d8b564dbe277e1966116e132faa2dfd7"
     "0b8b077b9f94b913df5056ae1319469b824a98d54bbaa82c325595587064f978c4b6d10"
     "4f7596e6f"},
    {"462e20412e20486179656b",
     "99579e1c1ee15e422a57ddd6b16d37087b17558e8369c18991b4b2ca3a824abf904cdcf"
     "5458b5431a75af034ca9e9b982de039eaaf156775e2d580cd4e5ebae89c3f8cb2594b55"
     "6d8a8169"},
    {"4361726c204d656e676572", "fc56eea290b3f3a21aac0c70cd5787b5ee99be37d2f4d751329b55"},
    {"4a65616e2d426170746973746520536179",
     "bb31c9da10d5639a4cdb88a12f5c61de41bbc7df09bf75d94f8184fe4157f5c68f"},
    {"457567656e2042f6686d20766f6e2042617765726b",
     "f6199cadb152fb27f82be0a0891ec76a33598ae92a46cab2fb5a8ed5bf48b7f267f8370"
     "af7"},
};
constexpr const char* kPrologue = "4a6f686e2047616c74";
constexpr const char* kInitiatorStatic =
    "e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1";
constexpr const char* kInitiatorEphemeral =
    "893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a";
constexpr const char* kResponderStatic =
    "4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893";
constexpr const char* kResponderEphemeral =
    "bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b";
constexpr const char* kHandshakeHash =
    "8cf47d7b3cb5804c0109d48e8bcdbee2cbb65687d8ea2c92994ca361fb86151ad93627b9"
    "8936cbb32de56e8abb21def3925011ac3e35db9cbeea73ab9a4392c2";

NoiseHandshake initiator() {
    return {NoiseRole::initiator, hex(kPrologue), keys(kInitiatorStatic),
            keys(kInitiatorEphemeral)};
}
NoiseHandshake responder() {
    return {NoiseRole::responder, hex(kPrologue), keys(kResponderStatic),
            keys(kResponderEphemeral)};
}

// Both sides after the three messages of the vector.
struct Pair {
    NoiseHandshake initiator;
    NoiseHandshake responder;
};
Pair finished() {
    Pair pair{initiator(), responder()};
    for (std::size_t i = 0; i < 3; ++i) {
        NoiseHandshake& from = i % 2 == 0 ? pair.initiator : pair.responder;
        NoiseHandshake& to = i % 2 == 0 ? pair.responder : pair.initiator;
        EXPECT_TRUE(from.is_my_turn());
        Bytes message = from.write(hex(kLines[i].payload));
        EXPECT_EQ(to_hex(message), kLines[i].ciphertext);
        EXPECT_EQ(to_hex(to.read(message).value()), kLines[i].payload);
    }
    return pair;
}

TEST(Noise, says_what_the_published_vector_says) {
    Pair pair = finished();
    ASSERT_TRUE(pair.initiator.is_finished() && pair.responder.is_finished());
    EXPECT_EQ(to_hex(pair.initiator.hash()), kHandshakeHash);
    EXPECT_EQ(to_hex(pair.responder.hash()), kHandshakeHash);
    EXPECT_EQ(*pair.initiator.remote_static(), keys(kResponderStatic).public_key);
    EXPECT_EQ(*pair.responder.remote_static(), keys(kInitiatorStatic).public_key);

    auto ours = pair.initiator.split();
    auto theirs = pair.responder.split();
    for (std::size_t i = 3; i < std::size(kLines); ++i) {
        // The responder speaks first, then they take turns.
        auto& from = i % 2 == 1 ? theirs : ours;
        auto& to = i % 2 == 1 ? ours : theirs;
        Bytes message = from.send.encrypt({}, hex(kLines[i].payload));
        EXPECT_EQ(to_hex(message), kLines[i].ciphertext);
        EXPECT_EQ(to_hex(to.receive.decrypt({}, message).value()), kLines[i].payload);
    }
}

TEST(Noise, refuses_a_handshake_with_any_byte_changed) {
    for (std::size_t line = 0; line < 3; ++line) {
        Bytes good = hex(kLines[line].ciphertext);
        for (std::size_t at = 0; at < good.size(); ++at) {
            NoiseHandshake first = initiator();
            NoiseHandshake second = responder();
            bool accepted = true;
            for (std::size_t i = 0; i < 3 && accepted; ++i) {
                NoiseHandshake& from = i % 2 == 0 ? first : second;
                NoiseHandshake& to = i % 2 == 0 ? second : first;
                Bytes message = from.write(hex(kLines[i].payload));
                if (i == line) message[at] ^= 1;
                accepted = to.read(message).has_value();
            }
            EXPECT_FALSE(accepted) << "message " << line << ", byte " << at;
        }
    }
}

TEST(Noise, refuses_another_prologue) {
    NoiseHandshake first = initiator();
    NoiseHandshake second(NoiseRole::responder, as_bytes("another network"), keys(kResponderStatic),
                          keys(kResponderEphemeral));
    ASSERT_TRUE(second.read(first.write({})));
    EXPECT_EQ(first.read(second.write({})).error().code, ErrorCode::invalid);
}

TEST(Noise, refuses_a_weak_key_and_messages_out_of_turn_or_cut_short) {
    NoiseHandshake second = responder();
    EXPECT_FALSE(second.read(Bytes(kNoiseKeyBytes, 0)));
    EXPECT_FALSE(responder().read(Bytes(31, 1)));
    NoiseHandshake first = initiator();
    EXPECT_FALSE(first.read(Bytes(32, 1)));
    Bytes hello = first.write({});
    NoiseHandshake third = responder();
    ASSERT_TRUE(third.read(hello));
    EXPECT_FALSE(third.read(hello));
    Bytes answer = third.write({});
    answer.resize(60);
    EXPECT_FALSE(first.read(answer));
}

TEST(NoiseCipher, refuses_what_is_changed_repeated_or_reordered) {
    Pair pair = finished();
    auto ours = pair.initiator.split();
    auto theirs = pair.responder.split();
    Bytes one = ours.send.encrypt({}, as_bytes("one"));
    Bytes two = ours.send.encrypt({}, as_bytes("two"));
    auto reordered = theirs;
    EXPECT_FALSE(reordered.receive.decrypt({}, two));
    ASSERT_TRUE(theirs.receive.decrypt({}, one));
    auto repeated = theirs;
    EXPECT_FALSE(repeated.receive.decrypt({}, one));
    two.back() ^= 1;
    EXPECT_FALSE(theirs.receive.decrypt({}, two));
    EXPECT_FALSE(theirs.receive.decrypt({}, Bytes(15)));
}

}  // namespace
}  // namespace ashlar::crypto
