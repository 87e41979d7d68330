// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/k8s/sweep.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "core/src/cluster/in_parallel.h"
#include "core/src/deployer/k8s/claim.h"
#include "core/src/deployer/k8s/labels.h"
#include "gtestnet/clock.h"

namespace gtestnet::k8s {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kAnswer{20000};
constexpr milliseconds kPodsEnd{30000};
// How long one look waits for an end before it looks anew.
constexpr milliseconds kOneWait{5000};
constexpr milliseconds kRetry{200};
constexpr size_t kMostNames = 4;

// All kinds that the chart has, and what Kubernetes makes of them and marks with their labels.
constexpr char kKinds[] =
    "statefulsets,deployments,replicasets,pods,services,configmaps,secrets,persistentvolumeclaims";

std::string Selector(const SweepTarget& target) {
  return std::string(kRunLabel) + "=" + target.run_id;
}

// Nothing but a label's value and a namespace's name, as they become parts of commands.
absl::Status Check(const SweepTarget& target) {
  const auto plain = [](const std::string& text) {
    return !text.empty() && text[0] != '-' &&
           text.find_first_not_of(
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") ==
               std::string::npos;
  };
  if (!plain(target.run_id)) return InvalidArgument("\"" + target.run_id + "\" is no run's id");
  if (!plain(target.name_space)) {
    return InvalidArgument("\"" + target.name_space + "\" is no name of a namespace");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> Ask(const SweepTarget& target, std::string_view what,
                                std::vector<std::string> arguments) {
  arguments.push_back("--request-timeout=15s");
  return Kubectl(target.tools, "run " + target.run_id + ": " + std::string(what),
                 std::move(arguments), kAnswer);
}

// What is not there needs no removal.
absl::Status Gone(const absl::Status& status) {
  return absl::IsNotFound(status) ? absl::OkStatus() : status;
}

// One request for all of a kind, as kubectl itself deletes one thing after the other, and few a
// second. `options` are those of the deletion: "gracePeriodSeconds=0"; `select`: only the run's.
struct Deletion {
  std::string api;   // "/apis/apps/v1"
  std::string kind;  // "statefulsets"
  std::string options;
  std::vector<std::string> flags;  // the same for kubectl
};
absl::Status DeleteAll(const SweepTarget& target, const std::string& name_space, bool select,
                       const Deletion& deletion) {
  std::string path =
      deletion.api + "/namespaces/" + name_space + "/" + deletion.kind + "?" + deletion.options;
  if (select) path += std::string("&labelSelector=") + kRunLabel + "%3D" + target.run_id;
  const std::string what = "removal of its " + deletion.kind;
  const absl::Status status = Ask(target, what, {"delete", "--raw", path}).status();
  if (!absl::IsPermissionDenied(status)) return Gone(status);
  // There is a right to delete things, and another one to delete all of a kind.
  std::vector<std::string> one_by_one = {"--namespace", name_space, "delete", deletion.kind,
                                         "--wait=false"};
  if (select) {
    one_by_one.insert(one_by_one.end(), {"--selector", Selector(target)});
  } else {
    one_by_one.emplace_back("--all");
  }
  one_by_one.insert(one_by_one.end(), deletion.flags.begin(), deletion.flags.end());
  return Gone(Ask(target, what, std::move(one_by_one)).status());
}

const Deletion kPods = {"/api/v1", "pods", "gracePeriodSeconds=0", {"--grace-period=0", "--force"}};
const Deletion kVolumes = {"/api/v1", "persistentvolumeclaims", "gracePeriodSeconds=0", {}};
const Deletion kWorkloads[] = {
    {"/apis/apps/v1", "statefulsets", "propagationPolicy=Orphan", {"--cascade=orphan"}},
    {"/apis/apps/v1", "deployments", "propagationPolicy=Orphan", {"--cascade=orphan"}},
    {"/apis/apps/v1", "replicasets", "propagationPolicy=Orphan", {"--cascade=orphan"}},
};

// "pod/a" of each line; what kubectl says beside them has spaces.
std::vector<std::string> Names(const std::string& output) {
  std::vector<std::string> names;
  for (const absl::string_view line : absl::StrSplit(output, '\n', absl::SkipEmpty())) {
    const std::string name(line);
    if (name.find('/') != std::string::npos && name.find(' ') == std::string::npos) {
      names.push_back(name);
    }
  }
  return names;
}

absl::StatusOr<std::vector<std::string>> Find(const SweepTarget& target,
                                              const std::string& name_space,
                                              const std::string& kinds,
                                              const std::string& selector) {
  std::vector<std::string> arguments = {"--namespace", name_space, "get", kinds, "--output=name"};
  if (!selector.empty()) arguments.insert(arguments.end(), {"--selector", selector});
  const absl::StatusOr<std::string> output =
      Ask(target, "list of what is in namespace " + name_space, std::move(arguments));
  if (absl::IsNotFound(output.status())) return std::vector<std::string>();
  if (!output.ok()) return output.status();
  return Names(*output);
}

// A place where the run has things.
struct Place {
  std::string name_space;
  bool own = false;
};
std::vector<Place> PlacesOf(const SweepTarget& target, const std::vector<RunNamespace>& own) {
  std::vector<Place> places;
  for (const RunNamespace& one : own) places.push_back({one.name, true});
  if (places.empty()) places.push_back({target.name_space, false});
  return places;
}

absl::Status DeletePods(const SweepTarget& target, const Place& place) {
  if (place.own) {
    const std::string path = "/api/v1/namespaces/" + place.name_space;
    GTESTNET_RETURN_IF_ERROR(
        Gone(Ask(target, "removal of namespace " + place.name_space, {"delete", "--raw", path})
                 .status()));
  } else {
    GTESTNET_RETURN_IF_ERROR(InParallel(std::size(kWorkloads), [&](size_t i) {
      return DeleteAll(target, place.name_space, true, kWorkloads[i]);
    }));
  }
  return DeleteAll(target, place.name_space, !place.own, kPods);
}

// Until the API has none, or some time has passed.
void WaitForPods(const SweepTarget& target, const Place& place) {
  std::vector<std::string> arguments = {"--namespace",  place.name_space, "wait",
                                        "--for=delete", "pods",           "--timeout=5s"};
  if (place.own) {
    arguments.emplace_back("--all");
  } else {
    arguments.insert(arguments.end(), {"--selector", Selector(target)});
  }
  static_cast<void>(Kubectl(target.tools, "", std::move(arguments), 2 * kOneWait));
}

absl::Status EndPodsIn(const SweepTarget& target, const Place& place) {
  const Clock& clock = RealClock();
  const Clock::TimePoint deadline = clock.Now() + kPodsEnd;
  for (;;) {
    GTESTNET_RETURN_IF_ERROR(DeletePods(target, place));
    WaitForPods(target, place);
    GTESTNET_ASSIGN_OR_RETURN(
        const std::vector<std::string> left,
        Find(target, place.name_space, place.own ? "pods" : "statefulsets,replicasets,pods",
             place.own ? "" : Selector(target)));
    if (left.empty()) return absl::OkStatus();
    if (clock.Now() >= deadline) {
      return DeadlineExceeded("run " + target.run_id + ": not ended in " +
                              FormatDuration(kPodsEnd) + ": " + absl::StrJoin(left, ", ") +
                              " in namespace " + place.name_space);
    }
  }
}

// Claims of volumes hold up the end of a namespace while their pods are there, and it looks anew
// only after many seconds; so they go beforehand.
absl::Status RemoveIn(const SweepTarget& target, const Place& place) {
  GTESTNET_RETURN_IF_ERROR(EndPodsIn(target, place));
  if (place.own) return DeleteAll(target, place.name_space, false, kVolumes);
  const std::string what = "removal of what it has in namespace " + place.name_space;
  // All but the claim.
  const std::string selector = Selector(target) + "," + std::string(kPartLabel) + "!=" + kClaimPart;
  return Gone(Ask(target, what,
                  {"--namespace", place.name_space, "delete", kKinds, "--selector", selector,
                   "--wait=false"})
                  .status());
}

// Helm's own records. They have no label of the run; but who has the claim has the release.
constexpr char kReleaseSelector[] = "owner=helm,name=gtestnet";

absl::Status RemoveRelease(const SweepTarget& target) {
  return Gone(Ask(target, "removal of its release",
                  {"--namespace", target.name_space, "delete", "secrets", "--selector",
                   kReleaseSelector, "--wait=false"})
                  .status());
}

absl::Status RemoveClaim(const SweepTarget& target) {
  return Gone(Ask(target, "removal of its claim",
                  {"--namespace", target.name_space, "delete", "configmaps", "--selector",
                   Selector(target) + "," + kPartLabel + "=" + kClaimPart})
                  .status());
}

absl::Status RemoveAll(const SweepTarget& target, const Remains& remains) {
  std::vector<Place> places;
  for (const RunNamespace& one : remains.namespaces) places.push_back({one.name, true});
  if (!remains.things.empty()) places.push_back({target.name_space, false});
  absl::Status status =
      InParallel(places.size(), [&](size_t i) { return RemoveIn(target, places[i]); });
  if (remains.claimed && !remains.things.empty()) status.Update(RemoveRelease(target));
  return status;
}

// Returns early when it is gone.
void WaitForNamespaces(const SweepTarget& target, const Remains& remains) {
  if (remains.namespaces.empty()) return;
  static_cast<void>(Kubectl(
      target.tools, "",
      {"wait", "--for=delete", "namespace/" + remains.namespaces.front().name, "--timeout=5s"},
      2 * kOneWait));
}

std::string WhatToDo(const Remains& remains) {
  for (const RunNamespace& one : remains.namespaces) {
    if (!one.ending) continue;
    return "; a namespace goes when all in it is gone: see what \"kubectl get namespace " +
           one.name +
           " -o yaml\" says under conditions, and remove the finalizer that it names, "
           "or bring back the API service that does not answer (kubectl get apiservices)";
  }
  return {};
}

absl::Status NotGone(const SweepTarget& target, milliseconds timeout, const Remains& remains) {
  return DeadlineExceeded("run " + target.run_id + ": not gone in " + FormatDuration(timeout) +
                          ": " + remains.ToString() + WhatToDo(remains));
}

}  // namespace

std::string Remains::ToString() const {
  std::vector<std::string> parts;
  for (const RunNamespace& one : namespaces) {
    parts.push_back("namespace " + one.name + (one.ending ? ", being deleted" : "") +
                    (one.held_by.empty() ? "" : " (" + one.held_by + ")"));
  }
  const std::string in = " in namespace " + name_space;
  if (!things.empty()) {
    const size_t shown = std::min(things.size(), kMostNames);
    const size_t more = things.size() - shown;
    parts.push_back(absl::StrJoin(things.begin(), things.begin() + static_cast<long>(shown), ", ") +
                    (more > 0 ? " and " + std::to_string(more) + " more" : "") + in);
  } else if (claimed) {
    parts.push_back(std::string("configmap/") + kClaim + in);
  }
  return absl::StrJoin(parts, "; ");
}

absl::StatusOr<Remains> FindRemains(const SweepTarget& target) {
  GTESTNET_RETURN_IF_ERROR(Check(target));
  Remains remains;
  remains.name_space = target.name_space;
  GTESTNET_ASSIGN_OR_RETURN(remains.namespaces, FindRunNamespaces(target.tools, Selector(target),
                                                                  target.name_space, kAnswer));
  for (const RunNamespace& one : remains.namespaces) {
    if (one.name == target.name_space) return remains;
  }
  GTESTNET_ASSIGN_OR_RETURN(remains.things,
                            Find(target, target.name_space, kKinds, Selector(target)));
  const auto claim =
      std::find(remains.things.begin(), remains.things.end(), std::string("configmap/") + kClaim);
  if (claim == remains.things.end()) return remains;
  remains.claimed = true;
  remains.things.erase(claim);
  GTESTNET_ASSIGN_OR_RETURN(const std::vector<std::string> release,
                            Find(target, target.name_space, "secrets", kReleaseSelector));
  remains.things.insert(remains.things.end(), release.begin(), release.end());
  return remains;
}

absl::Status EndPods(const SweepTarget& target) {
  GTESTNET_RETURN_IF_ERROR(Check(target));
  GTESTNET_ASSIGN_OR_RETURN(
      const std::vector<RunNamespace> own,
      FindRunNamespaces(target.tools, Selector(target), target.name_space, kAnswer));
  const std::vector<Place> places = PlacesOf(target, own);
  return InParallel(places.size(), [&](size_t i) { return EndPodsIn(target, places[i]); });
}

absl::Status AwaitGone(const SweepTarget& target, milliseconds timeout) {
  const Clock& clock = RealClock();
  const Clock::TimePoint deadline = clock.Now() + timeout;
  for (;;) {
    GTESTNET_ASSIGN_OR_RETURN(const Remains remains, FindRemains(target));
    if (remains.empty()) return absl::OkStatus();
    if (clock.Now() >= deadline) return NotGone(target, timeout, remains);
    WaitForNamespaces(target, remains);
    if (remains.namespaces.empty()) clock.SleepFor(kRetry);
  }
}

absl::Status Sweep(const SweepTarget& target, const SweepOptions& options) {
  GTESTNET_RETURN_IF_ERROR(Check(target));
  const Clock& clock = RealClock();
  const Clock::TimePoint deadline = clock.Now() + options.timeout;
  Clock::TimePoint answered = clock.Now();
  bool claimed = false;
  for (int empty = 0; empty < 2;) {
    const absl::StatusOr<Remains> remains = FindRemains(target);
    absl::Status last = remains.status();
    if (remains.ok()) {
      answered = clock.Now();
      claimed |= remains->claimed;
      if (remains->namespaces.empty() && remains->things.empty()) {
        if (++empty < 2) clock.SleepFor(options.settle);
        continue;
      }
      last = RemoveAll(target, *remains);
    }
    empty = 0;
    if (absl::IsPermissionDenied(last) || absl::IsUnauthenticated(last)) return last;
    if (!remains.ok() && clock.Now() - answered >= options.patience) {
      return Unavailable("run " + target.run_id + ": not removed, as for " +
                         FormatDuration(options.patience) + " there was: " + MessageOf(last));
    }
    if (clock.Now() >= deadline) {
      if (remains.ok()) return NotGone(target, options.timeout, *remains);
      return DeadlineExceeded("run " + target.run_id + ": not removed in " +
                              FormatDuration(options.timeout) + "; last: " + MessageOf(last));
    }
    if (last.ok()) WaitForNamespaces(target, *remains);
    if (!last.ok() || remains->namespaces.empty()) clock.SleepFor(kRetry);
  }
  return claimed ? RemoveClaim(target) : absl::OkStatus();
}

}  // namespace gtestnet::k8s
