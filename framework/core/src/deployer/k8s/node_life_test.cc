// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/k8s/node_life.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/src/deployer/k8s/testing/recorded.h"

namespace gtestnet::k8s {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

class NodeLifeTest : public testing::Test {
 protected:
  NodeLifeTest() : life_([this](const std::string& how) { told_.push_back(how); }) {
    running_ = RecordedPod("unready running");
    life_.OnPod(running_);
    Alive("a");
  }
  // What has been told since the last time.
  std::vector<std::string> Told() { return std::exchange(told_, {}); }
  void Alive(const std::string& agent) {
    life_.OnReport({.name = "n", .state = "running", .change = agent + ".1", .starts = 1});
  }
  void Exited(const std::string& agent, int code, bool asked = false) {
    life_.OnReport({.name = "n",
                    .state = asked ? "stopped" : "exited",
                    .change = agent + ".2",
                    .starts = 1,
                    .exit = AgentExit{DescribeCode(code), code, asked}});
  }
  // A container of the pod has ended with that code, and `ends` with it.
  Pod After(int ends, int code, const std::string& reason = "Error") const {
    Pod pod = running_;
    pod.running = false;
    pod.restarts = ends - 1;
    pod.terminated = Termination{.reason = reason, .exit_code = code};
    return pod;
  }
  // The next one runs.
  Pod Again(const Pod& ended) const {
    Pod pod = ended;
    pod.running = true;
    ++pod.restarts;
    pod.last_terminated = std::exchange(pod.terminated, {});
    return pod;
  }

  std::vector<std::string> told_;
  NodeLife life_;
  Pod running_;
};

TEST_F(NodeLifeTest, TellsOnceWhatTheAgentTellsFirst) {
  Exited("a", 3);
  EXPECT_THAT(Told(), ElementsAre("exit status 3"));
  life_.OnPod(After(1, 3));
  life_.OnPod(Again(After(1, 3)));
  Alive("b");
  EXPECT_THAT(Told(), IsEmpty());
  Exited("b", 4);
  life_.OnPod(After(2, 4));
  EXPECT_THAT(Told(), ElementsAre("exit status 4"));
}

TEST_F(NodeLifeTest, TellsOnceWhatThePodTellsFirst) {
  life_.OnPod(After(1, 3));
  Exited("a", 3);
  life_.OnPod(Again(After(1, 3)));
  EXPECT_THAT(Told(), ElementsAre("exit status 3"));
}

TEST_F(NodeLifeTest, TellsOfAnAgentThatCouldSayNothing) {
  life_.OnPod(After(1, 5));
  life_.OnPod(Again(After(1, 5)));
  Alive("b");
  EXPECT_THAT(Told(), ElementsAre("exit status 5"));
  Exited("b", 6);
  EXPECT_THAT(Told(), ElementsAre("exit status 6"));
}

// The next agent is there before the news of the container before it.
TEST_F(NodeLifeTest, TellsOfAnEndThatIsKnownLate) {
  Alive("b");
  life_.OnPod(Again(After(1, 5)));
  EXPECT_THAT(Told(), ElementsAre("exit status 5"));
  Exited("b", 6);
  EXPECT_THAT(Told(), ElementsAre("exit status 6"));
  life_.OnPod(After(2, 6));
  EXPECT_THAT(Told(), IsEmpty());
}

// The end of the one that was never heard of is taken for that of the next; which is told of then
// by the pod.
TEST_F(NodeLifeTest, MissesNoEndWhereItMistakesWhose) {
  NodeLife life([this](const std::string& how) { told_.push_back(how); });
  life.OnPod(running_);
  life.OnReport({.name = "n", .state = "running", .change = "b.1", .starts = 1});
  life.OnPod(After(1, 5));
  life.OnReport({.name = "n",
                 .state = "exited",
                 .change = "b.2",
                 .exit = AgentExit{"exit status 6", 6, false}});
  EXPECT_THAT(Told(), ElementsAre("exit status 5"));
  life.OnPod(After(2, 6));
  EXPECT_THAT(Told(), ElementsAre("exit status 6"));
}

TEST_F(NodeLifeTest, TellsOfSeveralEndsThatWereSeenTogetherOnce) {
  life_.OnPod(After(3, 5));
  EXPECT_THAT(Told(), ElementsAre("exit status 5"));
}

TEST_F(NodeLifeTest, SaysNothingOfVerbs) {
  Exited("a", 137, true);
  Alive("a");
  Exited("a", 0, true);
  EXPECT_THAT(Told(), IsEmpty());
}

TEST_F(NodeLifeTest, LeavesToThePodWhyItWasKilled) {
  Exited("a", 137);
  EXPECT_THAT(Told(), IsEmpty());
  life_.OnPod(After(1, 137, "OOMKilled"));
  EXPECT_THAT(Told(), ElementsAre("killed by the kernel, as its memory was full (OOMKilled)"));
}

TEST_F(NodeLifeTest, TellsThatItsPodWasDeletedOrEvicted) {
  Pod deleted = running_;
  deleted.deleted = true;
  life_.OnPod(deleted);
  Exited("a", 0, true);
  EXPECT_THAT(Told(), IsEmpty());
  life_.OnGone(deleted);
  EXPECT_THAT(Told(), ElementsAre("its pod was deleted"));
  life_.OnGone(deleted);
  // Another pod, whose container ends at once.
  Pod next = After(1, 3);
  next.uid = "another";
  life_.OnPod(next);
  EXPECT_THAT(Told(), ElementsAre("exit status 3"));
  Pod evicted = RecordedPod("evict Evicted");
  evicted.uid = "another";
  life_.OnPod(evicted);
  EXPECT_THAT(Told(), ElementsAre(StartsWith("evicted: Pod ephemeral local storage usage")));
  life_.OnGone(evicted);
  EXPECT_THAT(Told(), IsEmpty());
}

TEST_F(NodeLifeTest, TellsThatItsPodWasDeletedByForce) {
  life_.OnGone(running_);
  EXPECT_THAT(Told(), ElementsAre("its pod was deleted"));
}

// A cluster of one machine cannot lose it: the events are as the API's source has them, not as they
// were seen.
TEST_F(NodeLifeTest, TellsThatItsMachineWasLost) {
  Event event{.kind = "Pod",
              .name = running_.name,
              .uid = "another",
              .reason = "NodeNotReady",
              .message = "Node is not ready",
              .warning = true};
  life_.OnEvent(event);
  EXPECT_THAT(Told(), IsEmpty());
  event.uid = running_.uid;
  life_.OnEvent(event);
  life_.OnEvent(event);
  life_.OnGone(running_);
  EXPECT_THAT(Told(), ElementsAre("lost with its machine 127.0.0.1: Node is not ready"));
}

}  // namespace
}  // namespace gtestnet::k8s
