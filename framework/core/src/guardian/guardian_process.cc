// SPDX-License-Identifier: Apache-2.0
#include "core/src/guardian/guardian_process.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <utility>

#include "core/src/guardian/cleanup.h"

namespace gtestnet::guardian {
namespace {

constexpr int kKillPatienceMs = 10000;
constexpr int kRemovalTimeoutMs = 120000;
constexpr size_t kMostThings = 4096;  // of each sort

// Only directories of ours are ever removed: absolute, in no way climbing, named gtestnet.<…>.
bool IsRunDirectory(const std::string& path) {
  const size_t slash = path.rfind('/');
  return !path.empty() && path[0] == '/' && path.find("/../") == std::string::npos &&
         path.compare(slash + 1, 9, "gtestnet.") == 0 && path.size() > slash + 10;
}

// What ends a guardian that was let go; it is ignored until then.
sigset_t Termination() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  return signals;
}

}  // namespace

int GuardianProcess::Run(Confinement wanted) {
  Message ready;
  ready.type = MessageType::kReady;
  if (prctl(PR_SET_CHILD_SUBREAPER, 1) == 0) warden_ = StartWarden(wanted);
  if (warden_.pid == 0) {
    ready.text = std::string("no warden: ") + std::strerror(errno);
    Send(runner_, ready);
    return 1;
  }
  const sigset_t signals = Termination();
  const int terminated = signalfd(-1, &signals, SFD_CLOEXEC);
  ready.id = getpid();
  ready.code = static_cast<int32_t>(warden_.confinement);
  if (Send(runner_, ready) == 0) {
    for (;;) {
      std::array<pollfd, 4> events = {{{runner_, POLLIN, 0},
                                       {runner_pidfd_, POLLIN, 0},
                                       {warden_.socket, POLLIN, 0},
                                       {terminated, POLLIN, 0}}};
      if (poll(events.data(), events.size(), -1) < 0) continue;
      if (events[2].revents != 0 && !HandleWarden()) break;
      if (events[0].revents != 0 && !HandleRunner()) break;
      if (!let_go_ && events[1].revents != 0) break;
      if (events[3].revents != 0) break;
    }
  }
  RemoveEverything();
  return 0;
}

bool GuardianProcess::HandleRunner() {
  int error = 0;
  std::optional<Received> received = Receive(runner_, error);
  if (!received) return error == EBADMSG;
  const Message& request = received->message;
  switch (request.type) {
    case MessageType::kSpawn:
    case MessageType::kSignal:
      Forward(request);
      return true;
    case MessageType::kDirectory:
      Reply(request, AddDirectory(request.text));
      return true;
    case MessageType::kLease:
      Reply(request, AddLease(request.text));
      return true;
    case MessageType::kRemoval:
      if (request.arguments.empty() || removals_.size() >= kMostThings) {
        Reply(request, EINVAL);
      } else {
        removals_.push_back(request.arguments);
        Reply(request, 0);
      }
      return true;
    case MessageType::kEnd: {
      Message reply;
      reply.sequence = request.sequence;
      reply.arguments = RemoveEverything();
      Send(runner_, reply);
      return false;
    }
    case MessageType::kLetGo:
      LetGo(request);
      return true;
    default:
      Reply(request, EBADMSG);
      return true;
  }
}

bool GuardianProcess::HandleWarden() {
  int error = 0;
  std::optional<Received> received = Receive(warden_.socket, error);
  if (!received) return false;
  Message& message = received->message;
  // The pid of a new process, as it is outside of its namespace.
  if (message.type == MessageType::kReply && received->about != warden_.pid) {
    message.value = received->about;
  }
  if (runner_ >= 0) Send(runner_, message);
  return true;
}

void GuardianProcess::Forward(const Message& request) {
  if (const int error = Send(warden_.socket, request)) Reply(request, error, "the warden is gone");
}

int GuardianProcess::AddDirectory(const std::string& path) {
  if (!IsRunDirectory(path) || directories_.size() >= kMostThings) return EINVAL;
  directories_.push_back(path);
  return 0;
}

int GuardianProcess::AddLease(const std::string& name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (name.empty() || name.size() > sizeof address.sun_path - 1 || leases_.size() >= kMostThings) {
    return EINVAL;
  }
  const int lease = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (lease < 0) return errno;
  std::memcpy(address.sun_path + 1, name.data(), name.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  if (bind(lease, reinterpret_cast<const sockaddr*>(&address), size) != 0) {
    const int error = errno;
    close(lease);
    return error;
  }
  leases_.push_back(lease);
  return 0;
}

void GuardianProcess::LetGo(const Message& request) {
  let_go_ = true;
  prctl(PR_SET_NAME, "gtestnet-kept");
  // Blocked, and so taken by the signalfd; a blocked signal is kept even while it is ignored.
  const sigset_t signals = Termination();
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGTERM, SIG_DFL);
  // Not before: who has the answer may send SIGTERM at once.
  Reply(request, 0);
  close(runner_);
  close(runner_pidfd_);
  runner_ = runner_pidfd_ = -1;
}

std::vector<std::string> GuardianProcess::RemoveEverything() {
  std::vector<std::string> left;
  // What a removal leaves at work, for what takes longer, is none of the run's processes.
  if (std::exchange(removed_, true)) return left;
  kill(warden_.pid, SIGKILL);
  // In a namespace its end is that of all the others: while the kernel is at it, the files go; what
  // one of them still makes goes after that. A removal may need the files.
  if (warden_.confinement == Confinement::kNamespace && removals_.empty()) {
    for (const std::string& directory : directories_) EmptyDirectory(directory);
  }
  AwaitChild(warden_.pid, kKillPatienceMs);
  for (const pid_t pid : KillDescendants(kKillPatienceMs)) {
    left.push_back("process " + std::to_string(pid));
  }
  const auto note = [&left](std::string problem) {
    if (!problem.empty() && left.size() < 256) left.push_back(std::move(problem));
  };
  for (const auto& removal : removals_) note(RunRemoval(removal, kRemovalTimeoutMs));
  for (const std::string& directory : directories_) note(RemoveDirectory(directory));
  for (const int lease : leases_) close(lease);
  removals_.clear();
  directories_.clear();
  leases_.clear();
  return left;
}

void GuardianProcess::Reply(const Message& request, int code, const std::string& text) {
  Message reply;
  reply.sequence = request.sequence;
  reply.id = request.id;
  reply.code = code;
  reply.text = text;
  Send(runner_, reply);
}

}  // namespace gtestnet::guardian
