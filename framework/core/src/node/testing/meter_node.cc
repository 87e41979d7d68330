// SPDX-License-Identifier: Apache-2.0
// gtestnet-meter: a node of a made-up kind for component tests, a static program, so that it runs
// in an image that has nothing else.
//
// gtestnet-meter --name=N --talk=HOST:PORT --stats=HOST:PORT --peers=FILE --shared=FILE
// --data=DIRECTORY [--guarded=yes]
//
// At `talk` it answers GET /state with one line, "N peers=2 shared=5000 starts=1 mode=fast": how
// many of the peers that its file names (HOST:PORT, one a line) answer, the size of the file that
// all nodes share, how often it was started with that directory, and MODE of its environment. POST
// /abort aborts it, /exit ends it with status 4, and /freeze stops it for four seconds. At `stats`
// it answers GET /metrics with the number of states that it told. A guarded one is started again by
// its parent whenever it ends.
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace {

std::map<std::string, std::string> options;
std::atomic<int> told = 0;

bool Split(const std::string& place, sockaddr_in* into) {
  const size_t colon = place.rfind(':');
  if (colon == place.npos) return false;
  const std::string host = place.substr(0, colon);
  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), place.substr(colon + 1).c_str(), &hints, &found) != 0) return false;
  *into = *reinterpret_cast<sockaddr_in*>(found->ai_addr);
  freeaddrinfo(found);
  return true;
}

bool Answers(const std::string& place) {
  sockaddr_in address{};
  if (!Split(place, &address)) return false;
  const int peer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval limit{0, 300'000};
  setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(peer, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  constexpr char kPing[] = "GET /ping HTTP/1.0\r\n\r\n";
  char byte = 0;
  const bool answers = connect(peer, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
                       send(peer, kPing, sizeof kPing - 1, MSG_NOSIGNAL) > 0 &&
                       recv(peer, &byte, 1, 0) == 1;
  close(peer);
  return answers;
}

std::string TextOf(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

int CountStart() {
  const std::string path = options["data"] + "/starts";
  int starts = 0;
  std::ifstream(path) >> starts;
  std::ofstream(path) << ++starts << '\n';
  return starts;
}

std::string State(int starts) {
  int peers = 0;
  std::ifstream file(options["peers"]);
  for (std::string place; std::getline(file, place);) peers += Answers(place) ? 1 : 0;
  ++told;
  const char* mode = std::getenv("MODE");
  return options["name"] + " peers=" + std::to_string(peers) +
         " shared=" + std::to_string(TextOf(options["shared"]).size()) +
         " starts=" + std::to_string(starts) + " mode=" + (mode == nullptr ? "" : mode) + "\n";
}

void Freeze() {
  const pid_t self = getpid();
  if (fork() == 0) {
    sleep(4);
    kill(self, SIGCONT);
    std::_Exit(0);
  }
  kill(self, SIGSTOP);
}

pid_t child = 0;

// Comes back in each child.
void Guard() {
  std::signal(SIGTERM, [](int) {
    kill(child, SIGTERM);
    std::_Exit(0);
  });
  while (true) {
    child = fork();
    if (child == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      std::signal(SIGTERM, [](int) { std::_Exit(0); });
      return;
    }
    while (waitpid(child, nullptr, 0) < 0) {
    }
  }
}

std::string AnswerTo(const std::string& request, int starts) {
  if (request.starts_with("POST /abort")) std::abort();
  if (request.starts_with("POST /exit")) std::_Exit(4);
  if (request.starts_with("POST /freeze")) Freeze();
  if (request.starts_with("GET /metrics")) {
    return "meter_told_total " + std::to_string(told.load()) + "\n";
  }
  return request.starts_with("GET /state") ? State(starts) : "here\n";
}

void Serve(const std::string& place, int starts) {
  sockaddr_in address{};
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (!Split(place, &address) ||
      bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener, 100) != 0) {
    std::cerr << "gtestnet-meter: cannot listen at " << place << std::endl;
    std::_Exit(3);
  }
  std::cout << options["name"] << " listens at " << place << std::endl;
  while (true) {
    const int client = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    std::thread([client, starts] {
      char buffer[4096];
      const ssize_t size = recv(client, buffer, sizeof buffer, 0);
      const std::string body =
          AnswerTo(std::string(buffer, size > 0 ? static_cast<size_t>(size) : 0), starts);
      const std::string answer =
          "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/plain\r\n"
          "Content-Length: " +
          std::to_string(body.size()) + "\r\n\r\n" + body;
      send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
      close(client);
    }).detach();
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGTERM, [](int) { std::_Exit(0); });
  for (const std::string& argument : std::vector<std::string>(argv + 1, argv + argc)) {
    const size_t equals = argument.find('=');
    if (equals == argument.npos || !argument.starts_with("--")) continue;
    options[argument.substr(2, equals - 2)] = argument.substr(equals + 1);
  }
  if (options["guarded"] == "yes") Guard();
  const int starts = CountStart();
  std::thread([starts] { Serve(options["stats"], starts); }).detach();
  Serve(options["talk"], starts);
}
