// SPDX-License-Identifier: Apache-2.0
#include "core/src/guardian/protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace gtestnet::guardian {
namespace {

Message Full() {
  Message m;
  m.type = MessageType::kSpawn;
  m.sequence = 7;
  m.id = -3;
  m.code = 9;
  m.value = INT64_MIN;
  m.text = std::string("with\0zero", 9);
  m.arguments = {"/bin/true", "", "an argument"};
  m.environment = {"A=b"};
  m.directory = "/tmp";
  m.log = "/tmp/log";
  return m;
}

TEST(ProtocolTest, AMessageComesBackAsItWas) {
  EXPECT_EQ(Decode(Encode(Full())), Full());
  EXPECT_EQ(Decode(Encode(Message())), Message());
}

TEST(ProtocolTest, BytesThatAreNoMessageAreRefused) {
  const std::string bytes = Encode(Full());
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(Decode(std::string_view(bytes).substr(0, size)), std::nullopt) << size;
  }
  EXPECT_EQ(Decode(bytes + "x"), std::nullopt);
  std::string other_version = bytes;
  other_version[0] ^= 1;
  EXPECT_EQ(Decode(other_version), std::nullopt);
  std::string other_type = bytes;
  other_type[4] = 99;
  EXPECT_EQ(Decode(other_type), std::nullopt);
}

TEST(ProtocolTest, NoByteThatIsWrongMakesItReadBeyondTheEnd) {
  const std::string bytes = Encode(Full());
  for (size_t i = 0; i < bytes.size(); ++i) {
    for (const int flip : {0x01, 0x80, 0xff}) {
      std::string damaged = bytes;
      damaged[i] = static_cast<char>(damaged[i] ^ flip);
      static_cast<void>(Decode(damaged));
    }
  }
}

class SocketTest : public testing::Test {
 protected:
  SocketTest() { EXPECT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends_), 0); }
  ~SocketTest() override {
    close(ends_[0]);
    close(ends_[1]);
  }
  int ends_[2];
};

TEST_F(SocketTest, AMessageTravels) {
  EXPECT_EQ(Send(ends_[0], Full()), 0);
  int error = 0;
  const std::optional<Received> received = Receive(ends_[1], error);
  ASSERT_TRUE(received);
  EXPECT_EQ(received->message, Full());
}

size_t OpenFiles() {
  const std::filesystem::directory_iterator files("/proc/self/fd");
  return static_cast<size_t>(std::distance(begin(files), end(files)));
}

TEST_F(SocketTest, AMessageTravelsHoweverLongItIs) {
  const int yes = 1;
  ASSERT_EQ(setsockopt(ends_[1], SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes), 0);
  const size_t before = OpenFiles();
  for (const size_t size : {kMaxPacket, kMaxPacket + 1, size_t{200} * 1024, size_t{8} << 20}) {
    Message large = Full();
    large.text.clear();
    large.text.assign(size - Encode(large).size(), 'x');
    EXPECT_EQ(Send(ends_[0], large, getpid()), 0) << size;
    int error = 0;
    const std::optional<Received> received = Receive(ends_[1], error);
    ASSERT_TRUE(received) << size << ": " << error;
    EXPECT_EQ(received->message, large);
    EXPECT_EQ(received->about, getpid());
  }
  EXPECT_EQ(OpenFiles(), before);
}

TEST_F(SocketTest, AMessageTravelsAlsoThroughASmallBuffer) {
  const int small = 4096;
  ASSERT_EQ(setsockopt(ends_[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small), 0);
  Message message = Full();
  message.text.assign(kMaxPacket / 2, 'x');
  EXPECT_EQ(Send(ends_[0], message), 0);
  int error = 0;
  const std::optional<Received> received = Receive(ends_[1], error);
  ASSERT_TRUE(received) << error;
  EXPECT_EQ(received->message, message);
}

TEST_F(SocketTest, GarbageIsAnErrorAndACloseIsNone) {
  ASSERT_EQ(send(ends_[0], "hello", 5, 0), 5);
  int error = 0;
  EXPECT_FALSE(Receive(ends_[1], error));
  EXPECT_EQ(error, EBADMSG);
  shutdown(ends_[0], SHUT_RDWR);
  EXPECT_FALSE(Receive(ends_[1], error));
  EXPECT_EQ(error, 0);
}

TEST_F(SocketTest, SendingToNobodyIsAnErrorAndNoSignal) {
  shutdown(ends_[1], SHUT_RDWR);
  EXPECT_EQ(Send(ends_[0], Full()), EPIPE);
}

}  // namespace
}  // namespace gtestnet::guardian
