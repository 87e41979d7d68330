// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/k8s/claim.h"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "core/src/cluster/ledger.h"
#include "core/src/deployer/k8s/labels.h"
#include "core/src/deployer/k8s/run_namespaces.h"
#include "gtestnet/clock.h"
#include "gtestnet/variables.h"

namespace gtestnet::k8s {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kAnswer{20000};
constexpr milliseconds kCreate{30000};
constexpr milliseconds kRetry{500};

absl::Status Taken(const SweepTarget& target, const std::string& run_id, const std::string& test) {
  return absl::AlreadyExistsError("namespace " + target.name_space + " is in use by run " + run_id +
                                  (test.empty() ? "" : " of " + test) +
                                  ": choose another one by K8S_RUNNER_NAMESPACE, or none, which "
                                  "makes one for each run; if that "
                                  "run is long over, remove what it left by \"gtestnet clean " +
                                  run_id + "\"");
}

// Creates what `object` says under the guardian, as who dies meanwhile may have made it all the
// same.
absl::Status Create(const SweepTarget& target, const boost::json::object& object,
                    HelperCommands& helpers) {
  const std::string file = RunDirectory(target.run_id) + "/claim.json";
  GTESTNET_RETURN_IF_ERROR(WriteFileAtomically(file, boost::json::serialize(object) + "\n"));
  return helpers.Run("kubectl create -f claim.json",
                     KubectlCommand(target.tools, {"create", "--filename", file}), kCreate);
}

boost::json::object Metadata(const SweepTarget& target, const std::string& name,
                             const std::map<std::string, std::string>& annotations) {
  boost::json::object notes;
  for (const auto& [key, value] : annotations) notes[key] = value;
  return {{"name", name},
          {"labels", {{kRunLabel, target.run_id}, {kPartLabel, kClaimPart}}},
          {"annotations", std::move(notes)}};
}

// In the namespace of somebody else: whose claim there is, if there is one.
struct Claim {
  std::string run_id;
  std::string test;
};
absl::StatusOr<Claim> ReadClaim(const SweepTarget& target) {
  GTESTNET_ASSIGN_OR_RETURN(const std::string output,
                            Kubectl(target.tools, "the claim of namespace " + target.name_space,
                                    {"--namespace", target.name_space, "get", "configmap", kClaim,
                                     R"(--output=jsonpath={.metadata.labels.gtestnet\.run}{"\t"})"
                                     R"({.metadata.annotations.gtestnet\.test})",
                                     RequestTimeout(kAnswer)},
                                    kAnswer));
  std::pair<std::string, std::string> fields = absl::StrSplit(output, absl::MaxSplits('\t', 1));
  return Claim{std::move(fields.first), std::move(fields.second)};
}

// What a run that made no claim (one by hand) has there.
absl::Status CheckNoOthersThings(const SweepTarget& target) {
  GTESTNET_ASSIGN_OR_RETURN(
      const std::string output,
      Kubectl(target.tools, "list of what is in namespace " + target.name_space,
              {"--namespace", target.name_space, "get", "statefulsets,deployments,pods,services",
               "--selector", std::string(kRunLabel) + "," + kRunLabel + "!=" + target.run_id,
               R"(--output=jsonpath={range .items[*]}{.metadata.labels.gtestnet\.run}{"\n"}{end})",
               "--ignore-not-found", RequestTimeout(kAnswer)},
              kAnswer));
  const std::string first = output.substr(0, output.find('\n'));
  return first.empty() ? absl::OkStatus() : Taken(target, first, "");
}

absl::Status ClaimOthers(const SweepTarget& target,
                         const std::map<std::string, std::string>& annotations,
                         HelperCommands& helpers) {
  boost::json::object metadata = Metadata(target, kClaim, annotations);
  metadata["namespace"] = target.name_space;
  const absl::Status made = Create(
      target, {{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", std::move(metadata)}},
      helpers);
  if (!made.ok()) {
    const absl::StatusOr<Claim> claim = ReadClaim(target);
    if (!claim.ok() || claim->run_id == target.run_id) return made;
    return Taken(target, claim->run_id, claim->test);
  }
  return CheckNoOthersThings(target);
}

}  // namespace

absl::Status ClaimNamespace(const SweepTarget& target,
                            const std::map<std::string, std::string>& annotations,
                            HelperCommands& helpers, milliseconds patience) {
  const Clock& clock = RealClock();
  const Clock::TimePoint deadline = clock.Now() + Scaled(patience);
  const auto make = [&] {
    return Create(target,
                  {{"apiVersion", "v1"},
                   {"kind", "Namespace"},
                   {"metadata", Metadata(target, target.name_space, annotations)}},
                  helpers);
  };
  // One of the run's own name is hardly ever there. If it cannot be made, the rest says why.
  if (target.name_space == NamespaceOf(target.run_id) && make().ok()) return absl::OkStatus();
  for (;;) {
    const absl::StatusOr<RunNamespace> found =
        ReadNamespace(target.tools, target.name_space, kAnswer);
    if (absl::IsNotFound(found.status())) {
      return make();
    }
    // Who may not look at it may be allowed to work in it.
    if (absl::IsPermissionDenied(found.status())) return ClaimOthers(target, annotations, helpers);
    if (!found.ok()) return found.status();
    if (!found->ending && !found->run_id.empty()) {
      return Taken(target, found->run_id, found->test);
    }
    if (!found->ending) return ClaimOthers(target, annotations, helpers);
    if (clock.Now() >= deadline) {
      return FailedPrecondition(
          "namespace " + target.name_space + " is being deleted, and is not gone in " +
          FormatDuration(Scaled(patience)) + (found->held_by.empty() ? "" : ": " + found->held_by) +
          "; remove what holds it up, or choose another one by K8S_RUNNER_NAMESPACE");
    }
    clock.SleepFor(kRetry);
  }
}

}  // namespace gtestnet::k8s
