// SPDX-License-Identifier: Apache-2.0
#include "src/deployer/k8s/kubectl.h"

#include <sys/wait.h>

#include <utility>

#include "absl/strings/ascii.h"
#include "src/base/command.h"
#include "src/base/status.h"
#include "src/node/exit_status.h"

namespace gtestnet::k8s {
namespace {

constexpr std::chrono::milliseconds kAnswer{10000};

// What kubectl writes in its errors, as the API's server or itself has said it for many versions.
struct Refusal {
  const char* text;
  absl::StatusCode code;
};
constexpr Refusal kRefusals[] = {
    {"(NotFound)", absl::StatusCode::kNotFound},
    {"(AlreadyExists)", absl::StatusCode::kAlreadyExists},
    {"(Forbidden)", absl::StatusCode::kPermissionDenied},
    {"(Unauthorized)", absl::StatusCode::kUnauthenticated},
    {"You must be logged in", absl::StatusCode::kUnauthenticated},
    {"was refused", absl::StatusCode::kUnavailable},
    {"Unable to connect", absl::StatusCode::kUnavailable},
    {"no such host", absl::StatusCode::kUnavailable},
    {"i/o timeout", absl::StatusCode::kUnavailable},
};

absl::Status Refused(std::string_view what, const CommandResult& result) {
  const std::string said(absl::StripAsciiWhitespace(result.output));
  absl::StatusCode code = absl::StatusCode::kInternal;
  for (const Refusal& refusal : kRefusals) {
    if (said.find(refusal.text) == std::string::npos) continue;
    code = refusal.code;
    break;
  }
  return MakeStatus(code,
                    std::string(what) + ": " + (said.empty() ? DescribeExit(result.status) : said));
}

}  // namespace

absl::StatusOr<Tools> FindTools() {
  Tools tools;
  for (const auto& [name, path] :
       {std::pair("kubectl", &tools.kubectl), std::pair("helm", &tools.helm)}) {
    *path = FindInPath(name);
    if (path->empty()) return NotFound(std::string("there is no ") + name + " in PATH");
  }
  const absl::StatusOr<CommandResult> context =
      RunCommand({tools.kubectl, "config", "current-context"}, kAnswer);
  GTESTNET_RETURN_IF_ERROR(context.status());
  if (WIFEXITED(context->status) && WEXITSTATUS(context->status) == 0) {
    tools.context = std::string(absl::StripAsciiWhitespace(context->output));
  }
  return tools;
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

absl::StatusOr<std::string> Kubectl(const Tools& tools, std::string_view what,
                                    std::vector<std::string> arguments,
                                    std::chrono::milliseconds timeout) {
  absl::StatusOr<CommandResult> result =
      RunCommand(KubectlCommand(tools, std::move(arguments)), timeout);
  if (!result.ok()) return Annotate(result.status(), what);
  if (WIFEXITED(result->status) && WEXITSTATUS(result->status) == 0) {
    return std::move(result->output);
  }
  return Refused(what, *result);
}

}  // namespace gtestnet::k8s
