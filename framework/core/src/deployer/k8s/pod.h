// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_K8S_POD_H_
#define GTESTNET_CORE_SRC_DEPLOYER_K8S_POD_H_

#include <boost/json/object.hpp>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace gtestnet::k8s {

// How a container ended.
struct Termination {
  std::string reason = {};   // "Error", "Completed", "OOMKilled", "ContainerCannotRun", …
  std::string message = {};  // mostly empty
  int exit_code = 0;         // as a shell would have it: 128 + n for signal n
  int signal = 0;            // where a runtime says it so
};

// A pod as the API has it, and its first container, which is the one that matters (the node). Texts
// are cut at 1000 bytes; what is not there is empty.
struct Pod {
  std::string name = {};
  std::string uid = {};      // another one for each pod of a name
  std::string version = {};  // its resourceVersion
  std::string part = {};     // labels gtestnet.part and gtestnet.node
  std::string node = {};
  std::string image = {};
  std::string phase = {};   // "Pending", "Running", "Succeeded", "Failed", "Unknown"
  std::string reason = {};  // "Evicted", "NodeLost", …
  std::string message = {};
  std::string machine = {};  // where it was scheduled to
  std::string ip = {};
  bool claims = false;  // it has a volume that outlives it
  bool ready = false;
  bool deleted = false;          // it is being
  std::string unscheduled = {};  // why the scheduler has no machine for it
  std::string disruption =
      {};  // why it is being ended from outside, of clusters that say so (1.26)

  std::string container = {};  // its id; another one for each container
  int restarts = 0;
  bool running = false;
  std::string waiting = {};  // "ContainerCreating", "ImagePullBackOff", "CrashLoopBackOff", …
  std::string waiting_message = {};
  std::optional<Termination> terminated = {};
  std::optional<Termination> last_terminated = {};  // of the container before this one

  // How many containers of this pod have ended. Never fewer than before.
  int ends() const {
    const bool one_more = terminated || (!waiting.empty() && last_terminated);
    return restarts + (one_more ? 1 : 0);
  }
  // It runs no more, and never will again; another pod of its name may.
  bool failed() const { return phase == "Failed" || phase == "Succeeded"; }
};

// Something that Kubernetes says of an object: a pod, a StatefulSet, a claim.
struct Event {
  std::string kind = {};  // "Pod"
  std::string name = {};
  std::string uid = {};
  std::string reason = {};  // "FailedMount", "FailedCreate", "NodeNotReady", …
  std::string message = {};
  bool warning = false;
  int count = 1;
  std::string version = {};  // its resourceVersion: a later one is a larger number
};

// Of an object of the API. kInternal for what is none: it has no name.
absl::StatusOr<Pod> ReadPod(const boost::json::object& object);
absl::StatusOr<Event> ReadEvent(const boost::json::object& object);
// For texts: one object.
absl::StatusOr<Pod> ParsePod(std::string_view text);
absl::StatusOr<Event> ParseEvent(std::string_view text);

// What the pod, which is not ready, waits for, as the end of a sentence that begins with its name:
//   "is not scheduled: 0/1 nodes are available: 1 Insufficient cpu."
//   "pulls its image no/such:1"
//   "waits for its volumes: MountVolume.SetUp failed for volume …"
//   "crashes again and again (CrashLoopBackOff): exit status 3, 2 restarts"
//   "runs, and is not ready: Readiness probe failed: …"
// `events` may be those of all objects.
std::string WhatItWaitsFor(const Pod& pod, std::span<const Event> events = {});

// How long a pod may be without a machine before that is final: another run may be about to end,
// and what the scheduler said first may be due to a claim that is a moment late.
inline constexpr std::chrono::milliseconds kUnscheduledPatience{45000};

// Why waiting longer for the pod makes no sense, as such a sentence's end, and what to do. Nothing
// while it may still come:
//
//   at once     an image that is never pulled and not there, or whose name is none, or of which the
//               registry says that it has none or may not give it; a container that cannot be made
//               or begun (a missing Secret, an unknown program); a pod that has failed (evicted)
//   second try  an image that could not be pulled for another reason
//   third end   of its container by itself: it is CrashLoopBackOff from the second one on, but what
//               ends once may wait for somebody else and be begun again
//   later       no machine for it for kUnscheduledPatience, unless the cluster is getting another
//               machine; `unscheduled` is how long that was seen
std::optional<std::string> WhyItNeverWill(const Pod& pod, std::span<const Event> events,
                                          std::chrono::milliseconds unscheduled);
// The same of an event that says that pods are not even made: a quota, a policy. Begins with whose:
// "member-0: its pod is not made: exceeded quota: …".
std::optional<std::string> WhyItNeverWill(const Event& event);

// How the node in the pod ended: "exit status 3", "killed by the kernel, as its memory was full
// (OOMKilled)", "evicted: …", "its pod was deleted", "lost with its machine: …". `code` is what its
// agent said in its last moment, if it did: as a shell would have it.
std::string HowItEnded(const Pod& pod, std::optional<int> code = {});
// "exit status 3", "signal 9 (SIGKILL)", of a number as a shell would have it.
std::string DescribeCode(int code);

}  // namespace gtestnet::k8s

#endif  // GTESTNET_CORE_SRC_DEPLOYER_K8S_POD_H_
