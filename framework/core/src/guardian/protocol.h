// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_GUARDIAN_PROTOCOL_H_
#define GTESTNET_CORE_SRC_GUARDIAN_PROTOCOL_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// How a runner, its guardian and the guardian's warden talk: one message a packet, over Unix
// SOCK_SEQPACKET sockets; a message that is longer than a packet can be goes along as a file in
// memory. Standard library only, as the guardian is a program of its own.
namespace gtestnet::guardian {

// A packet must fit into a socket buffer of the default size.
inline constexpr size_t kMaxPacket = 64 * 1024;

enum class MessageType : uint8_t {
  kReady = 1,  // guardian → runner: it watches. id: its pid, code: Confinement
  kReply,      // sequence of what it answers; code: 0 or an errno; text: why
  kExit,       // id: of the process, value: status of waitpid
  kSpawn,      // id; reply's value: its pid
  kSignal,     // id, code: signal
  kDirectory,  // text: absolute path, to be removed at the end; said before it is made
  kLease,      // text: name of an abstract socket that the guardian holds
  kRemoval,    // arguments: a command to be run at the end
  kEnd,        // removes everything; the reply's arguments: what is still there
  kLetGo,      // the guardian outlives the runner, until it gets SIGTERM
};

// How the processes of a run are kept together.
enum class Confinement : uint8_t { kAutomatic = 0, kNamespace = 1, kSubreaper = 2 };

struct Message {
  MessageType type = MessageType::kReply;
  uint32_t sequence = 0;
  int32_t id = 0;
  int32_t code = 0;
  int64_t value = 0;
  std::string text;
  std::vector<std::string> arguments;
  std::vector<std::string> environment;  // of kSpawn, all of it: "NAME=value"
  std::string directory;                 // of kSpawn: where it runs
  std::string log;                       // of kSpawn: takes its output, appended

  friend bool operator==(const Message&, const Message&) = default;
};

std::string Encode(const Message& message);
// Nothing for bytes that are no message.
std::optional<Message> Decode(std::string_view bytes);

// 0, or an errno. With `about`, the process of that pid is named to the receiver, whose own pid for
// it may be another one.
int Send(int socket, const Message& message, pid_t about = 0);

struct Received {
  Message message;
  pid_t about = 0;  // who sent it, or whom it named: only where the socket has SO_PASSCRED
};
// Waits for one message. Nothing at the other end's close; `error` is 0 then, else an errno
// (EBADMSG for bytes that are no message).
std::optional<Received> Receive(int socket, int& error);

}  // namespace gtestnet::guardian

#endif  // GTESTNET_CORE_SRC_GUARDIAN_PROTOCOL_H_
