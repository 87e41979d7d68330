// SPDX-License-Identifier: Apache-2.0
// gtestnet-guardian RUN_ID CONFINEMENT, with a socket to the runner as descriptor 3 and a pidfd of
// the runner as 4. The library starts it; its id is there for whoever reads a list of processes.
#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstring>

#include "core/src/guardian/guardian_process.h"
#include "gtestnet/standard_descriptors.h"

namespace {

constexpr int kRunner = 3;
constexpr int kRunnerPidfd = 4;

bool IsSocket(int descriptor) {
  int type = 0;
  socklen_t size = sizeof type;
  return getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

// By convention of the library only the three standard descriptors and these two are open.
void TakeDescriptors() {
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int standard = 0; standard <= 2 && null >= 0; ++standard) dup2(null, standard);
  fcntl(kRunner, F_SETFD, FD_CLOEXEC);
  fcntl(kRunnerPidfd, F_SETFD, FD_CLOEXEC);
  close_range(kRunnerPidfd + 1, ~0u, 0);
}

}  // namespace

int main(int argc, char** argv) {
  gtestnet::OpenStandardDescriptors();
  using gtestnet::guardian::Confinement;
  if (argc != 3 || !IsSocket(kRunner) || fcntl(kRunnerPidfd, F_GETFD) < 0) {
    std::fputs("gtestnet-guardian watches over a run of gtestnet, which starts it by itself.\n",
               stderr);
    return 2;
  }
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGQUIT, SIGUSR1, SIGUSR2}) {
    std::signal(signal, SIG_IGN);
  }
  TakeDescriptors();
  // An orphan in a session of its own, as the library starts this program as a session's leader: no
  // terminal's signals, and nothing that the runner would have to wait for.
  const pid_t pid = fork();
  if (pid != 0) _exit(pid < 0 ? 1 : 0);
  if (chdir("/") != 0) _exit(1);
  Confinement wanted = Confinement::kAutomatic;
  if (std::strcmp(argv[2], "namespace") == 0) wanted = Confinement::kNamespace;
  if (std::strcmp(argv[2], "subreaper") == 0) wanted = Confinement::kSubreaper;
  _exit(gtestnet::guardian::GuardianProcess(kRunner, kRunnerPidfd).Run(wanted));
}
