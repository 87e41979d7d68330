// SPDX-License-Identifier: Apache-2.0
#include "peers/handshake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

namespace gtestnet::node {
namespace {

using testing::HasSubstr;

Hash Filled(std::uint8_t byte) {
  Hash hash;
  hash.bytes.fill(byte);
  return hash;
}

Identity Node(const std::string& name, std::uint8_t seed, std::uint8_t genesis = 1) {
  return {name, Filled(genesis), KeyPair::FromSeed(Filled(seed))};
}

// The frame that `bytes` are, which must stay alive.
Frame FrameOf(const Bytes& bytes) {
  Frame frame;
  frame.version = bytes[4];
  frame.kind = static_cast<FrameKind>(bytes[5]);
  frame.payload = ByteSpan(bytes).subspan(kFrameHeaderBytes);
  return frame;
}

std::string Refused(Handshake& handshake, const Bytes& bytes) {
  return std::string(handshake.Handle(FrameOf(bytes)).status().message());
}

class HandshakeTest : public testing::Test {
 protected:
  Identity first_ = Node("validator-0", 10);
  Identity second_ = Node("validator-1", 11);
  Handshake dialler_{first_, true, Filled(20), "validator-1"};
  Handshake dialled_{second_, false, Filled(21)};
};

TEST_F(HandshakeTest, BothSidesGetToKnowEachOther) {
  const auto proof_of_dialled = dialled_.Handle(FrameOf(dialler_.Start()));
  const auto proof_of_dialler = dialler_.Handle(FrameOf(dialled_.Start()));
  ASSERT_TRUE(proof_of_dialled.ok() && proof_of_dialler.ok());
  EXPECT_FALSE(dialler_.done());
  ASSERT_TRUE(dialler_.Handle(FrameOf(*proof_of_dialled)).ok());
  ASSERT_TRUE(dialled_.Handle(FrameOf(*proof_of_dialler)).ok());
  EXPECT_TRUE(dialler_.done());
  EXPECT_TRUE(dialled_.done());
  EXPECT_EQ(dialler_.peer().identifier, "validator-1");
  EXPECT_EQ(dialled_.peer().public_key, first_.key.public_key());
}

TEST_F(HandshakeTest, RefusesAnotherGenesis) {
  const Identity stranger = Node("validator-0", 10, 2);
  EXPECT_THAT(Refused(dialled_, Handshake(stranger, true, Filled(9)).Start()),
              HasSubstr("other genesis 0202"));
}

TEST_F(HandshakeTest, RefusesAnotherVersion) {
  Bytes hello = dialler_.Start();
  hello[4] = 7;
  EXPECT_EQ(Refused(dialled_, hello), "protocol version 7, where 1 is spoken");
}

TEST_F(HandshakeTest, RefusesItself) {
  Handshake mirror(first_, false, Filled(9));
  EXPECT_EQ(Refused(mirror, dialler_.Start()), "it is this very node");
}

TEST_F(HandshakeTest, RefusesAnotherNodeThanTheOneThatWasDialled) {
  const Identity other = Node("validator-2", 12);
  EXPECT_EQ(Refused(dialler_, Handshake(other, false, Filled(9)).Start()),
            "it is validator-2, where validator-1 was expected");
}

TEST_F(HandshakeTest, RefusesAProofThatIsSentBackOrUsedAgain) {
  const auto own = dialler_.Handle(FrameOf(dialled_.Start()));
  ASSERT_TRUE(own.ok());
  EXPECT_EQ(Refused(dialler_, *own), "its signature is wrong");

  const auto fresh = dialled_.Handle(FrameOf(dialler_.Start()));
  ASSERT_TRUE(fresh.ok());
  Handshake again(first_, true, Filled(99));  // another nonce
  ASSERT_TRUE(again.Handle(FrameOf(dialled_.Start())).ok());
  EXPECT_EQ(Refused(again, *fresh), "its signature is wrong");
}

TEST_F(HandshakeTest, RefusesFramesOutOfOrder) {
  EXPECT_EQ(Refused(dialled_, EncodeFrame(FrameKind::kPing, {})), "the first frame is not a hello");
  ASSERT_TRUE(dialled_.Handle(FrameOf(dialler_.Start())).ok());
  EXPECT_EQ(Refused(dialled_, dialler_.Start()), "the second frame is not a proof");
}

TEST_F(HandshakeTest, PassesOnWhyTheOtherSideRefused) {
  const auto answer = dialler_.Handle(FrameOf(EncodeRefusal("full\n")));
  EXPECT_EQ(answer.status().message(), "it refused: full?");
}

TEST_F(HandshakeTest, RefusesEveryTruncatedOrMutatedHello) {
  const Bytes hello = dialler_.Start();
  for (std::size_t size = kFrameHeaderBytes; size < hello.size(); ++size) {
    Handshake fresh(second_, false, Filled(21));
    EXPECT_EQ(Refused(fresh, Bytes(hello.begin(), hello.begin() + static_cast<long>(size))),
              "the hello is malformed");
  }
  Bytes longer = hello;
  longer.push_back('x');
  Handshake fresh(second_, false, Filled(21));
  EXPECT_EQ(Refused(fresh, longer), "the hello is malformed");
}

TEST_F(HandshakeTest, RefusesEveryMutatedProof) {
  ASSERT_TRUE(dialled_.Handle(FrameOf(dialler_.Start())).ok());
  const auto proof = dialler_.Handle(FrameOf(dialled_.Start()));
  std::mt19937_64 random(3);
  for (int round = 0; round < 64; ++round) {
    Bytes mutated = *proof;
    mutated[kFrameHeaderBytes + random() % 64] ^= static_cast<std::uint8_t>(1 + random() % 255);
    EXPECT_EQ(Refused(dialled_, mutated), "its signature is wrong");
  }
  EXPECT_FALSE(dialled_.done());
}

}  // namespace
}  // namespace gtestnet::node
