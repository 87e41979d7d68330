// SPDX-License-Identifier: Apache-2.0
// cfgsync's service under requests, and its client's reader under its answers.
#include <unistd.h>

#include <deque>
#include <filesystem>
#include <fstream>

#include "core/src/base/testing/fuzz.h"
#include "core/src/cfgsync/answer.h"
#include "core/src/cfgsync/plan.h"
#include "core/src/cfgsync/service.h"

namespace gtestnet::fuzz {
namespace {

cfgsync::Plan SomePlan() {
  cfgsync::Plan plan;
  plan.run_id = "r";
  plan.metrics = {18080, "/metrics"};
  for (const char* name : {"member-0", "member-1", "scout-0"}) {
    cfgsync::PlannedNode& node = plan.nodes.emplace_back();
    node.name = name;
    node.role = node.name.substr(0, node.name.find('-'));
    node.setup.files = {{"all", std::string(2000, 's')}, {"peer", cfgsync::HostToken("member-0")}};
  }
  return plan;
}

// Of this process; the service reads it anew only when it changes.
std::string PlanFile() {
  static const std::string path = [] {
    const std::string path = std::filesystem::temp_directory_path() /
                             ("service-fuzz-" + std::to_string(getpid()) + ".json");
    std::ofstream(path) << cfgsync::WritePlan(SomePlan());
    std::atexit([] {
      std::filesystem::remove(std::filesystem::temp_directory_path() /
                              ("service-fuzz-" + std::to_string(getpid()) + ".json"));
    });
    return path;
  }();
  return path;
}

}  // namespace

std::vector<std::string> Seeds() {
  const std::string answer =
      R"({"identifier":"member-0","role":"member","program":"p","arguments":["a"],
"environment":{"A":"b"},"directory":"/d","start_file":"/d/start",
"files":[{"path":"config.json","content":"x"}],"nodes":["member-1"],"hosts":{"member-1":"h"}})";
  return {
      "POST /member\t{\"identifier\": \"member-0\", \"ip\": \"10.0.0.1\"}\n"
      "POST /scout\t{\"identifier\": \"scout-0\", \"hosts\": {\"member-0\": \"a\"}}\n"
      "GET /start?identifier=member-0&wait_ms=0\t\nGET /health\t\nGET /targets\t\n",
      "GET /start?identifier=scout-0&wait_ms=100\t\nPOST /start\t\n",
      "POST /member\t{\"identifier\": \"member-1\", \"start\": 5}\nGET /start\t\n", "A" + answer,
      "P" + cfgsync::WritePlan(SomePlan())};
}

void Try(std::string_view input) {
  if (!input.empty() && input.front() == 'A') {
    (void)cfgsync::ParseAnswer(input.substr(1)).ok();
    return;
  }
  if (!input.empty() && input.front() == 'P') {
    const absl::StatusOr<cfgsync::Plan> plan = cfgsync::ReadPlan(input.substr(1));
    if (!plan.ok()) return;
    const std::string text = cfgsync::WritePlan(*plan);
    const absl::StatusOr<cfgsync::Plan> again = cfgsync::ReadPlan(text);
    Demand(again.ok() && cfgsync::WritePlan(*again) == text, "what was written can be read");
    return;
  }
  std::deque<std::function<void()>> later;
  cfgsync::Service service({.plan_file = PlanFile(),
                            .after = [&](auto, auto task) { later.push_back(std::move(task)); }});
  Demand(service.Load().ok(), "the plan is sound");
  size_t asked = 0;
  size_t replies = 0;
  while (!input.empty()) {
    const std::string_view line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(input.size(), line.size() + 1));
    const size_t space = line.find(' ');
    const size_t tab = line.find('\t');
    if (space == line.npos || tab == line.npos || tab < space) continue;
    const base::HttpRequest request{.method = std::string(line.substr(0, space)),
                                    .target = std::string(line.substr(space + 1, tab - space - 1)),
                                    .body = std::string(line.substr(tab + 1))};
    ++asked;
    service.Handle(request, [&](const base::HttpResponse& response) {
      ++replies;
      Demand(response.status >= 200 && response.status < 600, "it answers with a status");
    });
    Demand(replies <= asked, "a request is answered once");
  }
  while (!later.empty()) {
    later.front()();
    later.pop_front();
  }
  Demand(replies == asked, "each request is answered");
}

}  // namespace gtestnet::fuzz
