// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/variables.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "core/src/base/known_deployers.h"
#include "core/src/base/status.h"
#include "core/src/base/temporary_directory.h"

namespace gtestnet {
namespace {

// By name. Made at the first use, as a program registers its own before main.
struct OwnDeployers {
  std::mutex mutex;
  std::vector<std::string> names;
};
OwnDeployers& AllOwnDeployers() {
  static auto* const own = new OwnDeployers;
  return *own;
}

absl::Status Bad(std::string_view name, std::string_view value, std::string_view wanted) {
  return InvalidArgument(std::string(name) + "=" + std::string(value) + ": " + std::string(wanted));
}

template <class T>
std::optional<T> ParseWhole(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Of GTESTNET_DEPLOYERS and GTESTNET_REQUIRE.
absl::StatusOr<std::vector<std::string>> DeployersIn(std::string_view name) {
  std::vector<std::string> deployers;
  const std::string value = VariableValue(name).value_or("");
  for (absl::string_view part : absl::StrSplit(value, ',', absl::SkipWhitespace())) {
    const std::string one(absl::StripAsciiWhitespace(part));
    const std::vector<std::string> known = KnownDeployers();
    if (std::find(known.begin(), known.end(), one) == known.end()) {
      return Bad(name, value,
                 "\"" + one + "\" is no deployer; there are " + absl::StrJoin(known, ", "));
    }
    if (std::find(deployers.begin(), deployers.end(), one) == deployers.end()) {
      deployers.push_back(one);
    }
  }
  return deployers;
}

absl::StatusOr<std::optional<std::chrono::milliseconds>> DurationIn(std::string_view name) {
  const auto value = VariableValue(name);
  if (!value) return std::optional<std::chrono::milliseconds>();
  absl::StatusOr<std::chrono::milliseconds> duration = ParseDuration(*value);
  if (!duration.ok() || duration->count() <= 0) {
    return Bad(name, *value, "must be a duration above 0, as in 200ms, 1.5s or 2m");
  }
  return std::optional<std::chrono::milliseconds>(*duration);
}

// Finite, above 0.
std::optional<double> ScaleIn(const std::string& value) {
  const std::optional<double> scale = ParseWhole<double>(value);
  if (!scale || !std::isfinite(*scale) || *scale <= 0 || *scale > 1000) return std::nullopt;
  return scale;
}

absl::Status CheckScale() {
  const auto value = VariableValue("GTESTNET_TIMEOUT_SCALE");
  if (!value || ScaleIn(*value)) return absl::OkStatus();
  return Bad("GTESTNET_TIMEOUT_SCALE", *value, "must be a number above 0, at most 1000");
}

absl::Status CheckWord(std::string_view name, const std::vector<std::string>& words) {
  const auto value = VariableValue(name);
  if (!value || std::find(words.begin(), words.end(), *value) != words.end()) {
    return absl::OkStatus();
  }
  return Bad(name, *value, "must be " + absl::StrJoin(words, ", "));
}

// As Kubernetes wants it.
absl::Status CheckNamespace(std::string_view name) {
  const std::string value = VariableValue(name).value_or("default");
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  const bool all =
      std::all_of(value.begin(), value.end(), [&](char c) { return fits(c) || c == '-'; });
  if (all && value.size() <= 63 && fits(value.front()) && fits(value.back())) {
    return absl::OkStatus();
  }
  return Bad(name, value, "must be at most 63 of a-z, 0-9 and -, and begin and end with no -");
}

absl::Status CheckPort(std::string_view name) {
  const auto value = VariableValue(name);
  if (!value) return absl::OkStatus();
  const std::optional<uint16_t> port = ParseWhole<uint16_t>(*value);
  if (!port || *port == 0) return Bad(name, *value, "must be a port, 1 to 65535");
  return absl::OkStatus();
}

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({change, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

std::string_view Nearest(std::string_view name) {
  std::string_view best;
  size_t distance = name.size();
  for (const Variable& variable : Variables()) {
    const size_t d = EditDistance(name, variable.name);
    if (d < distance) {
      distance = d;
      best = variable.name;
    }
  }
  return best;
}

absl::Status CheckNames() {
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::string_view name = text.substr(0, text.find('='));
    // The run's id is what the library itself sets on the processes of a run.
    if (name.substr(0, 9) != "GTESTNET_" || name == "GTESTNET_RUN_ID") continue;
    const std::vector<Variable> all = Variables();
    if (std::any_of(all.begin(), all.end(), [&](const Variable& v) { return v.name == name; })) {
      continue;
    }
    return InvalidArgument("there is no variable " + std::string(name) + "; did you mean " +
                           std::string(Nearest(name)) + "?");
  }
  return absl::OkStatus();
}

}  // namespace

namespace {

const std::vector<Variable>& OwnVariables() {
  static const auto* const variables = new std::vector<Variable>{
      {"GTESTNET_DEPLOYERS", "deployers to use, separated by commas", "all"},
      {"GTESTNET_REQUIRE", "deployers whose absence is a failure, not a skip", "none"},
      {"GTESTNET_PRESERVE", "keep a cluster after its test: never, on_failure or always", "never"},
      {"GTESTNET_ARTIFACTS",
       "where the bundles of failed tests go",
       "gtestnet-artifacts-<user's number> in the temporary directory",
       {},
       true},
      {"GTESTNET_BUNDLE", "when a run leaves a bundle: on_failure or always", "on_failure"},
      {"GTESTNET_SEED", "the seed of every random choice", "the topology's, else a random one"},
      {"GTESTNET_REPLAY", "a record or bundle whose seed and schedule are run again", "none"},
      {"GTESTNET_SLOT", "the slot duration, as in 200ms", "200ms up to 16 nodes, else 1s"},
      {"GTESTNET_TIMEOUT_SCALE", "stretches every deadline of the library", "1"},
      {"GTESTNET_TEST_TIMEOUT", "what CTest allows a test; the library stops at 90 % of it",
       "none"},
      {"GTESTNET_CTEST", "set by gtestnet_discover_tests: skipped tests are told by status 77",
       "unset"},
      {"GTESTNET_PROMETHEUS_IMAGE", "the image of Prometheus on compose and k8s",
       "one that is built from Debian's package"},
      {"GTESTNET_TOOLS_IMAGE", "the image of cfgsync and pod-agent, for kinds whose own have none",
       "gtestnet-tools:local"},
      {"GTESTNET_PASS_ENV",
       "more variables that nodes and helper commands get; a * ends the beginning of names",
       "none"},
      {"GTESTNET_LOG", "the library's own log: trace, debug, info, warn, error or off", "warn"},
      {"TEST_FRAMEWORK_PROMETHEUS_PORT", "the port of Prometheus on this machine, not on k8s",
       "a free one; on local 9090, of an address of its own"},
      {"COMPOSE_RUNNER_PRESERVE", "like GTESTNET_PRESERVE=always, on compose", "unset"},
      {"K8S_RUNNER_PRESERVE", "like GTESTNET_PRESERVE=always, on k8s", "unset"},
      {"K8S_RUNNER_NAMESPACE", "the namespace of a run on k8s, for one run at a time",
       "one of its own"},
      {"K8S_RUNNER_NODE_HOST",
       "where node ports of the cluster answer; then pods are not reached at their addresses",
       "the addresses of its machines"},
      {"KUBECONFIG",
       "the cluster of k8s, with its credentials; separated by colons",
       "~/.kube/config, else a pod's service account",
       {},
       true},
      {"SLOW_TEST_ENV", "true: deadlines are twice as long", "false"},
      {"DOCKER_HOST", "where the Docker Engine listens: unix:// or tcp:// on this machine",
       "the current context's, else unix:///var/run/docker.sock"},
      {"DOCKER_CONTEXT", "the Docker context to use", "that of Docker's configuration"},
  };
  return *variables;
}

// By kinds of node. Made at the first use, which may be before main.
struct Declared {
  std::mutex mutex;
  std::vector<Variable> variables;
};
Declared& AllDeclared() {
  static auto* const declared = new Declared;
  return *declared;
}

bool Has(const std::vector<Variable>& variables, std::string_view name) {
  return std::any_of(variables.begin(), variables.end(),
                     [&](const Variable& variable) { return variable.name == name; });
}

std::optional<std::string> ValueOf(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

bool IsTrue(std::string_view name) {
  const std::string value = ValueOf(name).value_or("");
  return value == "true" || value == "1";
}

}  // namespace

std::vector<Variable> Variables() {
  std::vector<Variable> all = OwnVariables();
  Declared& declared = AllDeclared();
  const std::lock_guard lock(declared.mutex);
  all.insert(all.end(), declared.variables.begin(), declared.variables.end());
  return all;
}

void DeclareVariables(const std::vector<Variable>& variables) {
  Declared& declared = AllDeclared();
  const std::lock_guard lock(declared.mutex);
  for (const Variable& variable : variables) {
    if (Has(OwnVariables(), variable.name) || Has(declared.variables, variable.name)) continue;
    declared.variables.push_back(variable);
  }
}

std::optional<std::string> VariableValue(std::string_view name) {
  if (auto value = ValueOf(name)) return value;
  Declared& declared = AllDeclared();
  const std::lock_guard lock(declared.mutex);
  for (const Variable& variable : declared.variables) {
    const size_t equals = variable.stands_for.find('=');
    if (equals == std::string_view::npos || variable.stands_for.substr(0, equals) != name) continue;
    if (IsTrue(variable.name)) return std::string(variable.stands_for.substr(equals + 1));
  }
  return std::nullopt;
}

absl::Status CheckVariables() {
  GTESTNET_RETURN_IF_ERROR(CheckNames());
  GTESTNET_RETURN_IF_ERROR(DeployersWanted().status());
  GTESTNET_RETURN_IF_ERROR(DeployersRequired().status());
  GTESTNET_RETURN_IF_ERROR(PreserveWanted().status());
  GTESTNET_RETURN_IF_ERROR(SeedWanted().status());
  GTESTNET_RETURN_IF_ERROR(SlotWanted().status());
  GTESTNET_RETURN_IF_ERROR(TestTimeout().status());
  GTESTNET_RETURN_IF_ERROR(CheckScale());
  GTESTNET_RETURN_IF_ERROR(CheckPort("TEST_FRAMEWORK_PROMETHEUS_PORT"));
  GTESTNET_RETURN_IF_ERROR(CheckNamespace("K8S_RUNNER_NAMESPACE"));
  GTESTNET_RETURN_IF_ERROR(
      CheckWord("GTESTNET_LOG", {"trace", "debug", "info", "warn", "error", "off"}));
  GTESTNET_RETURN_IF_ERROR(BundleWanted().status());
  GTESTNET_RETURN_IF_ERROR(CheckWord("SLOW_TEST_ENV", {"true", "false", "1", "0"}));
  for (const Variable& variable : Variables()) {
    if (variable.words.empty()) continue;
    GTESTNET_RETURN_IF_ERROR(
        CheckWord(variable.name, {variable.words.begin(), variable.words.end()}));
  }
  return absl::OkStatus();
}

const std::vector<std::string>& DeployerNames() {
  static const auto* const names = new std::vector<std::string>{"local", "compose", "k8s"};
  return *names;
}

std::vector<std::string> KnownDeployers() {
  OwnDeployers& own = AllOwnDeployers();
  const std::lock_guard lock(own.mutex);
  std::vector<std::string> all = DeployerNames();
  all.insert(all.end(), own.names.begin(), own.names.end());
  return all;
}

void base::AddKnownDeployer(std::string name) {
  OwnDeployers& own = AllOwnDeployers();
  const std::lock_guard lock(own.mutex);
  own.names.push_back(std::move(name));
}

absl::StatusOr<std::vector<std::string>> DeployersWanted() {
  absl::StatusOr<std::vector<std::string>> wanted = DeployersIn("GTESTNET_DEPLOYERS");
  if (wanted.ok() && wanted->empty()) return KnownDeployers();
  return wanted;
}

absl::StatusOr<std::vector<std::string>> DeployersRequired() {
  return DeployersIn("GTESTNET_REQUIRE");
}

bool IsRequired(std::string_view deployer) {
  const absl::StatusOr<std::vector<std::string>> required = DeployersRequired();
  return required.ok() &&
         std::find(required->begin(), required->end(), deployer) != required->end();
}

absl::StatusOr<Preserve> PreserveWanted(std::string_view deployer) {
  for (const auto& [of, name] :
       {std::pair("compose", "COMPOSE_RUNNER_PRESERVE"), std::pair("k8s", "K8S_RUNNER_PRESERVE")}) {
    const std::string flag = VariableValue(name).value_or("0");
    if (deployer == of && flag != "0" && flag != "false") return Preserve::kAlways;
  }
  const std::string value = VariableValue("GTESTNET_PRESERVE").value_or("never");
  if (value == "never") return Preserve::kNever;
  if (value == "on_failure") return Preserve::kOnFailure;
  if (value == "always") return Preserve::kAlways;
  return Bad("GTESTNET_PRESERVE", value, "must be never, on_failure or always");
}

std::string ArtifactsDirectory() {
  if (const auto value = VariableValue("GTESTNET_ARTIFACTS")) return *value;
  std::error_code error;
  const std::filesystem::path temporary = std::filesystem::temp_directory_path(error);
  return (error ? std::filesystem::path("/tmp") : temporary) /
         ("gtestnet-artifacts-" + std::to_string(geteuid()));
}

absl::Status CheckArtifactsDirectory() {
  const absl::Status writable = CheckWritable(ArtifactsDirectory());
  if (writable.ok()) return writable;
  return FailedPrecondition("no bundle of a failed test could be written to " +
                            MessageOf(writable) +
                            "; set GTESTNET_ARTIFACTS to a directory that can be written to");
}

absl::StatusOr<std::optional<uint64_t>> SeedWanted() {
  const auto value = VariableValue("GTESTNET_SEED");
  if (!value) return std::optional<uint64_t>();
  const std::optional<uint64_t> seed = ParseWhole<uint64_t>(*value);
  if (!seed) return Bad("GTESTNET_SEED", *value, "must be a whole number, 0 to 2^64 - 1");
  return seed;
}

absl::StatusOr<std::optional<std::chrono::milliseconds>> SlotWanted() {
  return DurationIn("GTESTNET_SLOT");
}

absl::StatusOr<std::optional<std::chrono::milliseconds>> TestTimeout() {
  return DurationIn("GTESTNET_TEST_TIMEOUT");
}

bool UnderCTest() { return VariableValue("GTESTNET_CTEST").has_value(); }

absl::StatusOr<Preserve> BundleWanted() {
  const std::string value = VariableValue("GTESTNET_BUNDLE").value_or("on_failure");
  if (value == "on_failure") return Preserve::kOnFailure;
  if (value == "always") return Preserve::kAlways;
  return Bad("GTESTNET_BUNDLE", value, "must be on_failure or always");
}

double TimeoutScale() {
  double scale = 1;
  if (const auto value = VariableValue("GTESTNET_TIMEOUT_SCALE")) {
    scale = ScaleIn(*value).value_or(1);
  }
  const std::string slow = VariableValue("SLOW_TEST_ENV").value_or("");
  return slow == "true" || slow == "1" ? 2 * scale : scale;
}

std::chrono::milliseconds Scaled(std::chrono::milliseconds timeout) {
  return std::chrono::milliseconds(
      static_cast<int64_t>(static_cast<double>(timeout.count()) * TimeoutScale()));
}

absl::StatusOr<std::chrono::milliseconds> ParseDuration(std::string_view text) {
  const size_t unit_at = std::min(text.find_first_not_of("0123456789."), text.size());
  const std::string_view unit = text.substr(unit_at);
  double factor = 0;
  if (unit == "ms") factor = 1;
  if (unit == "s") factor = 1000;
  if (unit == "m") factor = 60000;
  if (unit == "h") factor = 3600000;
  const std::optional<double> number = ParseWhole<double>(text.substr(0, unit_at));
  const double ms = number.value_or(0) * factor;
  if (!number || factor == 0 || ms > 1e12) {
    return InvalidArgument("\"" + std::string(text) +
                           "\" is no duration; write it as 250ms, 1.5s, 2m or 1h");
  }
  return std::chrono::milliseconds(static_cast<int64_t>(std::llround(ms)));
}

}  // namespace gtestnet
