// SPDX-License-Identifier: Apache-2.0
// The client, the watch and the sweep with the Docker Engine of this machine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "core/src/base/wait.h"
#include "core/src/deployer/compose/event_watch.h"
#include "core/src/deployer/compose/sweep.h"
#include "core/src/deployer/container/testing/inmates.h"
#include "gtestnet/deployer.h"
#include "gtestnet/variables.h"

namespace gtestnet::compose {
namespace {

using namespace std::chrono_literals;
using docker::MakeInmate;
using testing::Contains;
using testing::HasSubstr;

class RealEngineTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string why_not;
    engine_ = docker::EngineForTests(why_not);
    if (engine_ != nullptr) return;
    if (IsRequired("compose")) FAIL() << why_not;
    GTEST_SKIP() << why_not;
  }
  void TearDown() override {
    if (engine_ == nullptr) return;
    watch_.reset();
    EXPECT_EQ(Sweep(*engine_, run_id_, {}), absl::OkStatus());
    EXPECT_TRUE(FindRemains(*engine_, run_id_)->empty());
  }
  void Watch() {
    watch_ = std::make_unique<EventWatch>(
        *engine_, run_id_, WatchHandlers{.on_event = [this](const docker::ContainerEvent& event) {
          const std::lock_guard lock(mutex_);
          actions_.push_back(event.action);
          if (event.action == "die") exit_code_ = event.attributes.at("exitCode");
          changed_.notify_all();
        }});
    ASSERT_EQ(watch_->AwaitOpen(10s), absl::OkStatus());
  }
  // The exit code of the container that ended.
  std::string AwaitDeath() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, Scaled(20s), [this] { return !exit_code_.empty(); });
    return exit_code_;
  }
  std::string StateOf(const std::string& container) {
    const auto state = engine_->Inspect(container);
    return state.ok() ? state->state : state.status().ToString();
  }

  const std::string run_id_ = "engine-test-" + MakeRunId();
  std::unique_ptr<docker::Engine> engine_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> actions_;
  std::string exit_code_;
  std::unique_ptr<EventWatch> watch_;
};

TEST_F(RealEngineTest, EveryVerbHasItsEffectAndItsEvent) {
  Watch();
  const std::string inmate =
      MakeInmate(run_id_, {"out=hello", "err=there"}, {"-p", "127.0.0.1::80"});
  EXPECT_EQ(StateOf(inmate), "created");
  EXPECT_EQ(engine_->Start(inmate), absl::OkStatus());
  EXPECT_EQ(engine_->Start(inmate), absl::OkStatus());  // once more is no error
  EXPECT_EQ(StateOf(inmate), "running");
  EXPECT_GT(engine_->Inspect(inmate)->ports[80], 0);
  EXPECT_EQ(engine_->Pause(inmate), absl::OkStatus());
  EXPECT_EQ(StateOf(inmate), "paused");
  EXPECT_EQ(engine_->Pause(inmate).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(engine_->Unpause(inmate), absl::OkStatus());
  EXPECT_EQ(engine_->Kill(inmate, "SIGTERM"), absl::OkStatus());
  EXPECT_EQ(AwaitDeath(), "0");
  EXPECT_EQ(*engine_->Wait(inmate, 10s), 0);
  EXPECT_EQ(engine_->Kill(inmate, "SIGKILL"), absl::OkStatus());  // it has ended: no error
  EXPECT_THAT(*engine_->Logs(inmate, 10),
              testing::AllOf(HasSubstr("hello\n"), HasSubstr("there\n")));
  EXPECT_EQ(engine_->Remove(inmate), absl::OkStatus());
  EXPECT_EQ(engine_->Remove(inmate), absl::OkStatus());
  EXPECT_EQ(engine_->Start(inmate).code(), absl::StatusCode::kNotFound);
  const std::lock_guard lock(mutex_);
  for (const char* action : {"create", "start", "pause", "unpause", "kill", "die"}) {
    EXPECT_THAT(actions_, Contains(action));
  }
}

TEST_F(RealEngineTest, AnExitCodeIsTold) {
  Watch();
  ASSERT_EQ(engine_->Start(MakeInmate(run_id_, {"exit=3"})), absl::OkStatus());
  EXPECT_EQ(AwaitDeath(), "3");
}

TEST_F(RealEngineTest, APausedContainerIsKilled) {
  Watch();
  const std::string inmate = MakeInmate(run_id_, {});
  ASSERT_EQ(engine_->Start(inmate), absl::OkStatus());
  ASSERT_EQ(engine_->Pause(inmate), absl::OkStatus());
  EXPECT_EQ(engine_->Kill(inmate, "SIGKILL"), absl::OkStatus());
  EXPECT_EQ(AwaitDeath(), "137");
  EXPECT_FALSE(engine_->AwaitOomKilled(inmate, 50ms));
}

TEST_F(RealEngineTest, OneThatEatsItsMemoryIsToldFromOneThatWasKilled) {
  Watch();
  const std::string inmate =
      MakeInmate(run_id_, {"eat"}, {"--memory", "8m", "--memory-swap", "8m"});
  ASSERT_EQ(engine_->Start(inmate), absl::OkStatus());
  // A container's memory is watched by the time its start returns: what is full before, no engine
  // learns of.
  ASSERT_EQ(engine_->Kill(inmate, "SIGUSR1"), absl::OkStatus());
  EXPECT_EQ(AwaitDeath(), "137");
  // The engine may say that it ended before it knows why.
  EXPECT_TRUE(engine_->AwaitOomKilled(inmate, 10s));
}

TEST_F(RealEngineTest, TheStateOfAllCostsOneShortCall) {
  for (int i = 0; i < 4; ++i) ASSERT_EQ(engine_->Start(MakeInmate(run_id_, {})), absl::OkStatus());
  std::chrono::nanoseconds best = 1h;
  for (int i = 0; i < 20; ++i) {
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_EQ(engine_->List({{"gtestnet.run", run_id_}})->size(), 4u);
    best = std::min<std::chrono::nanoseconds>(best, std::chrono::steady_clock::now() - begun);
  }
  RecordProperty("microseconds", static_cast<int>(best.count() / 1000));
}

TEST_F(RealEngineTest, ASweepTakesEverythingOfItsRunAndNothingElse) {
  const std::string other = run_id_ + "-other";
  docker::Docker({"network", "create", "--label", "gtestnet.run=" + run_id_, run_id_});
  docker::Docker({"volume", "create", "--label", "gtestnet.run=" + run_id_, run_id_});
  const std::string kept = MakeInmate(other, {});
  ASSERT_EQ(engine_->Start(kept), absl::OkStatus());
  for (const char* word : {"ignore-sigterm", "exit=1", "out=x"}) {
    const std::string inmate =
        MakeInmate(run_id_, {word}, {"--network", run_id_, "-v", run_id_ + ":/data"});
    EXPECT_EQ(engine_->Start(inmate), absl::OkStatus());
  }
  MakeInmate(run_id_, {}, {"--network", run_id_});
  EXPECT_THAT(FindRemains(*engine_, run_id_)->ToString(), HasSubstr("; 1 network; 1 volume"));
  EXPECT_TRUE(FindAllRemains(*engine_)->contains(run_id_));
  EXPECT_EQ(Sweep(*engine_, run_id_, {}), absl::OkStatus());
  EXPECT_TRUE(FindRemains(*engine_, run_id_)->empty());
  EXPECT_EQ(StateOf(kept), "running");
  EXPECT_EQ(Sweep(*engine_, other, {}), absl::OkStatus());
  EXPECT_FALSE(Sweep(*engine_, "", {}).ok());
}

}  // namespace
}  // namespace gtestnet::compose
