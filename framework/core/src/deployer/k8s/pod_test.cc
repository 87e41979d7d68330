// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/k8s/pod.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/src/deployer/k8s/testing/recorded.h"

namespace gtestnet::k8s {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

constexpr auto kNow = 0ms;

std::string Never(const Pod& pod, const std::vector<Event>& events = {},
                  std::chrono::milliseconds unscheduled = kNow) {
  return WhyItNeverWill(pod, events, unscheduled).value_or("it may");
}
std::string Never(const std::string& recorded) { return Never(RecordedPod(recorded)); }

TEST(PodTest, IsReadWithAllThatMatters) {
  const Pod pod = RecordedPod("oom restarted");
  EXPECT_EQ(pod.name, "oom-0");
  EXPECT_EQ(pod.uid.size(), 36u);
  EXPECT_FALSE(pod.version.empty());
  EXPECT_EQ(pod.part, "node");
  EXPECT_EQ(pod.node, "oom");
  EXPECT_EQ(pod.image, "some-image:local");
  EXPECT_EQ(pod.phase, "Running");
  EXPECT_EQ(pod.machine, "127.0.0.1");
  EXPECT_FALSE(pod.ip.empty());
  EXPECT_TRUE(pod.ready);
  EXPECT_TRUE(pod.running);
  EXPECT_FALSE(pod.deleted);
  EXPECT_EQ(pod.restarts, 1);
  EXPECT_EQ(pod.ends(), 1);
  EXPECT_FALSE(pod.terminated.has_value());
  ASSERT_TRUE(pod.last_terminated.has_value());
  EXPECT_EQ(pod.last_terminated->reason, "OOMKilled");
  EXPECT_EQ(pod.last_terminated->exit_code, 137);
  EXPECT_TRUE(RecordedPod("unready deleted").deleted);
}

TEST(PodTest, CountsEachEndOfItsContainer) {
  EXPECT_EQ(RecordedPod("oom running").ends(), 0);
  EXPECT_EQ(RecordedPod("oom OOMKilled").ends(), 1);
  EXPECT_EQ(RecordedPod("oom restarted").ends(), 1);
  EXPECT_EQ(RecordedPod("crash ContainerCreating").ends(), 0);
  EXPECT_EQ(RecordedPod("crash Error").ends(), 2);
  EXPECT_EQ(RecordedPod("crash CrashLoopBackOff 1").ends(), 2);
  EXPECT_EQ(RecordedPod("crash CrashLoopBackOff 2").ends(), 3);
}

TEST(PodTest, SaysWhatItWaitsFor) {
  const auto waits = [](const std::string& recorded, const std::vector<Event>& events = {}) {
    return WhatItWaitsFor(RecordedPod(recorded), events);
  };
  EXPECT_EQ(waits("cpu none"), "is not scheduled: 0/1 nodes are available: 1 Insufficient cpu.");
  EXPECT_EQ(waits("claim2 none"),
            "is not scheduled: 0/1 nodes are available: 1 persistentvolumeclaim \"pending\" not "
            "found.");
  EXPECT_EQ(waits("crash ContainerCreating"), "is being made (ContainerCreating)");
  EXPECT_EQ(waits("mount2 ContainerCreating", {RecordedEvent("event mount2 FailedMount")}),
            "waits for its volumes: MountVolume.SetUp failed for volume \"data\" : configmap "
            "\"no-such\" not found");
  // Of another pod.
  EXPECT_EQ(waits("mount2 ContainerCreating", {RecordedEvent("event pull Failed")}),
            "is being made (ContainerCreating)");
  EXPECT_EQ(waits("pull ImagePullBackOff"),
            "cannot pull its image localhost:1/no/such:1: Back-off pulling image "
            "\"localhost:1/no/such:1\"");
  EXPECT_THAT(waits("pull ImagePullBackOff", {RecordedEvent("event pull Failed")}),
              AllOf(StartsWith("cannot pull its image localhost:1/no/such:1: "),
                    EndsWith("connection refused")));
  EXPECT_EQ(waits("crash CrashLoopBackOff 1"),
            "crashes again and again (CrashLoopBackOff): exit status 3, 1 restart");
  EXPECT_EQ(waits("oom OOMKilled"), "ended: its memory was full (OOMKilled), 0 restarts");
  EXPECT_EQ(waits("unready running", {RecordedEvent("event unready Unhealthy")}).substr(0, 53),
            "runs, and is not ready: Readiness probe failed: Get \"");
  EXPECT_THAT(waits("evict Evicted"), StartsWith("was evicted: Pod ephemeral local storage usage"));
  EXPECT_EQ(waits("unready deleted"), "is being deleted");
}

TEST(PodTest, SaysWhileItPulls) {
  const Pod pod = RecordedPod("crash ContainerCreating");
  Event pulling = RecordedEvent("event crash BackOff");
  pulling.reason = "Pulling";
  EXPECT_EQ(WhatItWaitsFor(pod, std::vector{pulling}), "pulls its image some-image:local");
}

TEST(PodTest, KnowsAtOnceWhatWillNeverCome) {
  EXPECT_EQ(Never("never ErrImageNeverPull"),
            "has no image: no/such:1 is not on the cluster's machine 127.0.0.1, and is never "
            "pulled; bring it there, or name another one, or have it pulled "
            "(ImageSpec::pull_policy)");
  EXPECT_THAT(Never("invalid InvalidImageName"),
              AllOf(StartsWith("has no image: Failed to apply default image tag"),
                    EndsWith("; correct its name")));
  EXPECT_EQ(Never("secret CreateContainerConfigError"),
            "cannot begin its container (CreateContainerConfigError): secret \"no-such\" not "
            "found; correct what it names");
  EXPECT_THAT(Never("user CreateContainerConfigError"), HasSubstr("breaks non-root policy"));
  EXPECT_THAT(Never("program RunContainerError"),
              HasSubstr("stat /no/such: no such file or directory"));
  EXPECT_THAT(Never("evict Evicted"), HasSubstr("exceeds the total limit of containers 10Mi"));
  EXPECT_THAT(Never("deadline DeadlineExceeded"), HasSubstr("has failed (DeadlineExceeded): "));
  for (const char* registry : {"manifest", "denied", "login", "noname"}) {
    EXPECT_THAT(Never(std::string("reg") + registry + " ErrImagePull"),
                AllOf(StartsWith("cannot pull its image localhost:"),
                      HasSubstr("; bring it there, or name another one, or see "
                                "to it that the cluster may pull it")));
  }
}

TEST(PodTest, WaitsForWhatMayHeal) {
  EXPECT_EQ(Never("crash ContainerCreating"), "it may");
  EXPECT_EQ(Never("unready running"), "it may");
  EXPECT_EQ(Never("mount2 ContainerCreating"), "it may");
  EXPECT_EQ(Never("unready deleted"), "it may");
  // A registry that is away, until the second try.
  EXPECT_EQ(Never("pull ErrImagePull"), "it may");
  const Pod pull = RecordedPod("pull ImagePullBackOff");
  EXPECT_EQ(Never(pull, {RecordedEvent("event pull Failed")}), "it may");
  EXPECT_THAT(Never(pull, {RecordedEvent("event pull Failed twice")}),
              HasSubstr("connection refused; bring it there"));
  // What ends twice.
  EXPECT_EQ(Never("crash CrashLoopBackOff 1"), "it may");
  EXPECT_EQ(Never("crash CrashLoopBackOff 2"),
            "crashes again and again (CrashLoopBackOff): exit status 3, 2 restarts; see its log");
  // A machine that has no room, for a while, or that is being made.
  const Pod cpu = RecordedPod("cpu none");
  EXPECT_EQ(Never(cpu, {}, kUnscheduledPatience - 1ms), "it may");
  EXPECT_THAT(Never(cpu, {}, kUnscheduledPatience),
              StartsWith("is not scheduled: 0/1 nodes are available: 1 Insufficient cpu.; have "));
  Event scaling = RecordedEvent("event cpu FailedScheduling");
  scaling.reason = "TriggeredScaleUp";
  EXPECT_EQ(Never(cpu, {scaling}, 1h), "it may");
  Pod busy = RecordedPod("secret CreateContainerConfigError");
  busy.waiting_message = "failed to sync secret cache: timed out waiting for the condition";
  EXPECT_EQ(Never(busy), "it may");
}

TEST(PodTest, KnowsOfPodsThatAreNotEvenMade) {
  const Event quota = RecordedEvent("event quota FailedCreate");
  EXPECT_EQ(quota.kind, "StatefulSet");
  EXPECT_EQ(WhyItNeverWill(quota),
            "quota: its pod is not made: exceeded quota: few, requested: pods=1, used: pods=17, "
            "limited: pods=3; have fewer nodes, or the quota raised, or another namespace");
  Event other = quota;
  other.message = "create Pod x failed error: pods \"x\" is forbidden: violates PodSecurity";
  EXPECT_THAT(WhyItNeverWill(other).value_or(""),
              EndsWith("; see the namespace's limits and policies"));
  other.message =
      "pods \"x\" is forbidden: error looking up service account a/default: serviceaccount "
      "\"default\" not found";
  EXPECT_EQ(WhyItNeverWill(other), std::nullopt);
  other.message = "pods \"x\" is forbidden: status unknown for quota: few, resources: pods";
  EXPECT_EQ(WhyItNeverWill(other), std::nullopt);
  // Unless that goes on and on.
  other.count = 12;
  EXPECT_THAT(WhyItNeverWill(other).value_or(""), HasSubstr("status unknown for quota"));
  EXPECT_EQ(WhyItNeverWill(RecordedEvent("event mount2 FailedMount")), std::nullopt);
}

TEST(PodTest, WhateverTheApiRefusesIsToldInItsWords) {
  Event refused = RecordedEvent("event quota FailedCreate");
  refused.name = "member-0";
  for (const char* words :
       {"create Pod member-0-0 in StatefulSet member-0 failed error: Pod \"member-0-0\" is "
        "invalid: spec.containers[0].resources.requests: Invalid value: \"2\": must be less than "
        "or "
        "equal to cpu limit",
        "admission webhook \"policy.example.com\" denied the request: no such image here",
        "Internal error occurred: failed calling webhook \"x\": Post \"https://x\": dial tcp: "
        "connection refused",
        "pods \"member-0-0\" is forbidden: no PriorityClass with name high was found",
        "no kind \"Pod\" is registered for version \"v0\"", "words of tomorrow"}) {
    refused.message = words;
    EXPECT_EQ(WhyItNeverWill(refused), std::string("member-0: its pod is not made: ") + words +
                                           "; see the namespace's limits and policies");
  }
  refused.kind = "Deployment";
  refused.reason = "ReplicaSetCreateError";
  EXPECT_THAT(WhyItNeverWill(refused).value_or(""), HasSubstr("words of tomorrow"));
  refused.warning = false;
  EXPECT_EQ(WhyItNeverWill(refused), std::nullopt);
  EXPECT_EQ(RecordedEvent("event pull Failed twice").count, 2);
}

TEST(PodTest, APodThatIsDeletedDoesNotEndAsItsContainerBefore) {
  Pod pod;
  pod.last_terminated = Termination{.reason = "OOMKilled", .exit_code = 137};
  EXPECT_EQ(HowItEnded(pod), "killed by the kernel, as its memory was full (OOMKilled)");
  pod.deleted = true;
  EXPECT_EQ(HowItEnded(pod), "its pod was deleted");
  pod.terminated = pod.last_terminated;
  EXPECT_EQ(HowItEnded(pod), "killed by the kernel, as its memory was full (OOMKilled)");
}

TEST(PodTest, SaysHowItEnded) {
  const auto how = [](const std::string& recorded, std::optional<int> code = {}) {
    return HowItEnded(RecordedPod(recorded), code);
  };
  EXPECT_EQ(how("crash Error"), "exit status 3");
  EXPECT_EQ(how("crash CrashLoopBackOff 1"), "exit status 3");
  EXPECT_EQ(how("crash Error", 5), "exit status 5");
  EXPECT_EQ(how("unready running", 139), "signal 11 (SIGSEGV)");
  EXPECT_EQ(how("oom OOMKilled"), "killed by the kernel, as its memory was full (OOMKilled)");
  EXPECT_EQ(how("oom restarted", 137), "killed by the kernel, as its memory was full (OOMKilled)");
  EXPECT_EQ(how("oom restarted", 1), "exit status 1");
  EXPECT_THAT(how("evict Evicted"), StartsWith("evicted: Pod ephemeral local storage usage"));
  EXPECT_THAT(how("deadline DeadlineExceeded"),
              StartsWith("DeadlineExceeded: Pod was active on the node longer"));
  EXPECT_EQ(how("unready deleted"), "its pod was deleted");
  EXPECT_THAT(how("program CrashLoopBackOff"),
              AllOf(StartsWith("exit status 127 (ContainerCannotRun): "), HasSubstr("/no/such")));
}

// A cluster of one machine cannot lose it: this is what the API's documentation and its source say
// of that, not what was seen.
TEST(PodTest, SaysThatItsMachineWasLost) {
  Pod pod = RecordedPod("unready running");
  pod.reason = "NodeLost";
  pod.message = "Node m which was running pod p is unresponsive";
  EXPECT_EQ(HowItEnded(pod),
            "lost with its machine 127.0.0.1: NodeLost: Node m which was running "
            "pod p is unresponsive");
  pod = RecordedPod("unready running");
  pod.disruption = "DeletionByTaintManager: Taint manager: deleting due to NoExecute taint";
  EXPECT_EQ(HowItEnded(pod), "lost with its machine 127.0.0.1: " + pod.disruption);
}

TEST(PodTest, DescribesCodesAsAShellDoes) {
  EXPECT_EQ(DescribeCode(0), "exit status 0");
  EXPECT_EQ(DescribeCode(128), "exit status 128");
  EXPECT_EQ(DescribeCode(137), "signal 9 (SIGKILL)");
  EXPECT_EQ(DescribeCode(255), "exit status 255");
}

// Whatever is cut out of a real answer, or put in its place, is read or refused.
TEST(PodTest, IsNotTroubledByAnything) {
  for (const char* text : {"", "{}", "[]", "null", "7", "\xff\xfe", "{\"metadata\":{}}",
                           R"({"metadata":{"name":7,"uid":[]}})"}) {
    EXPECT_TRUE(absl::IsInternal(ParsePod(text).status())) << text;
    EXPECT_TRUE(absl::IsInternal(ParseEvent(text).status())) << text;
  }
  int read = 0;
  for (const auto& [what, text] : AllRecorded()) {
    for (size_t at = 0; at < text.size(); at += 61) {
      for (const std::string piece : {"", "7", "[]", "{}", "null", "\"", "\xff"}) {
        std::string spoilt = text;
        spoilt.replace(at, 1 + at % 5, piece);
        const absl::StatusOr<Pod> pod = ParsePod(spoilt);
        if (pod.ok()) {
          ++read;
          EXPECT_FALSE(WhatItWaitsFor(*pod).empty());
          EXPECT_FALSE(HowItEnded(*pod).empty());
          static_cast<void>(WhyItNeverWill(*pod, {}, 1h));
        }
        if (const absl::StatusOr<Event> event = ParseEvent(spoilt); event.ok()) {
          static_cast<void>(WhyItNeverWill(*event));
        }
      }
    }
  }
  EXPECT_GT(read, 300);
}

TEST(PodTest, CutsWhatIsTooLong) {
  Pod pod = *ParsePod(R"({"metadata":{"name":"p","uid":"u"},"status":{"message":")" +
                      std::string(1'000'000, 'x') + R"("}})");
  EXPECT_EQ(pod.message.size(), 1000u);
}

}  // namespace
}  // namespace gtestnet::k8s
