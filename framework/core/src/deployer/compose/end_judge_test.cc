// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/compose/end_judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "core/src/deployer/container/testing/fake_engine.h"

namespace gtestnet::compose {
namespace {

class EndJudgeTest : public testing::Test {
 protected:
  // What is told of a container's end.
  std::string Judge(const docker::Engine& engine) {
    std::promise<std::string> told;
    EndJudge judge(
        engine, [this] { return away_.load(); },
        [&](const EndJudge::End& end, const std::string& what) {
          told.set_value(end.event.id + " " + std::to_string(end.exit_code) + " " + what);
        });
    docker::ContainerEvent event;
    event.id = "c1";
    judge.Take({.event = event, .exit_code = 143});
    return told.get_future().get();
  }

  std::atomic<bool> away_ = false;
  docker::FakeEngine fake_;
};

TEST_F(EndJudgeTest, WhereTheEngineAnswersTheContainerEndedByItself) {
  EXPECT_EQ(Judge(docker::Engine(fake_.host())), "c1 143 ");
}

TEST_F(EndJudgeTest, AnEngineThatTakesNoConnectionWasStopped) {
  const docker::Engine gone(*docker::ParseEngineHost("unix:///no/such/docker.sock", "the test"));
  EXPECT_EQ(Judge(gone), "c1 143 was stopped");
}

TEST_F(EndJudgeTest, AnEngineThatAnswersAgainWasStopped) {
  away_ = true;
  EXPECT_EQ(Judge(docker::Engine(fake_.host())), "c1 143 was stopped");
}

// Its socket is held by systemd, say, for the next engine.
TEST_F(EndJudgeTest, AnEngineThatIsSilentWasStoppedOnceItsEventsEnd) {
  fake_.OnStream("GET /_ping", [this](auto& connection) {
    away_ = true;
    connection.WaitUntilClosed();
  });
  EXPECT_EQ(Judge(docker::Engine(fake_.host())), "c1 143 was stopped");
}

TEST_F(EndJudgeTest, WhatIsNotToldAtItsEndIsLost) {
  fake_.OnStream("GET /_ping", [](auto& connection) { connection.WaitUntilClosed(); });
  const docker::Engine engine(fake_.host());
  EndJudge judge(
      engine, [] { return false; }, [](const EndJudge::End&, const std::string&) { FAIL(); });
  judge.Take({});
}

}  // namespace
}  // namespace gtestnet::compose
