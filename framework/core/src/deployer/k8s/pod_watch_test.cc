// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/k8s/pod_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/json.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "core/src/base/status.h"
#include "core/src/base/testing/fake_http_server.h"
#include "core/src/deployer/k8s/node_life.h"
#include "core/src/deployer/k8s/testing/recorded.h"
#include "gtestnet/variables.h"

namespace gtestnet::k8s {
namespace {

using namespace std::chrono_literals;
using base::FakeHttpServer;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr char kHead[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n";

// A recorded object with another name, uid and version.
std::string Object(const std::string& recorded, const std::string& name, const std::string& uid,
                   int version) {
  boost::json::object object = boost::json::parse(Recorded(recorded)).as_object();
  boost::json::object& metadata = object.at("metadata").as_object();
  metadata["name"] = name;
  metadata["uid"] = uid;
  metadata["resourceVersion"] = std::to_string(version);
  return boost::json::serialize(object);
}
std::string List(int version, const std::vector<std::string>& items) {
  std::string text = R"({"kind":"List","metadata":{"resourceVersion":")" + std::to_string(version) +
                     R"("},"items":[)";
  for (const std::string& item : items) text += (&item == &items[0] ? "" : ",") + item;
  return text + "]}";
}
std::string Change(const std::string& type, const std::string& object) {
  return R"({"type":")" + type + R"(","object":)" + object + "}\n";
}

// What a test says for the API: lists in their order, the last one again and again, and what each
// watch says before it ends; further ones stay open.
class FakeApi {
 public:
  FakeApi(std::vector<std::string> lists, std::deque<std::string> watches,
          std::vector<std::string> events = {})
      : lists_(lists.begin(), lists.end()),
        watches_(std::move(watches)),
        events_(std::move(events)),
        server_([this](FakeHttpServer::Connection& connection) { Serve(connection); }) {}

  std::function<absl::StatusOr<base::Endpoint>()> endpoint() {
    return [this] { return server_.endpoint(); };
  }
  // Of pods.
  std::vector<std::string> Targets() {
    const std::lock_guard lock(mutex_);
    return targets_;
  }

 private:
  void Serve(FakeHttpServer::Connection& connection) {
    const std::string request = connection.ReadRequest();
    if (request.size() < 10) return;
    const std::string target = request.substr(4, request.find(" HTTP") - 4);
    const bool is_watch = target.find("watch=1") != std::string::npos;
    if (target.find("/events") != std::string::npos) {
      if (!is_watch) {
        connection.Answer(200, List(1, {}));
        return;
      }
      connection.Send(kHead);
      for (const std::string& event : events_) connection.Send(Change("ADDED", event));
      return connection.WaitUntilClosed();
    }
    std::string text;
    bool has_text = false;
    {
      const std::lock_guard lock(mutex_);
      targets_.push_back(target);
      std::deque<std::string>& from = is_watch ? watches_ : lists_;
      has_text = !from.empty();
      if (has_text) text = from.front();
      if (from.size() > 1 || is_watch) {
        if (has_text) from.pop_front();
      }
    }
    if (!is_watch) {
      if (text.find("HTTP/1.1") == 0) {
        connection.Send(text);
      } else {
        connection.Answer(200, text);
      }
      return;
    }
    connection.Send(kHead);
    connection.Send(text);
    if (!has_text) connection.WaitUntilClosed();
  }

  std::mutex mutex_;
  std::deque<std::string> lists_;
  std::deque<std::string> watches_;
  const std::vector<std::string> events_;
  std::vector<std::string> targets_;
  FakeHttpServer server_;
};

// Collects what it is told of.
class Listener {
 public:
  PodWatchHandlers handlers() {
    return {.on_pod = [this](const Pod& pod) { Add("pod " + pod.name + " " + pod.version); },
            .on_gone = [this](const Pod& pod) { Add("gone " + pod.name + " " + pod.uid); },
            .on_event = [this](const Event& event) { Add("event " + event.reason); },
            .on_lost = [this](const absl::Status& why) { Add("lost " + MessageOf(why)); }};
  }
  // Once there are so many.
  std::vector<std::string> Await(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, Scaled(10s), [&] { return told_.size() >= count; });
    return told_;
  }

 private:
  void Add(std::string text) {
    const std::lock_guard lock(mutex_);
    told_.push_back(std::move(text));
    changed_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> told_;
};

PodWatchOptions OptionsFor(FakeApi& api) {
  return {
      .endpoint = api.endpoint(), .name_space = "x", .selector = "gtestnet.run=a/b", .retry = 10ms};
}

TEST(PodWatchTest, ListsAndFollows) {
  FakeApi api({List(10, {Object("unready running", "a", "1", 7), Object("cpu none", "b", "2", 8)})},
              {Change("MODIFIED", Object("oom restarted", "a", "1", 11)) +
               Change("ADDED", Object("cpu none", "c", "3", 12)) +
               Change("BOOKMARK", R"({"kind":"Pod","metadata":{"resourceVersion":"15"}})") +
               Change("DELETED", Object("cpu none", "b", "2", 16))});
  Listener listener;
  PodWatch watch(OptionsFor(api), listener.handlers());
  ASSERT_TRUE(watch.AwaitOpen(Scaled(10s)).ok());
  EXPECT_THAT(listener.Await(5),
              ElementsAre("pod a 7", "pod b 8", "pod a 11", "pod c 12", "gone b 2"));
  ASSERT_TRUE(watch.Find("a").has_value());
  EXPECT_TRUE(watch.Find("a")->ready);
  EXPECT_FALSE(watch.Find("b").has_value());
  EXPECT_EQ(watch.pods().size(), 2u);
  const std::vector<std::string> targets = api.Targets();
  EXPECT_EQ(targets[0], "/api/v1/namespaces/x/pods?labelSelector=gtestnet.run%3Da%2Fb");
  EXPECT_EQ(targets[1],
            targets[0] + "&watch=1&allowWatchBookmarks=true&timeoutSeconds=10&resourceVersion=10");
}

TEST(PodWatchTest, GoesOnWhereAWatchEnded) {
  FakeApi api({List(10, {})},
              {Change("ADDED", Object("cpu none", "a", "1", 11)), "",
               Change("BOOKMARK", R"({"kind":"Pod","metadata":{"resourceVersion":"20"}})"),
               Change("MODIFIED", Object("cpu none", "a", "1", 21))});
  Listener listener;
  PodWatch watch(OptionsFor(api), listener.handlers());
  EXPECT_THAT(listener.Await(2), ElementsAre("pod a 11", "pod a 21"));
  std::vector<std::string> from;
  for (const std::string& target : api.Targets()) {
    const size_t at = target.find("resourceVersion=");
    from.push_back(at == target.npos ? "list" : target.substr(at + 16));
  }
  from.resize(5);
  EXPECT_THAT(from, ElementsAre("list", "10", "11", "11", "20"));
}

TEST(PodWatchTest, ListsAnewWhereTheApiHasForgotten) {
  FakeApi api({List(10, {Object("cpu none", "a", "1", 5), Object("cpu none", "b", "2", 6),
                         Object("cpu none", "c", "3", 7)}),
               // a is another pod, b is gone, c is as it was.
               List(30, {Object("cpu none", "a", "9", 25), Object("cpu none", "c", "3", 7)})},
              {Change("ERROR", R"({"kind":"Status","code":410,"reason":"Expired"})")});
  Listener listener;
  PodWatch watch(OptionsFor(api), listener.handlers());
  EXPECT_THAT(listener.Await(6),
              ElementsAre("pod a 5", "pod b 6", "pod c 7", "gone a 1", "pod a 25", "gone b 2"));
}

TEST(PodWatchTest, SaysThatTheApiIsLost) {
  Listener listener;
  PodWatchOptions options{.endpoint = [] { return base::Endpoint::Tcp("127.0.0.1", 1); },
                          .name_space = "x",
                          .selector = "a=b",
                          .patience = 100ms,
                          .retry = 10ms};
  PodWatch watch(options, listener.handlers());
  EXPECT_THAT(listener.Await(1), ElementsAre(AllOf(StartsWith("lost the Kubernetes API, pods: "),
                                                   HasSubstr("onnection refused"))));
  const absl::Status open = watch.AwaitOpen(Scaled(10s));
  EXPECT_TRUE(absl::IsUnavailable(open)) << open;
}

TEST(PodWatchTest, SaysAtOnceWhatIsForbidden) {
  const std::string body =
      R"({"kind":"Status","message":"pods is forbidden: User \"x\" cannot list","code":403})";
  FakeApi api({"HTTP/1.1 403 Forbidden\r\nContent-Length: " + std::to_string(body.size()) +
               "\r\n\r\n" + body},
              {});
  Listener listener;
  PodWatch watch(OptionsFor(api), listener.handlers());
  const absl::Status open = watch.AwaitOpen(Scaled(10s));
  EXPECT_TRUE(absl::IsPermissionDenied(open)) << open;
  EXPECT_THAT(MessageOf(open), HasSubstr("pods is forbidden: User \"x\" cannot list"));
  EXPECT_EQ(listener.Await(1).size(), 1u);
}

TEST(PodWatchTest, IsNotTroubledByNonsense) {
  FakeApi api(
      {"", "[]", "{}", R"({"metadata":{"resourceVersion":"1"},"items":7})",
       List(10, {"7", "{}", R"({"metadata":{"name":"x"}})", Object("cpu none", "a", "1", 5)})},
      {"hello\n", "{}\n", Change("ADDED", "7"), Change("ADDED", "{}"), Change("ERROR", "{}"),
       Change("WHAT", Object("cpu none", "a", "1", 11)), std::string("\xff\0\n", 3),
       Change("ADDED", Object("cpu none", "b", "2", 12))});
  Listener listener;
  PodWatch watch(OptionsFor(api), listener.handlers());
  EXPECT_THAT(listener.Await(2), ElementsAre("pod a 5", "pod b 12"));
}

TEST(PodWatchTest, KnowsWhatIsAwaitedAndWhatWillNeverCome) {
  FakeApi api({List(10, {Object("oom restarted", "a", "1", 5), Object("cpu none", "b", "2", 6)})},
              {Change("ADDED", Object("never ErrImageNeverPull", "c", "3", 12))},
              {Recorded("event quota FailedCreate"), Recorded("event quota FailedCreate twice")});
  Listener listener;
  PodWatch watch(OptionsFor(api), listener.handlers());
  listener.Await(5);
  EXPECT_EQ(watch.Progress(),
            "1 of 3 pods are ready; b is not scheduled: 0/1 nodes are available: 1 Insufficient "
            "cpu.; c has no image (ErrImageNeverPull): Container image \"no/such:1\" is not "
            "present with pull policy of Never");
  const absl::Status failure = watch.Failure();
  EXPECT_TRUE(absl::IsAborted(failure)) << failure;
  EXPECT_THAT(MessageOf(failure),
              AllOf(StartsWith("pod c has no image: no/such:1 is not on the cluster's machine"),
                    HasSubstr("; quota: its pod is not made: exceeded quota: few")));
  EXPECT_EQ(watch.events().size(), 1u);
}

// A machine that is lost can be tried against a false API only, as the cluster for tests has one:
// the event is one of a real pod, with the reason and the words that the API's source has for this.
TEST(PodWatchTest, ANodeIsLostWithItsMachine) {
  boost::json::object event = boost::json::parse(Recorded("event unready Unhealthy")).as_object();
  event["reason"] = "NodeNotReady";
  event["message"] = "Node is not ready";
  const std::string uid = ParseEvent(boost::json::serialize(event))->uid;
  FakeApi api({List(10, {Object("unready running", "unready-0", uid, 5)})}, {},
              {boost::json::serialize(event)});
  Listener listener;
  PodWatch watch(OptionsFor(api), listener.handlers());
  ASSERT_EQ(listener.Await(2).size(), 2u);
  std::vector<std::string> ends;
  NodeLife life([&](const std::string& how) { ends.push_back(how); });
  for (const Pod& pod : watch.pods()) life.OnPod(pod);
  for (const Event& said : watch.events()) life.OnEvent(said);
  EXPECT_THAT(ends, ElementsAre("lost with its machine 127.0.0.1: Node is not ready"));
}

TEST(PodWatchTest, HasNothingToSayWhereAllIsWell) {
  FakeApi api({List(10, {Object("oom restarted", "a", "1", 5)})}, {});
  Listener listener;
  PodWatch watch(OptionsFor(api), listener.handlers());
  listener.Await(1);
  EXPECT_EQ(watch.Progress(), "");
  EXPECT_TRUE(watch.Failure().ok());
}

}  // namespace
}  // namespace gtestnet::k8s
