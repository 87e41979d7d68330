// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/k8s/k8s_leftovers.h"

#include <map>
#include <utility>

#include "absl/strings/str_split.h"
#include "core/src/base/status.h"
#include "core/src/deployer/k8s/claim.h"
#include "core/src/deployer/k8s/labels.h"
#include "core/src/deployer/k8s/run_namespaces.h"
#include "core/src/deployer/k8s/sweep.h"
#include "gtestnet/variables.h"

namespace gtestnet::k8s {
namespace {

using std::chrono::milliseconds;

// Of the first question, which finds out whether anyone answers, and of more.
constexpr milliseconds kFirstAnswer{2500};
constexpr milliseconds kAnswer{10000};
// What a program that was killed a moment ago asked for may come to be a moment later.
constexpr milliseconds kSettle{200};

// Where a run has things: a namespace of its own, or one that it has claimed.
struct Found {
  std::string run_id;
  std::string test;
  std::string guardian;
  std::string name_space;
  bool own = false;
  bool ending = false;

  std::string ToString() const {
    if (!own) return "its part of namespace " + name_space;
    return "namespace " + name_space + (ending ? ", being deleted" : "");
  }
};

// `where`: {"--all-namespaces"} or {"--namespace", "qa"}.
absl::StatusOr<std::vector<Found>> FindClaims(const Tools& tools, std::vector<std::string> where) {
  std::vector<std::string> arguments = {
      "get",
      "configmaps",
      "--selector",
      std::string(kPartLabel) + "=" + kClaimPart,
      R"(--output=jsonpath={range .items[*]}{.metadata.labels.gtestnet\.run}{"\t"})"
      R"({.metadata.annotations.gtestnet\.test}{"\t"}{.metadata.annotations.gtestnet\.guardian})"
      R"({"\t"}{.metadata.namespace}{"\n"}{end})",
      RequestTimeout(kAnswer)};
  arguments.insert(arguments.end(), where.begin(), where.end());
  GTESTNET_ASSIGN_OR_RETURN(const std::string output,
                            Kubectl(tools, "list of claims", std::move(arguments), kAnswer));
  std::vector<Found> all;
  for (const absl::string_view line : absl::StrSplit(output, '\n', absl::SkipEmpty())) {
    std::vector<std::string> fields = absl::StrSplit(line, '\t');
    if (fields.size() != 4 || fields[0].empty()) continue;
    all.push_back({.run_id = std::move(fields[0]),
                   .test = std::move(fields[1]),
                   .guardian = std::move(fields[2]),
                   .name_space = std::move(fields[3])});
  }
  return all;
}

// `chosen` is the namespace to look in where not all may be seen; it may be empty.
absl::StatusOr<std::vector<Found>> FindAll(const Tools& tools, const std::string& chosen) {
  GTESTNET_ASSIGN_OR_RETURN(const std::vector<RunNamespace> namespaces,
                            FindRunNamespaces(tools, kRunLabel, chosen, kFirstAnswer));
  std::vector<Found> all;
  for (const RunNamespace& one : namespaces) {
    all.push_back({one.run_id, one.test, one.guardian, one.name, true, one.ending});
  }
  absl::StatusOr<std::vector<Found>> claims = FindClaims(tools, {"--all-namespaces"});
  if (absl::IsPermissionDenied(claims.status()) && !chosen.empty()) {
    claims = FindClaims(tools, {"--namespace", chosen});
  }
  // Who may see none has made none.
  if (!claims.ok()) return all;
  all.insert(all.end(), claims->begin(), claims->end());
  return all;
}

}  // namespace

absl::StatusOr<std::vector<BackendTrace>> FindTracesAt(const Tools& tools,
                                                       const std::string& name_space) {
  GTESTNET_ASSIGN_OR_RETURN(const std::vector<Found> all, FindAll(tools, name_space));
  std::vector<BackendTrace> traces;
  for (const Found& one : all) {
    traces.push_back(TraceOf(one.run_id, one.test, one.ToString(), one.guardian));
  }
  return traces;
}

absl::Status RemoveTraceAt(const Tools& tools, const std::string& name_space,
                           const std::string& run_id) {
  GTESTNET_ASSIGN_OR_RETURN(const std::vector<Found> all, FindAll(tools, name_space));
  for (const Found& one : all) {
    if (one.run_id != run_id) continue;
    GTESTNET_RETURN_IF_ERROR(Sweep({.tools = tools, .run_id = run_id, .name_space = one.name_space},
                                   {.settle = kSettle}));
  }
  return absl::OkStatus();
}

std::vector<BackendTrace> FindTraces() {
  const absl::StatusOr<Tools> tools = FindTools();
  if (!tools.ok()) return {};
  return FindTracesAt(*tools, VariableValue("K8S_RUNNER_NAMESPACE").value_or(""))
      .value_or(std::vector<BackendTrace>());
}

absl::Status RemoveTrace(const std::string& run_id) {
  GTESTNET_ASSIGN_OR_RETURN(const Tools tools, FindTools());
  return RemoveTraceAt(tools, VariableValue("K8S_RUNNER_NAMESPACE").value_or(""), run_id);
}

}  // namespace gtestnet::k8s
