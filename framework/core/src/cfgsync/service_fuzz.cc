// SPDX-License-Identifier: Apache-2.0
// cfgsync's service under requests, and its client's reader under its answers.
#include <unistd.h>

#include <deque>
#include <filesystem>
#include <fstream>

#include "core/src/base/testing/fuzz.h"
#include "core/src/cfgsync/answer.h"
#include "core/src/cfgsync/service.h"
#include "gtestnet/nomos/nomos.h"

namespace gtestnet::fuzz {
namespace {

// Of this process; the service reads it anew only when it changes.
std::string SpecFile() {
  static const std::string path = [] {
    const std::string name = std::filesystem::temp_directory_path() /
                             ("service-fuzz-" + std::to_string(getpid()) + ".yaml");
    cfgsync::Spec spec;
    spec.cluster = {.topology = nomos::Topology::Star().Validators(2).Executors(1),
                    .seed = 7,
                    .run_id = "r",
                    .test = {}};
    std::ofstream(name) << cfgsync::WriteSpec(spec).value_or("");
    std::atexit([] {
      std::filesystem::remove(std::filesystem::temp_directory_path() /
                              ("service-fuzz-" + std::to_string(getpid()) + ".yaml"));
    });
    return name;
  }();
  return path;
}

}  // namespace

std::vector<std::string> Seeds() {
  const std::string answer =
      R"({"identifier":"validator-0","role":"validator","program":"p","arguments":["a"],
"environment":{"A":"b"},"directory":"/d","start_file":"/d/start",
"files":[{"path":"config.yaml","content":"x"}],"by_name":["validator-1"]})";
  return {
      "POST /validator\t{\"identifier\": \"validator-0\", \"ip\": \"10.0.0.1\"}\n"
      "POST /executor\t{\"identifier\": \"executor-0\", \"hosts\": {\"validator-0\": \"a\"}}\n"
      "GET /start?identifier=validator-0&wait_ms=0\t\nGET /health\t\nGET /targets\t\n",
      "GET /start?identifier=executor-0&wait_ms=100\t\nPOST /start\t\n",
      "POST /validator\t{\"identifier\": \"validator-1\", \"start\": 5}\nGET /start\t\n",
      "A" + answer};
}

void Try(std::string_view input) {
  if (!input.empty() && input.front() == 'A') {
    (void)cfgsync::ParseAnswer(input.substr(1)).ok();
    return;
  }
  std::deque<std::function<void()>> later;
  cfgsync::Service service({.spec_file = SpecFile(),
                            .after = [&](auto, auto task) { later.push_back(std::move(task)); }});
  Demand(service.Load().ok(), "the spec is sound");
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
