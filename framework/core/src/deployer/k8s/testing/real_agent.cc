// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/k8s/testing/real_agent.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "gtestnet/variables.h"

namespace gtestnet::k8s {

using namespace std::chrono_literals;

RealAgent::RealAgent(std::string script, std::string name)
    : script_(std::move(script)), name_(std::move(name)) {
  std::string directory = testing::TempDir() + "agent-XXXXXX";
  directory_ = mkdtemp(directory.data());
  Restart();
}

RealAgent::~RealAgent() {
  process_.reset();
  std::error_code error;
  std::filesystem::remove_all(directory_, error);
}

void RealAgent::Restart() {
  process_.reset();
  process_ = std::make_unique<cfgsync::TestProcess>(
      std::vector<std::string>{POD_AGENT, "--name=" + name_, "--host=127.0.0.1",
                               absl::StrCat("--port=", port_.load()), "--", "sh", "-c", script_},
      std::map<std::string, std::string>{
          {"POD_AGENT_TOKEN", kToken}, {"PATH", "/usr/bin:/bin"}, {"WORK", directory_}},
      absl::StrCat(directory_, "/", made_++, ".log"));
  AwaitLog("started ");
  const std::string log = process_->Log();
  const size_t at = log.find("127.0.0.1:");
  if (at != log.npos) port_ = static_cast<uint16_t>(std::atoi(log.c_str() + at + 10));
}

void RealAgent::Go() const { std::ofstream(directory_ + "/go"); }

void RealAgent::AwaitLog(const std::string& text, int times) const {
  const auto there = [&]() -> absl::Status {
    const std::string log = process_->Log();
    int found = 0;
    for (size_t at = 0; (at = log.find(text, at)) != log.npos; ++at) ++found;
    return found >= times ? absl::OkStatus() : Unavailable(log);
  };
  const absl::Status status = WaitFor("the agent's log", there, {.timeout = Scaled(10s)});
  EXPECT_TRUE(status.ok()) << status;
}

}  // namespace gtestnet::k8s
