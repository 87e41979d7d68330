// SPDX-License-Identifier: Apache-2.0
#include "core/src/guardian/guardian.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/src/base/environment.h"
#include "core/src/base/machine_limits.h"
#include "core/src/base/program.h"
#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "gtestnet/standard_descriptors.h"
#include "gtestnet/variables.h"

namespace gtestnet {
namespace {

using guardian::Confinement;
using guardian::Message;
using guardian::MessageType;
using std::chrono::milliseconds;

constexpr milliseconds kCallTimeout{20000};
// Killing, removal commands and directories.
constexpr milliseconds kEndTimeout{150000};

// Of the guardian's descriptors, after the standard ones, the socket and the pidfd.
constexpr int kFirstFree = 5;

constexpr const char* kRunIdVariable = "GTESTNET_RUN_ID";

// A descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }
  int Release() { return std::exchange(number_, -1); }
  void Reset(int number) {
    if (number_ >= 0) close(number_);
    number_ = number;
  }

 private:
  int number_;
};

const char* Word(Confinement confinement) {
  switch (confinement) {
    case Confinement::kNamespace:
      return "namespace";
    case Confinement::kSubreaper:
      return "subreaper";
    case Confinement::kAutomatic:
      break;
  }
  return "automatic";
}

// The environment of the guardian: a helper's, with the run's id and what was asked for.
std::vector<std::string> GuardianEnvironment(const GuardianOptions& options) {
  Environment all = options.environment;
  all[kRunIdVariable] = options.run_id;
  all.merge(HelperEnvironment());
  std::vector<std::string> environment;
  for (const auto& [name, value] : all) environment.push_back(name + "=" + value);
  return environment;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Starts the program with the two descriptors as 3 and 4, in a session of its own; it forks once
// more, so that what is waited for here ends at once.
absl::Status Launch(const std::string& program, const GuardianOptions& options, int socket,
                    int pidfd) {
  std::vector<std::string> arguments = {program, options.run_id, Word(options.confinement)};
  std::vector<std::string> environment = GuardianEnvironment(options);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDWR, 0);
  posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDERR_FILENO);
  posix_spawn_file_actions_adddup2(&actions, socket, 3);
  posix_spawn_file_actions_adddup2(&actions, pidfd, 4);
  posix_spawn_file_actions_addclosefrom_np(&actions, kFirstFree);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t signals;
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  sigfillset(&signals);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  posix_spawnattr_setflags(
      &attributes,
      static_cast<short>(POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
  pid_t pid = 0;
  const int error = posix_spawn(&pid, program.c_str(), &actions, &attributes,
                                Pointers(arguments).data(), Pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) return ErrnoStatus(error, program);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno == EINTR) continue;
    return absl::OkStatus();  // someone else reaped it: SIGCHLD is ignored, say
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return absl::OkStatus();
  const std::string how = WIFSIGNALED(status)
                              ? "signal " + std::to_string(WTERMSIG(status))
                              : "exit status " + std::to_string(WEXITSTATUS(status));
  const std::string limit = Exhausted(ReadLimits());
  return Internal(program + " could not begin: " + how + (limit.empty() ? "" : "; " + limit));
}

// A copy with a number that is out of the way of what Launch opens. −1 when none is to be had.
Descriptor Aside(int descriptor) {
  return Descriptor(fcntl(descriptor, F_DUPFD_CLOEXEC, kFirstFree));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Guardian>> Guardian::Start(GuardianOptions options) {
  OpenStandardDescriptors();
  GTESTNET_ASSIGN_OR_RETURN(const std::string program, FindHelperProgram("gtestnet-guardian"));
  // It becomes readable when this process has died. Where pidfds are not to be had, the read end of
  // a pipe does so, too, unless a child of this process that runs no other program outlives it.
  Descriptor watch_end(static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0)));
  Descriptor life_end(-1);
  if (watch_end.number() < 0) {
    int pipe_ends[2];
    if (pipe2(pipe_ends, O_CLOEXEC) != 0) return ErrnoStatus(errno, "pipe");
    watch_end.Reset(pipe_ends[0]);
    life_end.Reset(pipe_ends[1]);
  }
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return ErrnoStatus(errno, "socketpair");
  }
  Descriptor ours(ends[0]);
  {
    const Descriptor theirs(ends[1]);
    const Descriptor socket = Aside(ends[1]);
    const Descriptor watch = Aside(watch_end.number());
    if (socket.number() < 0 || watch.number() < 0) return ErrnoStatus(errno, "descriptors");
    GTESTNET_RETURN_IF_ERROR(Launch(program, options, socket.number(), watch.number()));
  }
  std::unique_ptr<Guardian> guardian(new Guardian(std::move(options), ours.Release()));
  guardian->life_ = life_end.Release();
  GTESTNET_RETURN_IF_ERROR(guardian->AwaitReady());
  return guardian;
}

Guardian::Guardian(GuardianOptions options, int socket)
    : options_(std::move(options)), socket_(socket) {}

Guardian::~Guardian() {
  if (listener_.joinable()) static_cast<void>(End());
  CloseSocket();
  close(socket_);
  if (life_ >= 0) close(life_);
}

absl::Status Guardian::AwaitReady() {
  pollfd event{socket_, POLLIN, 0};
  const int timeout = static_cast<int>(Scaled(kCallTimeout).count());
  while (poll(&event, 1, timeout) < 0 && errno == EINTR) {
  }
  if (event.revents == 0) {
    return DeadlineExceeded("gtestnet-guardian: no sign of it in " +
                            FormatDuration(milliseconds(timeout)));
  }
  int error = 0;
  std::optional<guardian::Received> received = guardian::Receive(socket_, error);
  if (!received)
    return Internal("gtestnet-guardian ended before it was ready, or is another version");
  const Message& ready = received->message;
  if (ready.type != MessageType::kReady || ready.id <= 0) {
    return Internal("gtestnet-guardian could not start: " + ready.text);
  }
  pid_ = ready.id;
  confinement_ = static_cast<Confinement>(ready.code);
  listener_ = Thread([this](const std::stop_token&) { Listen(); },
                     [this](const absl::Status&) { NoteLoss(); });
  return Annotate(listener_.status(), "gtestnet-guardian");
}

void Guardian::Listen() {
  for (;;) {
    int error = 0;
    std::optional<guardian::Received> received = guardian::Receive(socket_, error);
    if (!received) break;
    Message& message = received->message;
    std::unique_lock lock(mutex_);
    if (message.type == MessageType::kReply) {
      if (awaited_.contains(message.sequence)) {
        // Noted here, so that an exit that follows at once finds it.
        if (message.code == 0 && message.value > 0) running_.insert(message.id);
        replies_[message.sequence] = std::move(message);
        changed_.notify_all();
      }
    } else if (message.type == MessageType::kExit) {
      running_.erase(message.id);
      lock.unlock();
      if (options_.on_exit) options_.on_exit(message.id, static_cast<int>(message.value));
    }
  }
  NoteLoss();
}

void Guardian::NoteLoss() {
  std::set<int> ended;
  {
    const std::lock_guard lock(mutex_);
    lost_ = true;
    if (!finished_) ended = std::exchange(running_, {});
  }
  changed_.notify_all();
  for (const int id : ended) {
    if (options_.on_exit) options_.on_exit(id, SIGKILL);
  }
}

absl::StatusOr<Message> Guardian::Call(Message request, milliseconds timeout) {
  std::unique_lock lock(mutex_);
  if (finished_) return FailedPrecondition("the run is over");
  request.sequence = next_sequence_++;
  awaited_.insert(request.sequence);
  const uint32_t sequence = request.sequence;
  const int error = guardian::Send(socket_, request);
  if (error != 0 && error != EPIPE && error != ECONNRESET) {
    awaited_.erase(sequence);
    return ErrnoStatus(error, "a request to gtestnet-guardian (pid " + std::to_string(pid_) + ")");
  }
  const bool in_time = error != 0 || changed_.wait_for(lock, Scaled(timeout), [&] {
    return lost_ || replies_.contains(sequence);
  });
  awaited_.erase(sequence);
  auto found = replies_.extract(sequence);
  if (!found.empty()) return std::move(found.mapped());
  if (!in_time) {
    return DeadlineExceeded("gtestnet-guardian (pid " + std::to_string(pid_) + "): no answer in " +
                            FormatDuration(Scaled(timeout)));
  }
  return Unavailable("gtestnet-guardian (pid " + std::to_string(pid_) +
                     ") is gone, and the run's processes with it");
}

absl::Status Guardian::AddDirectory(const std::string& path) {
  Message request;
  request.type = MessageType::kDirectory;
  request.text = path;
  GTESTNET_ASSIGN_OR_RETURN(const Message reply, Call(std::move(request), kCallTimeout));
  if (reply.code != 0) return ErrnoStatus(reply.code, "directory " + path);
  return absl::OkStatus();
}

absl::Status Guardian::AddLease(const std::string& name) {
  Message request;
  request.type = MessageType::kLease;
  request.text = name;
  GTESTNET_ASSIGN_OR_RETURN(const Message reply, Call(std::move(request), kCallTimeout));
  if (reply.code != 0) return ErrnoStatus(reply.code, "lease " + name);
  return absl::OkStatus();
}

absl::Status Guardian::AddRemoval(const std::vector<std::string>& arguments) {
  Message request;
  request.type = MessageType::kRemoval;
  request.arguments = arguments;
  GTESTNET_ASSIGN_OR_RETURN(const Message reply, Call(std::move(request), kCallTimeout));
  if (reply.code != 0) return ErrnoStatus(reply.code, "a command for the end");
  return absl::OkStatus();
}

absl::StatusOr<pid_t> Guardian::Spawn(const SpawnRequest& spawn) {
  Message request;
  request.type = MessageType::kSpawn;
  request.id = spawn.id;
  request.arguments = spawn.arguments;
  for (const auto& [name, value] : spawn.environment) {
    if (name != kRunIdVariable) request.environment.push_back(name + "=" + value);
  }
  request.environment.push_back(absl::StrCat(kRunIdVariable, "=", options_.run_id));
  request.directory = spawn.directory;
  request.log = spawn.log;
  GTESTNET_ASSIGN_OR_RETURN(const Message reply, Call(std::move(request), kCallTimeout));
  if (reply.code == 0) return static_cast<pid_t>(reply.value);
  if (reply.text.empty()) return ErrnoStatus(reply.code, "start of a process");
  return MakeStatus(ErrnoStatus(reply.code, "").code(), reply.text);
}

absl::Status Guardian::Signal(int id, int signal) {
  Message request;
  request.type = MessageType::kSignal;
  request.id = id;
  request.code = signal;
  GTESTNET_ASSIGN_OR_RETURN(const Message reply, Call(std::move(request), kCallTimeout));
  if (reply.code == ESRCH) return NotFound("that process has ended");
  if (reply.code != 0) return ErrnoStatus(reply.code, "signal " + std::to_string(signal));
  return absl::OkStatus();
}

absl::Status Guardian::End() {
  Message request;
  request.type = MessageType::kEnd;
  absl::StatusOr<Message> reply = Call(std::move(request), kEndTimeout);
  const std::lock_guard once(end_mutex_);
  if (!listener_.joinable()) return end_status_;
  if (reply.ok()) {
    if (!reply->arguments.empty()) {
      end_status_ = Internal("not removed: " + absl::StrJoin(reply->arguments, "; "));
    }
  } else if (!absl::IsUnavailable(reply.status())) {
    end_status_ = reply.status();
  }
  // The guardian closes the socket as it goes.
  if (absl::IsDeadlineExceeded(end_status_)) CloseSocket();
  listener_.join();
  const std::lock_guard lock(mutex_);
  finished_ = true;
  return end_status_;
}

absl::Status Guardian::LetGo() {
  Message request;
  request.type = MessageType::kLetGo;
  GTESTNET_RETURN_IF_ERROR(Call(std::move(request), kCallTimeout).status());
  const std::lock_guard once(end_mutex_);
  {
    const std::lock_guard lock(mutex_);
    finished_ = true;
  }
  CloseSocket();
  if (listener_.joinable()) listener_.join();
  return absl::OkStatus();
}

void Guardian::CloseSocket() { shutdown(socket_, SHUT_RDWR); }

}  // namespace gtestnet
