// SPDX-License-Identifier: Apache-2.0
// gtestnet-sweep compose HOST RUN_ID [MARK]: removes what a Docker Engine has of a run. The
// guardian runs it at the end of each run on Compose, however that came about. While the file MARK
// is there, a command was at work that may have left the engine something to do.
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>

#include "src/base/status.h"
#include "src/deployer/compose/sweep.h"

namespace {

constexpr std::chrono::milliseconds kAnswer{30000};
constexpr std::chrono::milliseconds kSettle{1000};

absl::Status Run(const std::string& host_text, const std::string& run_id, const std::string& mark) {
  GTESTNET_ASSIGN_OR_RETURN(gtestnet::docker::EngineHost host,
                            gtestnet::docker::ParseEngineHost(host_text, "the run"));
  gtestnet::docker::Engine engine(std::move(host));
  GTESTNET_RETURN_IF_ERROR(engine.Negotiate(kAnswer).status());
  gtestnet::compose::SweepOptions options;
  std::error_code error;
  if (!mark.empty() && std::filesystem::exists(mark, error)) options.settle = kSettle;
  return gtestnet::compose::Sweep(engine, run_id, options);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4 || argc > 5 || std::string(argv[1]) != "compose") {
    std::fprintf(stderr, "usage: gtestnet-sweep compose HOST RUN_ID [MARK]\n");
    return 2;
  }
  const absl::Status status = Run(argv[2], argv[3], argc == 5 ? argv[4] : "");
  if (status.ok()) return 0;
  std::fprintf(stderr, "gtestnet-sweep: %s\n", gtestnet::MessageOf(status).c_str());
  return 1;
}
