// SPDX-License-Identifier: Apache-2.0
#include "core/src/guardian/warden.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <map>
#include <string>

#include "core/src/guardian/cleanup.h"

namespace gtestnet::guardian {
namespace {

// What a child says of itself when it could not become the program.
struct ExecFailure {
  int error = 0;
  char step = '\0';
};

[[noreturn]] void FailExec(int pipe, char step) {
  const ExecFailure failure{errno, step};
  [[maybe_unused]] const ssize_t written = write(pipe, &failure, sizeof failure);
  _exit(127);
}

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

[[noreturn]] void BecomeProgram(const Message& request, int pipe, pid_t warden) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != warden) _exit(127);
  setpgid(0, 0);
  ResetSignals();
  const int log = open(request.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (log < 0) FailExec(pipe, 'l');
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  if (chdir(request.directory.c_str()) != 0) FailExec(pipe, 'd');
  close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
  std::vector<char*> argv = Pointers(request.arguments);
  std::vector<char*> environment = Pointers(request.environment);
  execve(argv[0], argv.data(), environment.data());
  FailExec(pipe, 'x');
}

std::string Describe(const ExecFailure& failure, const Message& request) {
  const std::string why = std::string(": ") + std::strerror(failure.error);
  if (failure.step == 'l') return "log " + request.log + why;
  if (failure.step == 'd') return "directory " + request.directory + why;
  return request.arguments[0] + why;
}

class WardenProcess {
 public:
  WardenProcess(int socket, Confinement confinement) : socket_(socket), confinement_(confinement) {}

  [[noreturn]] void Run() {
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, nullptr);
    const int signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    pollfd events[2] = {{socket_, POLLIN, 0}, {signals, POLLIN, 0}};
    for (;;) {
      if (poll(events, 2, -1) < 0) continue;
      if (events[1].revents != 0) {
        signalfd_siginfo ignored{};
        while (read(signals, &ignored, sizeof ignored) > 0) {
        }
        ReapAll();
      }
      if (events[0].revents != 0 && !HandleMessage()) End();
    }
  }

 private:
  // The guardian is gone. In a namespace, the kernel ends all the others with its init.
  [[noreturn]] void End() {
    if (confinement_ == Confinement::kSubreaper) KillDescendants(10000);
    _exit(0);
  }

  bool HandleMessage() {
    int error = 0;
    std::optional<Received> received = Receive(socket_, error);
    if (!received) return error == EBADMSG;
    const Message& request = received->message;
    Message reply;
    reply.sequence = request.sequence;
    reply.id = request.id;
    pid_t about = 0;
    if (request.type == MessageType::kSpawn) {
      const pid_t pid = Spawn(request, reply);
      if (confinement_ == Confinement::kNamespace) {
        about = pid;
      } else {
        reply.value = pid;
      }
    } else if (request.type == MessageType::kSignal) {
      // A process that was not reaped keeps its pid, so this never hits another one.
      const auto it = pids_.find(request.id);
      if (it == pids_.end() || kill(it->second, request.code) != 0) {
        reply.code = it == pids_.end() ? ESRCH : errno;
      }
    } else {
      reply.code = EBADMSG;
    }
    return Send(socket_, reply, about) == 0;
  }

  // The pid, or 0.
  pid_t Spawn(const Message& request, Message& reply) {
    int ends[2];
    if (request.arguments.empty()) {
      reply.code = EINVAL;
      reply.text = "there is no program to run";
      return 0;
    }
    if (pipe2(ends, O_CLOEXEC) != 0) {
      reply.code = errno;
      return 0;
    }
    const pid_t self = getpid();
    const pid_t pid = fork();
    if (pid == 0) BecomeProgram(request, ends[1], self);
    reply.code = pid < 0 ? errno : 0;
    close(ends[1]);
    ExecFailure failure;
    ssize_t size = 0;
    if (pid > 0) {
      while ((size = read(ends[0], &failure, sizeof failure)) < 0 && errno == EINTR) {
      }
    }
    close(ends[0]);
    if (pid < 0) return 0;
    if (size == sizeof failure) {
      waitpid(pid, nullptr, 0);
      reply.code = failure.error;
      reply.text = Describe(failure, request);
      return 0;
    }
    ids_[pid] = request.id;
    pids_[request.id] = pid;
    return pid;
  }

  void ReapAll() {
    for (;;) {
      int status = 0;
      const pid_t pid = waitpid(-1, &status, WNOHANG);
      if (pid <= 0) {
        if (pid < 0 && errno == EINTR) continue;
        return;
      }
      const auto it = ids_.find(pid);
      if (it == ids_.end()) continue;  // an orphan
      Message notice;
      notice.type = MessageType::kExit;
      notice.id = it->second;
      notice.value = status;
      pids_.erase(it->second);
      ids_.erase(it);
      Send(socket_, notice);
    }
  }

  const int socket_;
  const Confinement confinement_;
  std::map<pid_t, int32_t> ids_;
  std::map<int32_t, pid_t> pids_;
};

bool WriteFile(const char* path, const std::string& text) {
  const int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool written = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  close(file);
  return written;
}

// In a user namespace of its own, a process keeps its ids.
bool MapIds(uid_t uid, gid_t gid) {
  const std::string u = std::to_string(uid);
  const std::string g = std::to_string(gid);
  return WriteFile("/proc/self/setgroups", "deny") &&
         WriteFile("/proc/self/gid_map", g + " " + g + " 1") &&
         WriteFile("/proc/self/uid_map", u + " " + u + " 1");
}

// fork() into new namespaces.
pid_t Clone(unsigned long flags) {
  return static_cast<pid_t>(syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0));
}

// The one byte with which the warden says that it is set up.
constexpr char kUp = 'u';
constexpr int kOwnSocket = 3;

bool TryStart(Warden& warden, Confinement confinement, unsigned long flags) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return false;
  const int yes = 1;
  setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes);
  const uid_t uid = geteuid();
  const gid_t gid = getegid();
  const pid_t pid = flags == 0 ? fork() : Clone(flags);
  if (pid == 0) {
    // Whatever else the guardian has open is not the warden's: the runner must see it die.
    const int socket = dup3(ends[1], kOwnSocket, O_CLOEXEC) < 0 ? ends[1] : kOwnSocket;
    close_range(kOwnSocket + 1, ~0u, 0);
    prctl(PR_SET_NAME, "gtestnet-warden");
    // A subreaper ends its descendants itself when the socket closes.
    if (confinement == Confinement::kNamespace) prctl(PR_SET_PDEATHSIG, SIGKILL);
    if ((flags & CLONE_NEWUSER) != 0 && !MapIds(uid, gid)) _exit(1);
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) _exit(1);
    if (send(socket, &kUp, 1, MSG_NOSIGNAL) != 1) _exit(1);
    WardenProcess(socket, confinement).Run();
  }
  close(ends[1]);
  char word = '\0';
  if (pid > 0 && recv(ends[0], &word, 1, 0) == 1 && word == kUp) {
    warden = {pid, ends[0], confinement};
    return true;
  }
  const int error = errno;
  close(ends[0]);
  if (pid > 0) waitpid(pid, nullptr, 0);
  errno = error;
  return false;
}

}  // namespace

Warden StartWarden(Confinement wanted) {
  Warden warden;
  if (wanted != Confinement::kSubreaper &&
      (TryStart(warden, Confinement::kNamespace, CLONE_NEWPID) ||
       TryStart(warden, Confinement::kNamespace, CLONE_NEWPID | CLONE_NEWUSER))) {
    return warden;
  }
  if (wanted != Confinement::kNamespace) TryStart(warden, Confinement::kSubreaper, 0);
  return warden;
}

}  // namespace gtestnet::guardian
