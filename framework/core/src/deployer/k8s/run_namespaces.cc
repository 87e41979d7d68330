// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/k8s/run_namespaces.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "core/src/base/status.h"
#include "core/src/deployer/k8s/labels.h"

namespace gtestnet::k8s {
namespace {

using std::chrono::milliseconds;

constexpr size_t kFields = 7;

// One line of a namespace, its fields between tabs.
std::string Template() {
  return R"({.metadata.name}{"\t"}{.metadata.labels.gtestnet\.run}{"\t"})"
         R"({.metadata.annotations.gtestnet\.test}{"\t"}{.metadata.annotations.gtestnet\.guardian})"
         R"({"\t"}{.status.phase}{"\t"}{.metadata.finalizers}{"\t"})"
         R"({range .status.conditions[?(@.status=="True")]}{.message}{"; "}{end}{"\n"})";
}

std::vector<RunNamespace> Read(const std::string& output) {
  std::vector<RunNamespace> found;
  for (const absl::string_view line : absl::StrSplit(output, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> fields =
        absl::StrSplit(line, absl::MaxSplits('\t', kFields - 1));
    if (fields.size() != kFields) continue;  // what kubectl says beside them
    RunNamespace one;
    one.name = fields[0];
    one.run_id = fields[1];
    one.test = fields[2];
    one.guardian = fields[3];
    one.ending = fields[4] == "Terminating";
    if (one.ending) {
      one.held_by = std::string(absl::StripSuffix(fields[6], "; "));
      if (!fields[5].empty()) {
        one.held_by += (one.held_by.empty() ? "" : "; ") + ("its own finalizers " + fields[5]);
      }
    }
    found.push_back(std::move(one));
  }
  return found;
}

}  // namespace

std::string RequestTimeout(milliseconds timeout) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(timeout).count();
  return "--request-timeout=" + std::to_string(std::max<int64_t>(1, seconds)) + "s";
}

absl::StatusOr<RunNamespace> ReadNamespace(const Tools& tools, const std::string& name,
                                           milliseconds timeout) {
  GTESTNET_ASSIGN_OR_RETURN(const std::string output,
                            Kubectl(tools, "namespace " + name,
                                    {"get", "namespace", name, "--output=jsonpath=" + Template(),
                                     RequestTimeout(timeout)},
                                    timeout));
  std::vector<RunNamespace> found = Read(output);
  if (found.empty()) return Internal("namespace " + name + ": kubectl said \"" + output + "\"");
  return std::move(found.front());
}

absl::StatusOr<std::vector<RunNamespace>> FindRunNamespaces(const Tools& tools,
                                                            const std::string& selector,
                                                            const std::string& fallback,
                                                            milliseconds timeout) {
  const absl::StatusOr<std::string> output = Kubectl(
      tools, "list of the namespaces with " + selector,
      {"get", "namespaces", "--selector", selector,
       "--output=jsonpath={range .items[*]}" + Template() + "{end}", RequestTimeout(timeout)},
      timeout);
  if (output.ok()) return Read(*output);
  if (!absl::IsPermissionDenied(output.status())) return output.status();
  std::vector<RunNamespace> found;
  if (fallback.empty()) return found;
  absl::StatusOr<RunNamespace> one = ReadNamespace(tools, fallback, timeout);
  if (!one.ok()) {
    // Who may not look at it cannot have made it.
    if (absl::IsNotFound(one.status()) || absl::IsPermissionDenied(one.status())) return found;
    return one.status();
  }
  const std::vector<std::string> wanted = absl::StrSplit(selector, absl::MaxSplits('=', 1));
  const bool fits = wanted.size() == 2 ? one->run_id == wanted[1] : !one->run_id.empty();
  if (fits) found.push_back(*std::move(one));
  return found;
}

}  // namespace gtestnet::k8s
