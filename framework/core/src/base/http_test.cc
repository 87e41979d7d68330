// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <new>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "core/src/base/testing/fake_http_server.h"

namespace gtestnet::base {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;
using Connection = FakeHttpServer::Connection;

constexpr auto kLong = 30s;

std::string Message(const absl::Status& status) { return std::string(status.message()); }

void Echo(Connection& connection) {
  for (std::string request; !(request = connection.ReadRequest()).empty();) {
    connection.Answer(200, request, "text/plain");
  }
}

// A connection that answers one request with these bytes and is then closed.
FakeHttpServer::Serve Once(std::string bytes) {
  return [bytes](Connection& connection) {
    connection.ReadRequest();
    connection.Send(bytes);
  };
}

TEST(HttpClientTest, SendsAndReceives) {
  FakeHttpServer server(Echo);
  HttpClient client(server.endpoint());
  const auto response =
      client.Request({.method = "POST", .target = "/x?y=1", .body = "[1]"}, kLong);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->content_type, "text/plain");
  EXPECT_THAT(response->body, StartsWith("POST /x?y=1 HTTP/1.1\r\nHost: 127.0.0.1:"));
  EXPECT_THAT(response->body,
              HasSubstr("Content-Type: application/json\r\nContent-Length: 3\r\n\r\n[1]"));
}

TEST(HttpClientTest, ThePathOfAUnixSocketMayBeLong) {
  const std::string home = testing::TempDir() + "long." + std::to_string(getpid());
  const std::string directory = home + "/" + std::string(200, 'd');
  std::filesystem::create_directories(directory);
  const FakeHttpServer server(Echo, home + "/s");
  const std::string path = directory + "/" + std::string(200, 's');
  std::filesystem::rename(home + "/s", path);
  const HttpClient client(Endpoint::Unix(path));
  const auto response = client.Request({}, kLong);
  EXPECT_TRUE(response.ok()) << response.status();
  const HttpClient none(Endpoint::Unix(path + "s"));
  EXPECT_THAT(Message(none.Request({}, kLong).status()), HasSubstr("No such file or directory"));
  std::filesystem::remove_all(home);
}

TEST(HttpClientTest, KeepsItsConnection) {
  FakeHttpServer server(Echo);
  HttpClient client(server.endpoint());
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(client.Request({}, kLong).ok());
  EXPECT_EQ(server.connections(), 1);
}

TEST(HttpClientTest, OpensAnotherOneWhenTheServerClosed) {
  FakeHttpServer server([](Connection& connection) {
    connection.ReadRequest();
    connection.Answer(200, "x");
  });
  HttpClient client(server.endpoint());
  for (int i = 0; i < 20; ++i) {
    const auto response = client.Request({}, kLong);
    ASSERT_TRUE(response.ok()) << response.status();
  }
  EXPECT_EQ(server.connections(), 20);
}

TEST(HttpClientTest, ServesManyThreads) {
  FakeHttpServer server(Echo);
  HttpClient client(server.endpoint());
  std::vector<std::jthread> threads;
  std::atomic<int> good = 0;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&client, &good, i] {
      const std::string target = "/" + std::to_string(i);
      for (int n = 0; n < 50; ++n) {
        const auto response = client.Request({.target = target}, kLong);
        if (response.ok() && response->body.starts_with("GET " + target + " HTTP")) ++good;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(good, 8 * 50);
  EXPECT_LE(server.connections(), 8);
}

TEST(HttpClientTest, SpeaksOverUnixSockets) {
  const auto path =
      std::filesystem::temp_directory_path() / ("gtestnet-http-test-" + std::to_string(getpid()));
  FakeHttpServer server(Echo, path.string());
  HttpClient client(server.endpoint());
  const auto response = client.Request({}, kLong);
  std::filesystem::remove(path);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_THAT(response->body, HasSubstr("Host: localhost"));
  EXPECT_EQ(server.endpoint().ToString(), "unix:" + path.string());
}

TEST(HttpClientTest, TakesChunksAndAnswersThatEndWithTheConnection) {
  FakeHttpServer chunked(
      Once("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
           "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"));
  EXPECT_EQ(HttpClient(chunked.endpoint()).Request({}, kLong)->body, "abcde");
  FakeHttpServer closing(Once("HTTP/1.0 200 OK\r\n\r\nabc"));
  EXPECT_EQ(HttpClient(closing.endpoint()).Request({}, kLong)->body, "abc");
}

TEST(HttpClientTest, TakesAnEmptyChunkedAnswerWhoseEndComesInPieces) {
  FakeHttpServer server([](Connection& connection) {
    connection.ReadRequest();
    connection.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n");
    for (const char* piece : {"\r", "\n"}) connection.Send(piece);
  });
  const auto response = HttpClient(server.endpoint()).Request({}, kLong);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->body, "");
}

TEST(HttpClientTest, RefusesWhatHasNoEndBetweenItsData) {
  for (const std::string& piece : {"1;" + std::string(1000, 'x'), std::string("0\r\n")}) {
    FakeHttpServer server([piece](Connection& connection) {
      connection.ReadRequest();
      connection.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      connection.Send(piece);
      while (connection.Send("x: " + std::string(1000, 'x') + "\r\n")) {
      }
    });
    const auto response = HttpClient(server.endpoint()).Request({}, kLong);
    EXPECT_EQ(response.status().code(), absl::StatusCode::kInternal);
    EXPECT_THAT(Message(response.status()), HasSubstr("the answer is above the limit: the "));
  }
}

TEST(HttpClientTest, TakesAnAnswerThatComesByteByByte) {
  FakeHttpServer server([](Connection& connection) {
    connection.ReadRequest();
    for (char c : std::string("HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nhello")) {
      connection.Send({&c, 1});
    }
  });
  const auto response = HttpClient(server.endpoint()).Request({}, kLong);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, 404);
  EXPECT_EQ(response->body, "hello");
}

TEST(HttpClientTest, SaysThatNobodyListens) {
  std::optional<Endpoint> endpoint;
  { endpoint = FakeHttpServer(Echo).endpoint(); }
  const auto response = HttpClient(*endpoint).Request({.target = "/info"}, kLong);
  EXPECT_EQ(response.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(
      Message(response.status()),
      StartsWith(endpoint->ToString() + ": GET /info: connect: Connection refused (after "));
}

TEST(HttpClientTest, SaysThatANameDoesNotResolve) {
  const auto response = HttpClient(Endpoint::Tcp("no-such-host.invalid", 80)).Request({}, kLong);
  EXPECT_EQ(response.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(Message(response.status()), HasSubstr("no-such-host.invalid does not resolve"));
}

TEST(HttpClientTest, SaysHowLongItWaitedAndWhatItSaw) {
  FakeHttpServer server([](Connection& connection) {
    connection.ReadRequest();
    connection.Send("HTTP/1.1 200 OK\r\n");
    connection.WaitUntilClosed();
  });
  const auto response = HttpClient(server.endpoint()).Request({.target = "/info"}, 30ms);
  EXPECT_EQ(response.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(
      Message(response.status()),
      MatchesRegex(".*: GET /info: no answer in [0-9.]+ s; last: connected, 17 bytes of the "
                   "answer"));
}

TEST(HttpClientTest, IsCancelledAtOnce) {
  std::stop_source stop;
  FakeHttpServer server([&stop](Connection& connection) {
    connection.ReadRequest();
    stop.request_stop();
    connection.WaitUntilClosed();
  });
  const auto response = HttpClient(server.endpoint()).Request({}, kLong, stop.get_token());
  EXPECT_EQ(response.status().code(), absl::StatusCode::kCancelled);
}

TEST(HttpClientTest, RefusesWhatIsNotHttp) {
  FakeHttpServer server(Once("SSH-2.0-OpenSSH\r\n\r\n"));
  const auto response = HttpClient(server.endpoint()).Request({}, kLong);
  EXPECT_EQ(response.status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(Message(response.status()), HasSubstr("the answer is not HTTP"));
}

TEST(HttpClientTest, RefusesWhatIsTooLong) {
  FakeHttpServer body(Once("HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n"));
  EXPECT_THAT(
      Message(HttpClient(body.endpoint(), {.body_bytes = 1000}).Request({}, kLong).status()),
      HasSubstr("above the limit"));
  FakeHttpServer head(Once("HTTP/1.1 200 OK\r\nX: " + std::string(20000, 'x') + "\r\n\r\n"));
  EXPECT_THAT(Message(HttpClient(head.endpoint()).Request({}, kLong).status()),
              HasSubstr("above the limit"));
}

TEST(HttpClientTest, SaysThatTheAnswerIsCutShort) {
  FakeHttpServer server(Once("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"));
  const auto response = HttpClient(server.endpoint()).Request({}, kLong);
  EXPECT_EQ(response.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(Message(response.status()), HasSubstr("closed in the midst of the answer"));
}

// Collects what a stream says, and lets the test wait for it.
class Collector {
 public:
  LineHandlers handlers() {
    return {.on_open = [this] { Update([&] { open_ = true; }); },
            .on_line =
                [this](std::string_view line) {
                  Update([&] { lines_.emplace_back(line); });
                  return line == "bad" ? absl::InternalError("bad line") : absl::OkStatus();
                },
            .on_end = [this](const absl::Status& s) { Update([&] { end_ = s; }); }};
  }
  void AwaitOpen() {
    Await([&] { return open_; });
  }
  std::vector<std::string> AwaitLines(size_t n) {
    std::vector<std::string> lines;
    // Copied under the lock: more may come.
    Await([&] {
      if (lines_.size() < n) return false;
      lines = lines_;
      return true;
    });
    return lines;
  }
  absl::Status AwaitEnd() {
    Await([&] { return end_.has_value(); });
    return *end_;
  }

 private:
  template <class F>
  void Update(F change) {
    const std::lock_guard lock(mutex_);
    change();
    changed_.notify_all();
  }
  template <class P>
  void Await(P condition) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, kLong, condition));
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  std::vector<std::string> lines_;
  std::optional<absl::Status> end_;
};

constexpr char kHead[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

TEST(LineStreamTest, CutsLinesWhereverTheChunksAre) {
  Collector collector;
  FakeHttpServer server([](Connection& connection) {
    connection.ReadRequest();
    connection.Send(std::string(kHead) + "4\r\none\n\r\n3\r\ntwo\r\n");
    connection.Send("c\r\n\r\n\nthree\r\nfo\r\n");
    connection.Send("3\r\nur\n\r\n");
    connection.WaitUntilClosed();
  });
  LineStream stream(server.endpoint(), {}, collector.handlers());
  EXPECT_THAT(collector.AwaitLines(4), ElementsAre("one", "two", "three", "four"));
  stream.Cancel();
  EXPECT_EQ(collector.AwaitEnd().code(), absl::StatusCode::kCancelled);
}

TEST(LineStreamTest, IsOpenBeforeTheFirstLine) {
  Collector collector;
  FakeHttpServer server([](Connection& connection) {
    connection.ReadRequest();
    connection.Send(kHead);
    connection.WaitUntilClosed();
  });
  LineStream stream(server.endpoint(), {}, collector.handlers());
  collector.AwaitOpen();
}

TEST(LineStreamTest, SaysThatTheServerIsGone) {
  Collector collector;
  FakeHttpServer server([](Connection& connection) {
    connection.ReadRequest();
    connection.Send(std::string(kHead) + "4\r\none\n\r\n");
  });
  LineStream stream(server.endpoint(), {.target = "/stream"}, collector.handlers());
  const absl::Status end = collector.AwaitEnd();
  EXPECT_EQ(end.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(Message(end), HasSubstr("GET /stream: the connection was closed in the midst"));
  EXPECT_THAT(collector.AwaitLines(1), ElementsAre("one"));
}

TEST(LineStreamTest, EndsWithAHandlersError) {
  Collector collector;
  FakeHttpServer server([](Connection& connection) {
    connection.ReadRequest();
    connection.Send("HTTP/1.1 200 OK\r\n\r\ngood\nbad\ngood\n");
    connection.WaitUntilClosed();
  });
  LineStream stream(server.endpoint(), {.target = "/stream"}, collector.handlers());
  EXPECT_THAT(Message(collector.AwaitEnd()), HasSubstr("GET /stream: bad line"));
  EXPECT_THAT(collector.AwaitLines(2), ElementsAre("good", "bad"));
}

TEST(LineStreamTest, TakesARefusal) {
  Collector collector;
  FakeHttpServer server(Echo);
  FakeHttpServer absent([](Connection& connection) {
    connection.ReadRequest();
    connection.Answer(404, "no such path");
  });
  LineStream stream(absent.endpoint(), {}, collector.handlers());
  EXPECT_EQ(collector.AwaitEnd().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(Message(collector.AwaitEnd()), HasSubstr("HTTP 404: no such path"));
}

TEST(LineStreamTest, DoesNotWaitForEverForAHead) {
  Collector collector;
  FakeHttpServer server([](Connection& connection) { connection.WaitUntilClosed(); });
  LineStream stream(server.endpoint(), {}, collector.handlers(), {.open_timeout = 30ms});
  EXPECT_EQ(collector.AwaitEnd().code(), absl::StatusCode::kDeadlineExceeded);
}

TEST(LineStreamTest, BoundsALine) {
  Collector collector;
  FakeHttpServer server([](Connection& connection) {
    connection.ReadRequest();
    connection.Send("HTTP/1.1 200 OK\r\n\r\n");
    while (connection.Send(std::string(1000, 'x'))) {
    }
  });
  LineStream stream(server.endpoint(), {}, collector.handlers(), {.line_bytes = 5000});
  EXPECT_THAT(Message(collector.AwaitEnd()), HasSubstr("a line is longer than 5000 bytes"));
}

TEST(LineStreamTest, TakesALineAtTheBoundAndNotOneAbove) {
  for (const size_t bytes : {4999, 5000, 5001}) {
    Collector collector;
    FakeHttpServer server([bytes](Connection& connection) {
      connection.ReadRequest();
      connection.Send("HTTP/1.1 200 OK\r\n\r\n" + std::string(bytes, 'x') + "\r\n");
    });
    LineStream stream(server.endpoint(), {}, collector.handlers(), {.line_bytes = 5000});
    const absl::Status end = collector.AwaitEnd();
    EXPECT_EQ(absl::IsInternal(end), bytes > 5000) << end;
    EXPECT_EQ(collector.AwaitLines(0).size(), bytes > 5000 ? 0u : 1u);
  }
}

TEST(LineStreamTest, HoldsNoMemoryForALengthThatIsOnlyClaimed) {
  Collector collector;
  FakeHttpServer server(
      Once("HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\none\ntwo\n"));
  LineStream stream(server.endpoint(), {}, collector.handlers());
  EXPECT_EQ(collector.AwaitEnd().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(collector.AwaitLines(2), ElementsAre("one", "two"));
}

TEST(LineStreamTest, BoundsWhatIsBetweenTheChunks) {
  Collector collector;
  FakeHttpServer server([](Connection& connection) {
    connection.ReadRequest();
    connection.Send(std::string(kHead) + "1;");
    while (connection.Send(std::string(1000, 'x'))) {
    }
  });
  LineStream stream(server.endpoint(), {}, collector.handlers());
  EXPECT_THAT(Message(collector.AwaitEnd()),
              HasSubstr("the line of a chunk is longer than 1024 bytes"));
}

TEST(LineStreamTest, EndsWithWhatAHandlerThrows) {
  Collector collector;
  FakeHttpServer server(Once("HTTP/1.1 200 OK\r\n\r\nline\n"));
  LineHandlers handlers = collector.handlers();
  handlers.on_line = [](std::string_view) -> absl::Status { throw std::bad_alloc(); };
  LineStream stream(server.endpoint(), {}, handlers);
  EXPECT_EQ(collector.AwaitEnd().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(Message(collector.AwaitEnd()), HasSubstr("there is no memory for it"));
}

TEST(LineStreamTest, IsCancelledWhileLinesPourIn) {
  Collector collector;
  FakeHttpServer server([](Connection& connection) {
    connection.ReadRequest();
    connection.Send("HTTP/1.1 200 OK\r\n\r\n");
    while (connection.Send("line\nline\nline\n")) {
    }
  });
  {
    LineStream stream(server.endpoint(), {}, collector.handlers());
    collector.AwaitLines(100);
  }
  EXPECT_EQ(collector.AwaitEnd().code(), absl::StatusCode::kCancelled);
}

TEST(LineStreamTest, MayBeDestroyedByItsHandler) {
  std::unique_ptr<LineStream> stream;
  std::mutex mutex;
  std::condition_variable changed;
  bool ended = false;
  FakeHttpServer server([](Connection& connection) {
    connection.ReadRequest();
    connection.Send("HTTP/1.1 200 OK\r\n\r\nline\n");
    connection.WaitUntilClosed();
  });
  std::unique_lock lock(mutex);
  stream = std::make_unique<LineStream>(server.endpoint(), HttpRequest{},
                                        LineHandlers{.on_open = {},
                                                     .on_line =
                                                         [&](std::string_view) {
                                                           const std::lock_guard inner(mutex);
                                                           stream.reset();
                                                           return absl::OkStatus();
                                                         },
                                                     .on_end =
                                                         [&](const absl::Status&) {
                                                           const std::lock_guard inner(mutex);
                                                           ended = true;
                                                           changed.notify_all();
                                                         }});
  EXPECT_TRUE(changed.wait_for(lock, kLong, [&] { return ended; }));
}

}  // namespace
}  // namespace gtestnet::base
