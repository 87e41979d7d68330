// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/k8s/pod.h"

#include <algorithm>
#include <boost/json.hpp>
#include <climits>
#include <csignal>
#include <utility>

#include "core/src/base/json_at.h"
#include "core/src/base/status.h"
#include "core/src/deployer/k8s/labels.h"
#include "core/src/node/exit_status.h"

namespace gtestnet::k8s {
namespace {

namespace json = boost::json;
using base::ArrayAt;
using base::ObjectAt;

constexpr size_t kLongestText = 1000;
constexpr size_t kQuoted = 200;
// Ends of a container by which it is known that there will be more.
constexpr int kCrashes = 3;
// So often something is refused that may pass: some 20 s, as it is tried more and more seldom.
constexpr int kTimesRefused = 12;

// The first of an array of objects.
const json::object& FirstAt(const json::object& object, const char* key) {
  static const json::object none;
  const json::array& array = ArrayAt(object, key);
  return !array.empty() && array[0].is_object() ? array[0].get_object() : none;
}

// On one line, and cut.
std::string TextAt(const json::object& object, const char* key) {
  std::string text = base::TextAt(object, key).substr(0, kLongestText);
  std::replace(text.begin(), text.end(), '\n', ' ');
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

int NumberAt(const json::object& object, const char* key) {
  const int64_t number = base::NumberAt(object, key);
  return number < INT_MIN || number > INT_MAX ? 0 : static_cast<int>(number);
}

absl::StatusOr<json::object> ParseObject(std::string_view text) {
  json::error_code error;
  json::value value = json::parse(json::string_view(text.data(), text.size()), error);
  if (!error && value.is_object()) return std::move(value.get_object());
  return Internal("no object of the Kubernetes API: " + std::string(text.substr(0, kQuoted)));
}

std::optional<Termination> ReadTermination(const json::object& state) {
  const json::value* value = state.if_contains("terminated");
  if (value == nullptr || !value->is_object()) return {};
  const json::object& how = value->get_object();
  return Termination{TextAt(how, "reason"), TextAt(how, "message"), NumberAt(how, "exitCode"),
                     NumberAt(how, "signal")};
}

void ReadContainer(const json::object& status, Pod* pod) {
  const json::object& state = ObjectAt(status, "state");
  const json::object& waiting = ObjectAt(state, "waiting");
  pod->container = TextAt(status, "containerID");
  pod->restarts = std::max(0, NumberAt(status, "restartCount"));
  pod->running = state.contains("running");
  pod->waiting = TextAt(waiting, "reason");
  pod->waiting_message = TextAt(waiting, "message");
  pod->terminated = ReadTermination(state);
  pod->last_terminated = ReadTermination(ObjectAt(status, "lastState"));
}

void ReadConditions(const json::array& conditions, Pod* pod) {
  for (const json::value& value : conditions) {
    if (!value.is_object()) continue;
    const json::object& condition = value.get_object();
    const std::string type = TextAt(condition, "type");
    const bool holds = TextAt(condition, "status") == "True";
    if (type == "Ready") pod->ready = holds;
    if (type == "PodScheduled" && !holds) {
      pod->unscheduled = TextAt(condition, "message");
      if (pod->unscheduled.empty()) pod->unscheduled = TextAt(condition, "reason");
    }
    if (type == "DisruptionTarget" && holds) {
      pod->disruption = TextAt(condition, "reason") + ": " + TextAt(condition, "message");
    }
  }
}

bool Has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// The latest event of the pod with that reason.
const Event* FindEvent(const Pod& pod, std::span<const Event> events, std::string_view reason,
                       std::string_view part = {}) {
  const auto found = std::find_if(events.rbegin(), events.rend(), [&](const Event& event) {
    return event.kind == "Pod" && event.uid == pod.uid && event.reason == reason &&
           Has(event.message, part);
  });
  return found == events.rend() ? nullptr : &*found;
}

// ": <message>", where there is one.
std::string Because(const std::string& message) { return message.empty() ? "" : ": " + message; }
std::string Because(const Event* event) { return event == nullptr ? "" : Because(event->message); }

bool IsPullFailure(const Pod& pod) {
  return pod.waiting == "ErrImagePull" || pod.waiting == "ImagePullBackOff";
}

// What a registry, or a runtime for it, says of an image that will not come by asking again.
bool IsFinalRefusal(std::string_view message) {
  constexpr std::string_view kRefusals[] = {
      "manifest unknown", "name unknown",   "denied",        "nauthorized",
      "not found",        "does not exist", "no basic auth", "no matching manifest"};
  return std::any_of(std::begin(kRefusals), std::end(kRefusals),
                     [&](std::string_view refusal) { return Has(message, refusal); });
}

// "exit status 3, 2 restarts"
std::string HowItCrashes(const Pod& pod) {
  const std::optional<Termination>& last = pod.terminated ? pod.terminated : pod.last_terminated;
  std::string text;
  if (last) {
    text = last->reason == "OOMKilled" ? "its memory was full (OOMKilled)"
                                       : DescribeCode(last->exit_code);
    text += Because(last->message) + ", ";
  }
  return text + std::to_string(pod.restarts) + (pod.restarts == 1 ? " restart" : " restarts");
}

std::string HowItFailed(const Pod& pod) {
  if (pod.reason.empty()) return "has ended (" + pod.phase + ")" + Because(pod.message);
  if (pod.reason == "Evicted") return "was evicted" + Because(pod.message);
  return "has failed (" + pod.reason + ")" + Because(pod.message);
}

// Where the container cannot be made or begun.
bool CannotBegin(const Pod& pod) {
  constexpr std::string_view kReasons[] = {"CreateContainerConfigError", "CreateContainerError",
                                           "RunContainerError", "PostStartHookError"};
  return std::find(std::begin(kReasons), std::end(kReasons), pod.waiting) != std::end(kReasons);
}

// What a machine that is busy says, and tries again.
bool IsPassing(std::string_view message) {
  constexpr std::string_view kTexts[] = {"failed to sync", "timed out", "deadline exceeded",
                                         "already in use"};
  return std::any_of(std::begin(kTexts), std::end(kTexts),
                     [&](std::string_view text) { return Has(message, text); });
}

// What the API says of something that may be otherwise a moment later, and that is tried again:
// what is needed to judge a pod is not there yet, something else was quicker, or somebody does not
// answer.
bool MayPass(std::string_view message) {
  if (Has(message, "webhook")) return false;
  constexpr std::string_view kTexts[] = {"service account",
                                         "serviceaccount",
                                         "status unknown for quota",
                                         "already exists",
                                         "object has been modified",
                                         "object is being deleted",
                                         "timed out",
                                         "timeout",
                                         "deadline exceeded",
                                         "connection refused",
                                         "connection reset",
                                         "unexpected EOF",
                                         "etcdserver",
                                         "too many requests",
                                         "the server is currently unable",
                                         "no endpoints available"};
  return std::any_of(std::begin(kTexts), std::end(kTexts),
                     [&](std::string_view text) { return Has(message, text); });
}

std::optional<std::string> WhyItsImageNeverComes(const Pod& pod, std::span<const Event> events) {
  const std::string bring = "; bring it there, or name another one";
  if (pod.waiting == "ErrImageNeverPull") {
    return "has no image: " + pod.image + " is not on the cluster's machine " + pod.machine +
           ", and is never pulled" + bring + ", or have it pulled " + "(ImageSpec::pull_policy)";
  }
  if (pod.waiting == "InvalidImageName") {
    return "has no image" + Because(pod.waiting_message) + "; correct its name";
  }
  if (!IsPullFailure(pod)) return {};
  const Event* failed = FindEvent(pod, events, "Failed", "Failed to pull image");
  const std::string said =
      pod.waiting == "ErrImagePull" ? pod.waiting_message : (failed ? failed->message : "");
  if (!IsFinalRefusal(said) && (failed == nullptr || failed->count < 2)) return {};
  return "cannot pull its image " + pod.image + Because(said) + bring +
         ", or see to it that the cluster may pull it";
}

}  // namespace

std::string DescribeCode(int code) {
  const bool signalled = code > 128 && code < 128 + NSIG;
  return DescribeExit(signalled ? code - 128 : (code & 0xff) << 8);
}

absl::StatusOr<Pod> ReadPod(const json::object& object) {
  const json::object& metadata = ObjectAt(object, "metadata");
  const json::object& labels = ObjectAt(metadata, "labels");
  const json::object& spec = ObjectAt(object, "spec");
  const json::object& status = ObjectAt(object, "status");
  Pod pod;
  pod.name = TextAt(metadata, "name");
  pod.uid = TextAt(metadata, "uid");
  if (pod.name.empty() || pod.uid.empty()) return Internal("a pod without a name");
  pod.version = TextAt(metadata, "resourceVersion");
  pod.deleted = metadata.contains("deletionTimestamp");
  pod.part = TextAt(labels, kPartLabel);
  pod.node = TextAt(labels, kNodeLabel);
  pod.machine = TextAt(spec, "nodeName");
  pod.image = TextAt(FirstAt(spec, "containers"), "image");
  pod.phase = TextAt(status, "phase");
  pod.reason = TextAt(status, "reason");
  pod.message = TextAt(status, "message");
  pod.ip = TextAt(status, "podIP");
  for (const boost::json::value& volume : ArrayAt(ObjectAt(object, "spec"), "volumes")) {
    pod.claims |= volume.is_object() && volume.get_object().contains("persistentVolumeClaim");
  }
  ReadConditions(ArrayAt(status, "conditions"), &pod);
  ReadContainer(FirstAt(status, "containerStatuses"), &pod);
  return pod;
}

absl::StatusOr<Event> ReadEvent(const json::object& object) {
  const json::object& of = ObjectAt(object, "involvedObject");
  Event event;
  event.kind = TextAt(of, "kind");
  event.name = TextAt(of, "name");
  event.uid = TextAt(of, "uid");
  event.reason = TextAt(object, "reason");
  if (event.name.empty() || event.reason.empty()) return Internal("an event of nothing");
  event.message = TextAt(object, "message");
  event.warning = TextAt(object, "type") == "Warning";
  event.count =
      std::max({1, NumberAt(object, "count"), NumberAt(ObjectAt(object, "series"), "count")});
  event.version = TextAt(ObjectAt(object, "metadata"), "resourceVersion");
  return event;
}

absl::StatusOr<Pod> ParsePod(std::string_view text) {
  GTESTNET_ASSIGN_OR_RETURN(const json::object object, ParseObject(text));
  return ReadPod(object);
}

absl::StatusOr<Event> ParseEvent(std::string_view text) {
  GTESTNET_ASSIGN_OR_RETURN(const json::object object, ParseObject(text));
  return ReadEvent(object);
}

std::string WhatItWaitsFor(const Pod& pod, std::span<const Event> events) {
  if (pod.failed()) return HowItFailed(pod);
  if (pod.deleted) return "is being deleted";
  if (!pod.unscheduled.empty()) return "is not scheduled: " + pod.unscheduled;
  if (pod.waiting == "CrashLoopBackOff" || pod.terminated) {
    return pod.ends() == 1 ? "ended: " + HowItCrashes(pod)
                           : "crashes again and again (CrashLoopBackOff): " + HowItCrashes(pod);
  }
  if (IsPullFailure(pod)) {
    const Event* failed = FindEvent(pod, events, "Failed", "Failed to pull image");
    return "cannot pull its image " + pod.image +
           (failed ? Because(failed) : Because(pod.waiting_message));
  }
  if (CannotBegin(pod)) {
    return "cannot begin its container (" + pod.waiting + ")" + Because(pod.waiting_message);
  }
  if (pod.waiting == "ErrImageNeverPull" || pod.waiting == "InvalidImageName") {
    return "has no image (" + pod.waiting + ")" + Because(pod.waiting_message);
  }
  if (pod.running) {
    return "runs, and is not ready" + Because(FindEvent(pod, events, "Unhealthy"));
  }
  for (const char* reason : {"FailedMount", "FailedAttachVolume"}) {
    const Event* failed = FindEvent(pod, events, reason);
    if (failed != nullptr) return "waits for its volumes" + Because(failed);
  }
  const Event* sandbox = FindEvent(pod, events, "FailedCreatePodSandBox");
  if (sandbox != nullptr) return "gets no network" + Because(sandbox);
  if (FindEvent(pod, events, "Pulling") != nullptr && FindEvent(pod, events, "Pulled") == nullptr) {
    return "pulls its image " + pod.image;
  }
  if (pod.machine.empty()) return "is not scheduled yet";
  const std::string reason = pod.waiting.empty() ? pod.phase : pod.waiting;
  return "is being made (" + reason + ")" + Because(pod.waiting_message);
}

std::optional<std::string> WhyItNeverWill(const Pod& pod, std::span<const Event> events,
                                          std::chrono::milliseconds unscheduled) {
  if (pod.deleted) return {};
  if (pod.failed()) {
    return HowItFailed(pod) + "; see kubectl describe pod, and how much the machine has free";
  }
  if (auto why = WhyItsImageNeverComes(pod, events)) return why;
  if (CannotBegin(pod) && (!IsPassing(pod.waiting_message) || pod.ends() >= kCrashes)) {
    return "cannot begin its container (" + pod.waiting + ")" + Because(pod.waiting_message) +
           "; correct what it names";
  }
  if (pod.waiting == "CrashLoopBackOff" && pod.ends() >= kCrashes) {
    return WhatItWaitsFor(pod, events) + "; see its log";
  }
  if (!pod.unscheduled.empty() && unscheduled >= kUnscheduledPatience &&
      FindEvent(pod, events, "TriggeredScaleUp") == nullptr) {
    return "is not scheduled: " + pod.unscheduled +
           "; have fewer nodes, or a cluster with more free, or ask for less (node.resources)";
  }
  return {};
}

std::optional<std::string> WhyItNeverWill(const Event& event) {
  // Of what makes pods, whatever it is in this version of Kubernetes.
  const bool refused = event.reason == "FailedCreate" || event.reason == "ReplicaSetCreateError";
  if (!refused || !event.warning) return {};
  if (MayPass(event.message) && event.count < kTimesRefused) return {};
  const size_t quota = event.message.find("exceeded quota");
  const std::string said = quota == std::string::npos ? event.message : event.message.substr(quota);
  const std::string remedy = quota != std::string::npos
                                 ? "; have fewer nodes, or the quota raised, or another namespace"
                                 : "; see the namespace's limits and policies";
  return event.name + ": its pod is not made: " + said + remedy;
}

std::string HowItEnded(const Pod& pod, std::optional<int> code) {
  // How the container before ended is no news of a pod that is deleted.
  const std::optional<Termination>& end =
      pod.terminated || pod.deleted ? pod.terminated : pod.last_terminated;
  if (pod.reason == "NodeLost" || Has(pod.disruption, "DeletionByTaintManager")) {
    return "lost with its machine " + pod.machine + ": " +
           (pod.reason == "NodeLost" ? "NodeLost" + Because(pod.message) : pod.disruption);
  }
  if (pod.reason == "Evicted") return "evicted" + Because(pod.message);
  if (end && end->reason == "OOMKilled" && (!code || *code == 128 + SIGKILL)) {
    return "killed by the kernel, as its memory was full (OOMKilled)";
  }
  if (!pod.disruption.empty()) return "ended by the cluster: " + pod.disruption;
  if (pod.deleted) return "its pod was deleted";
  if (!pod.reason.empty()) return pod.reason + Because(pod.message);
  if (code) return DescribeCode(*code);
  if (!end) return "its container ended";
  if (end->signal != 0) return DescribeCode(128 + end->signal);
  const bool says_more = end->reason != "Error" && end->reason != "Completed";
  return DescribeCode(end->exit_code) + (says_more && !end->reason.empty()
                                             ? " (" + end->reason + ")" + Because(end->message)
                                             : "");
}

}  // namespace gtestnet::k8s
