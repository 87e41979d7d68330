// SPDX-License-Identifier: Apache-2.0
// A session of the API over a pair of sockets, in pieces of any size, with a real engine behind it.
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "api/api.h"
#include "api/http_session.h"
#include "boost/asio/io_context.hpp"
#include "core/engine_rig.h"
#include "testing/fuzz.h"

namespace gtestnet::node::fuzz {
namespace {

constexpr std::size_t kMostBody = 2000;

std::string ReadAll(int fd) {
  std::string text;
  char room[4096];
  for (ssize_t got = 0; (got = recv(fd, room, sizeof room, MSG_DONTWAIT)) > 0;) {
    text.append(room, static_cast<std::size_t>(got));
  }
  return text;
}

}  // namespace

std::vector<std::string> Seeds() {
  const std::string hash(64, 'a');
  const std::string chunked = "POST /mempool/add/tx HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  std::string all(1, '\xff');
  for (const char* target :
       {"/cryptarchia/info", "/cryptarchia/headers", "/mantle/metrics", "/network/info", "/metrics",
        "/cryptarchia/blocks?slot_from=0&slot_to=9", "/no/such/route"}) {
    absl::StrAppend(&all, "GET ", target, " HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  return {all,
          "\x02GET /cryptarchia/lib-stream HTTP/1.1\r\n\r\n",
          "\x05" + chunked + "0\r\n\r\n",
          std::string(1, '\0') + chunked + "0\r\n\r\n",  // byte by byte
          "\x30" + chunked + "0;" + std::string(2000, 'x'),
          "\x10POST /storage/block HTTP/1.1\r\nContent-Length: 66\r\n\r\n\"" + hash + "\"",
          "\x07POST /cryptarchia/headers HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: "
          "1\r\n\r\n1",
          "\x20HEAD /cryptarchia/info HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"};
}

void Try(std::string_view input) {
  Choices choices(input);
  const std::size_t piece = 1 + choices.Byte();
  boost::asio::io_context context(1);
  testing_support::EngineRig rig;
  rig.set_now(testing_support::EngineRig::kStart);
  Api api({.role = Role::kValidator,
           .engine = &rig.engine(),
           .submit =
               [&](SignedMantleTx tx) {
                 absl::Status status;
                 (void)rig.Submit(std::move(tx), &status);
                 return status;
               },
           .network = [] { return NetworkCounts{}; },
           .network_address =
               [] {
                 return Address{"127.0.0.1", 1};
               },
           .metrics = [] { return std::string("a 1\n"); }});
  int fds[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) return;
  const auto shared = std::make_shared<HttpShared>();
  shared->options.max_body_bytes = kMostBody;
  shared->options.max_bodies_bytes = kMostBody;
  shared->handler = [&](const HttpRequest& request) {
    Demand(request.body.size() <= kMostBody, "a body is within its bound");
    return api.Handle(request);
  };
  HttpSession::Socket socket(context, boost::asio::ip::tcp::v4(), fds[0]);
  bool closed = false;
  auto session = std::make_shared<HttpSession>(std::move(socket), shared,
                                               [&](HttpSession*) { closed = true; });
  session->Start();
  std::string answers;
  while (!choices.done() && !closed) {
    const std::string_view bytes = choices.Take(piece);
    if (send(fds[1], bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT) < 0) break;
    context.restart();
    context.poll();
    answers += ReadAll(fds[1]);
  }
  Demand(shared->body_bytes <= kMostBody, "what is counted is within its bound");
  Demand(answers.empty() || answers.rfind("HTTP/1.1 ", 0) == 0, "an answer is HTTP");
  close(fds[1]);
  context.restart();
  context.poll();
  session->Close();
  context.restart();
  context.poll();
  session.reset();
  Demand(shared->body_bytes == 0, "a session that is gone counts for nothing");
}

}  // namespace gtestnet::node::fuzz
