// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/container/collectors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "core/src/base/testing/fake_http_server.h"

namespace gtestnet::compose {
namespace {

using base::FakeHttpServer;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;
using testing::Pair;

class CollectorsTest : public testing::Test {
 protected:
  ~CollectorsTest() override {
    unsetenv("TEST_TRACES_AT");
    unsetenv("TEST_METRICS_AT");
  }
  static void Traces(const std::string& url) { setenv("TEST_TRACES_AT", url.c_str(), 1); }
  static void Metrics(const std::string& url) { setenv("TEST_METRICS_AT", url.c_str(), 1); }
  static std::string UrlOf(const FakeHttpServer& server) {
    return "http://" + server.endpoint().ToString();
  }
  // Another address of this machine than that where a server for tests listens.
  const std::string gateway_ = "127.0.0.2";
  const std::vector<std::string> variables_ = {"TEST_TRACES_AT", "TEST_METRICS_AT"};
};

TEST_F(CollectorsTest, OnlyTheLoopbackIsReachedByAnotherName) {
  const std::string there = "http://host.docker.internal";
  EXPECT_THAT(AsContainersReach("http://127.0.0.1:4318"), Optional(there + ":4318"));
  EXPECT_THAT(AsContainersReach("http://127.8.9.10"), Optional(there));
  EXPECT_THAT(AsContainersReach("http://localhost:4318/v1/traces?a=b"),
              Optional(there + ":4318/v1/traces?a=b"));
  EXPECT_THAT(AsContainersReach("http://LocalHost/x:y"), Optional(there + "/x:y"));
  EXPECT_THAT(AsContainersReach("http://[::1]:4318/x"), Optional(there + ":4318/x"));
  EXPECT_THAT(AsContainersReach("http://[0:0:0:0:0:0:0:1]"), Optional(there));
  for (const char* other :
       {"http://collector:4318", "http://172.17.0.1:4318", "http://host.docker.internal:4318",
        "http://127.0.0.1.example.org", "http://localhost.example.org", "http://[fd00::1]:4318",
        "http://128.0.0.1", "https://127.0.0.1:4318", "http://[::1", "127.0.0.1:4318", "http://",
        ""}) {
    EXPECT_EQ(AsContainersReach(other), std::nullopt) << other;
  }
}

TEST_F(CollectorsTest, AContainerIsToldOtherwiseOnlyWhatItWouldNotReach) {
  EXPECT_THAT(*CollectorsForContainers(variables_, "1.41"), IsEmpty());
  Traces("http://collector:4318");
  Metrics("http://127.0.0.1:9090/api/v1/otlp/v1/metrics");
  EXPECT_THAT(*CollectorsForContainers(variables_, "1.41"),
              ElementsAre(Pair("TEST_METRICS_AT",
                               "http://host.docker.internal:9090/api/v1/otlp/v1/metrics")));
}

TEST_F(CollectorsTest, AnEngineThatDoesNotKnowThisMachineIsRefused) {
  Traces("http://collector:4318");
  EXPECT_TRUE(CollectorsForContainers(variables_, "1.40").ok());
  Traces("http://localhost:4318");
  const absl::Status status = CollectorsForContainers(variables_, "1.40").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(status.message(),
            "TEST_TRACES_AT=http://localhost:4318: this Docker Engine (API 1.40) cannot tell "
            "containers where this machine is; name its address on Docker's bridge (often "
            "172.17.0.1), or have Docker 20.10");
}

TEST_F(CollectorsTest, OneThatListensOnTheLoopbackAloneIsOutOfReach) {
  const FakeHttpServer loopback([](FakeHttpServer::Connection&) {});
  const FakeHttpServer everywhere([](FakeHttpServer::Connection&) {}, {}, true);
  Traces(UrlOf(loopback));
  Metrics(UrlOf(everywhere));
  EXPECT_THAT(CollectorsOutOfReach(variables_, gateway_),
              ElementsAre("TEST_TRACES_AT=" + UrlOf(loopback) +
                          ": that collector listens where only this machine reaches it, and "
                          "containers do not; let it listen on 0.0.0.0, or on 127.0.0.2:" +
                          std::to_string(loopback.endpoint().port)));
}

TEST_F(CollectorsTest, NothingIsSaidOfWhatCannotBeTold) {
  Traces("http://127.0.0.1:1");  // nothing listens there yet
  EXPECT_THAT(CollectorsOutOfReach(variables_, gateway_), IsEmpty());
  const FakeHttpServer loopback([](FakeHttpServer::Connection&) {});
  Traces(UrlOf(loopback));
  EXPECT_THAT(CollectorsOutOfReach(variables_, "192.0.2.1"), IsEmpty());  // of another machine
  EXPECT_THAT(CollectorsOutOfReach(variables_, ""), IsEmpty());
  Traces("http://collector:4318");
  EXPECT_THAT(CollectorsOutOfReach(variables_, gateway_), IsEmpty());
}

TEST_F(CollectorsTest, AtTheLoopbackOneIsOutOfEveryPodsReach) {
  EXPECT_THAT(CollectorsAtLoopback(variables_), IsEmpty());
  Traces("http://collector:4318");
  Metrics("http://127.0.0.1:9090/x");
  EXPECT_THAT(CollectorsAtLoopback(variables_),
              ElementsAre("TEST_METRICS_AT=http://127.0.0.1:9090/x: in a pod that is "
                          "the pod itself, so nothing will arrive; give an address at which the "
                          "cluster reaches the collector"));
}

}  // namespace
}  // namespace gtestnet::compose
