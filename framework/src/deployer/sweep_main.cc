// SPDX-License-Identifier: Apache-2.0
// gtestnet-sweep compose HOST RUN_ID [MARK]
// gtestnet-sweep k8s KUBECTL CONTEXT RUN_ID NAMESPACE [MARK]
//
// Removes what a Docker Engine or a Kubernetes cluster has of a run. The guardian runs it at the
// end of each such run, however that came about. While the file MARK is there, a command was at
// work that may have left something to do.
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "src/base/status.h"
#include "src/deployer/compose/sweep.h"
#include "src/deployer/k8s/sweep.h"

namespace {

using Arguments = std::vector<std::string>;

constexpr char kUsage[] =
    "usage: gtestnet-sweep compose HOST RUN_ID [MARK]\n"
    "       gtestnet-sweep k8s KUBECTL CONTEXT RUN_ID NAMESPACE [MARK]\n";
constexpr std::chrono::milliseconds kAnswer{30000};
constexpr std::chrono::milliseconds kSettle{1000};

// `mark` is the position of MARK.
std::chrono::milliseconds Settle(const Arguments& arguments, size_t mark) {
  std::error_code error;
  const bool marked = arguments.size() > mark && std::filesystem::exists(arguments[mark], error);
  return marked ? kSettle : std::chrono::milliseconds(0);
}

absl::Status SweepCompose(const Arguments& arguments) {
  GTESTNET_ASSIGN_OR_RETURN(gtestnet::docker::EngineHost host,
                            gtestnet::docker::ParseEngineHost(arguments[0], "the run"));
  gtestnet::docker::Engine engine(std::move(host));
  GTESTNET_RETURN_IF_ERROR(engine.Negotiate(kAnswer).status());
  return gtestnet::compose::Sweep(engine, arguments[1], {.settle = Settle(arguments, 2)});
}

absl::Status SweepK8s(const Arguments& arguments) {
  gtestnet::k8s::SweepTarget target;
  target.tools.kubectl = arguments[0];
  target.tools.context = arguments[1];
  target.run_id = arguments[2];
  target.name_space = arguments[3];
  return gtestnet::k8s::Sweep(target, {.settle = Settle(arguments, 4)});
}

struct Backend {
  const char* name;
  size_t arguments;  // at least, and one more
  absl::Status (*sweep)(const Arguments& arguments);
};
constexpr Backend kBackends[] = {{"compose", 2, SweepCompose}, {"k8s", 4, SweepK8s}};

}  // namespace

int main(int argc, char** argv) {
  const std::string name = argc > 1 ? argv[1] : "";
  const Arguments arguments(argv + std::min(argc, 2), argv + argc);
  for (const Backend& backend : kBackends) {
    if (name != backend.name) continue;
    if (arguments.size() < backend.arguments || arguments.size() > backend.arguments + 1) break;
    const absl::Status status = backend.sweep(arguments);
    if (status.ok()) return 0;
    std::fprintf(stderr, "gtestnet-sweep: %s\n", gtestnet::MessageOf(status).c_str());
    return 1;
  }
  std::fputs(kUsage, stderr);
  return 2;
}
