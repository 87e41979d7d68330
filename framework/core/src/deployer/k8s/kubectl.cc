// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/k8s/kubectl.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <map>
#include <mutex>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "core/src/base/command.h"
#include "core/src/base/status.h"
#include "core/src/cluster/in_parallel.h"
#include "core/src/deployer/k8s/known_failures.h"
#include "core/src/deployer/k8s/kubeconfig.h"
#include "core/src/deployer/k8s/version.h"
#include "core/src/node/exit_status.h"
#include "gtestnet/variables.h"

namespace gtestnet::k8s {
namespace {

constexpr std::chrono::milliseconds kAnswer{10000};
constexpr size_t kMostOutput = 32 * 1024 * 1024;
constexpr size_t kQuoted = 2000;

// What is no failure that people can mend, but one that callers know.
constexpr std::pair<const char*, absl::StatusCode> kCodes[] = {
    {"(NotFound)", absl::StatusCode::kNotFound},
    {"(AlreadyExists)", absl::StatusCode::kAlreadyExists},
    {"(Conflict)", absl::StatusCode::kFailedPrecondition},
};

// A program, its oldest version that will do, and the command that tells its version.
struct Needed {
  const char* name;
  int major;
  int minor;
  std::vector<std::string> arguments;
};

// kubectl 1.18 and helm 3.2 are from before Kubernetes 1.20, the oldest cluster that will do.
const Needed& KubectlNeeded() {
  static const auto* const needed = new Needed{"kubectl", 1, 18, {"version", "--client", "-ojson"}};
  return *needed;
}
const Needed& HelmNeeded() {
  static const auto* const needed = new Needed{"helm", 3, 2, {"version", "--short"}};
  return *needed;
}

bool Succeeded(int status) { return WIFEXITED(status) && WEXITSTATUS(status) == 0; }

absl::StatusOr<Version> AskVersion(const Needed& needed, const std::string& path) {
  std::vector<std::string> command = {path};
  command.insert(command.end(), needed.arguments.begin(), needed.arguments.end());
  GTESTNET_ASSIGN_OR_RETURN(const CommandResult result,
                            RunCommand(command, {.timeout = Scaled(kAnswer), .apart = true}));
  // helm 2 names its own version, and fails if its server does not answer.
  std::optional<Version> version = GitVersion(result.output, "clientVersion");
  if (!version) version = FindVersion(result.output);
  if (version) return *std::move(version);
  return FailedPrecondition(path + " does not tell its version (" + DescribeExit(result.status) +
                            "); install " + needed.name + " anew");
}

// A file, also told from the one that was there before.
std::string IdentityOf(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return path;
  return absl::StrCat(path, " ", info.st_ino, " ", info.st_size, " ", info.st_mtim.tv_sec, " ",
                      info.st_mtim.tv_nsec);
}

// Each program is asked once.
absl::StatusOr<Version> VersionOf(const Needed& needed, const std::string& path) {
  static std::mutex mutex;
  static auto* const known = new std::map<std::string, Version>;
  const std::string identity = IdentityOf(path);
  {
    const std::lock_guard lock(mutex);
    if (const auto found = known->find(identity); found != known->end()) return found->second;
  }
  absl::StatusOr<Version> version = AskVersion(needed, path);
  if (version.ok()) {
    const std::lock_guard lock(mutex);
    known->insert_or_assign(identity, *version);
  }
  return version;
}

absl::Status CheckVersion(const Needed& needed, const std::string& path) {
  GTESTNET_ASSIGN_OR_RETURN(const Version version, VersionOf(needed, path));
  if (!(version < Version{needed.major, needed.minor, {}})) return absl::OkStatus();
  return FailedPrecondition(path + " is too old: " + version.text + "; install " + needed.name +
                            " " + std::to_string(needed.major) + "." +
                            std::to_string(needed.minor) + " or newer");
}

absl::Status FindProgram(const char* name, std::string& path) {
  path = FindInPath(name);
  if (!path.empty()) return absl::OkStatus();
  return NotFound(std::string("there is no ") + name + " in PATH; install it");
}

absl::StatusOr<std::string> CurrentContext(const std::string& kubectl) {
  GTESTNET_ASSIGN_OR_RETURN(const CommandResult result,
                            RunCommand({kubectl, "config", "current-context"},
                                       {.timeout = Scaled(kAnswer), .apart = true}));
  if (Succeeded(result.status)) return std::string(absl::StripAsciiWhitespace(result.output));
  if (IsInCluster()) return std::string();
  GTESTNET_ASSIGN_OR_RETURN(const std::string kubeconfig, FindKubeconfig());
  if (absl::StrContains(result.errors, "current-context is not set")) {
    return FailedPrecondition("the kubeconfig (" + kubeconfig +
                              ") has no current context; choose one: kubectl config use-context");
  }
  return FailedPrecondition("the kubeconfig (" + kubeconfig + ") cannot be used: " +
                            std::string(absl::StripAsciiWhitespace(result.errors)) +
                            "; correct it, or name another by KUBECONFIG");
}

// "W1124 17:05:17.446769    9773 loader.go:223] …": kubectl's own log, and warnings.
bool IsNoise(absl::string_view line) {
  const bool log = line.size() > 6 && absl::StrContains("EWIF", line.substr(0, 1)) &&
                   absl::ascii_isdigit(static_cast<unsigned char>(line[1])) && line[5] == ' ' &&
                   absl::StrContains(line, "] ");
  return log || absl::StartsWithIgnoreCase(line, "warning:");
}

// On one line, without what does not matter where there is something else.
std::string Essence(std::string_view said) {
  std::vector<absl::string_view> lines;
  std::vector<absl::string_view> all;
  for (absl::string_view line : absl::StrSplit(ToAbsl(said), '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (line.empty()) continue;
    all.push_back(line);
    if (!IsNoise(line)) lines.push_back(line);
  }
  return absl::StrJoin(lines.empty() ? all : lines, " ").substr(0, kQuoted);
}

}  // namespace

absl::StatusOr<Tools> FindTools() {
  Tools tools;
  GTESTNET_RETURN_IF_ERROR(FindProgram("kubectl", tools.kubectl));
  GTESTNET_RETURN_IF_ERROR(FindProgram("helm", tools.helm));
  GTESTNET_RETURN_IF_ERROR(FindKubeconfig().status());
  const auto look = [&](size_t which) -> absl::Status {
    if (which == 0) return CheckVersion(KubectlNeeded(), tools.kubectl);
    if (which == 1) return CheckVersion(HelmNeeded(), tools.helm);
    GTESTNET_ASSIGN_OR_RETURN(tools.context, CurrentContext(tools.kubectl));
    return absl::OkStatus();
  };
  GTESTNET_RETURN_IF_ERROR(InParallel(3, look));
  return tools;
}

std::string DescribeTools(const Tools& tools) {
  std::vector<std::string> each;
  for (const auto& [needed, path] :
       {std::pair(&KubectlNeeded(), &tools.kubectl), std::pair(&HelmNeeded(), &tools.helm)}) {
    const absl::StatusOr<Version> version = VersionOf(*needed, *path);
    each.push_back(version.ok() ? std::string(needed->name) + " " + version->text
                                : MessageOf(version.status()));
  }
  return absl::StrJoin(each, ", ");
}

std::vector<std::string> KubectlCommand(const Tools& tools, std::vector<std::string> arguments) {
  std::vector<std::string> command = {tools.kubectl};
  if (!tools.context.empty()) command.push_back("--context=" + tools.context);
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

std::vector<std::string> HelmCommand(const Tools& tools, std::vector<std::string> arguments) {
  std::vector<std::string> command = {tools.helm};
  if (!tools.context.empty()) command.push_back("--kube-context=" + tools.context);
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

absl::Status ExplainFailure(std::string_view what, std::string_view said) {
  const std::string message = std::string(what) + ": " + Essence(said);
  for (const auto& [text, code] : kCodes) {
    if (said.find(text) != std::string_view::npos) return MakeStatus(code, message);
  }
  const KnownFailure* known = FindKnown(kKnownFailures, said);
  if (known == nullptr) return Internal(message);
  return MakeStatus(known->code, message + "; " + known->remedy);
}

absl::StatusOr<std::string> Kubectl(const Tools& tools, std::string_view what,
                                    std::vector<std::string> arguments,
                                    std::chrono::milliseconds timeout) {
  absl::StatusOr<CommandResult> result =
      RunCommand(KubectlCommand(tools, std::move(arguments)),
                 {.timeout = timeout, .apart = true, .most_output = kMostOutput});
  if (!result.ok()) return Annotate(result.status(), what);
  if (!Succeeded(result->status)) {
    const std::string& said = Essence(result->errors).empty() ? result->output : result->errors;
    return ExplainFailure(what, Essence(said).empty() ? DescribeExit(result->status) : said);
  }
  if (result->output.size() < kMostOutput) return std::move(result->output);
  return Internal(std::string(what) + ": the answer has more than 32 MiB");
}

}  // namespace gtestnet::k8s
