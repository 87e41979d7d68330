// SPDX-License-Identifier: Apache-2.0
// A real nomos-node and a real HTTP server that it sends its telemetry to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "boost/json.hpp"
#include "core/test_support.h"
#include "testing/await.h"
#include "testing/collector.h"
#include "testing/http_client.h"
#include "testing/process.h"
#include "testing/running_node.h"
#include "testing/temp_dir.h"

namespace gtestnet::node {
namespace {

namespace json = boost::json;
using testing::HasSubstr;
using testing_support::Filled;
using testing_support::KeyOf;

class OtlpProcessTest : public testing::Test {
 protected:
  ~OtlpProcessTest() override {
    unsetenv("NOMOS_OTLP_ENDPOINT");
    unsetenv("NOMOS_OTLP_METRICS_ENDPOINT");
  }
  // One node alone, which wins every slot.
  std::string WriteConfig() {
    const std::string path = directory_.File("node.yaml");
    std::ofstream(path) << "identifier: validator-3\nrole: validator\nnode_key: "
                        << Filled(100).Hex() << "\nnetwork:\n  listen: " << block_.Host(0)
                        << ":3000\n  peers: []\n  neighbours: []\n  min_peers: 0\nconsensus:\n  "
                           "slot_duration_ms: 20\n"
                           "  active_slot_coeff: \"1\"\n  security_param: 5\n  epoch: "
                           "{stake_stabilisation: 3, nonce_buffer: 3, "
                           "nonce_stabilisation: 4}\n"
                           "leader:\n  secret_keys: ["
                        << Filled(10).Hex() << "]\ngenesis:\n  chain_id: " << Filled(3).Hex()
                        << "\n  notes:\n    - {value: 100, leader: true, public_key: "
                        << KeyOf(10).public_key().Hex()
                        << "}\nstart:\n  file: " << directory_.File("start")
                        << "\napi:\n  listen: " << block_.Host(0)
                        << ":18080\nstorage:\n  path: " << directory_.File("chain.db")
                        << "\nlog:\n  directory: " << directory_.path() << "\n";
    NodeConfig config;
    config.start_file = directory_.File("start");
    WriteStartFile(config, WallClock());
    return path;
  }
  void Run(const std::string& traces, const std::string& metrics) {
    setenv("NOMOS_OTLP_ENDPOINT", traces.c_str(), 1);
    setenv("NOMOS_OTLP_METRICS_ENDPOINT", metrics.c_str(), 1);
    process_ = std::make_unique<Process>(std::vector<std::string>{NODE_PROGRAM, WriteConfig()},
                                         directory_.File("error"));
  }
  // By name, as /metrics has them.
  std::map<std::string, double> Metrics() {
    std::map<std::string, double> values;
    HttpClient client({block_.Host(0), 18080});
    if (!client.connected()) return values;
    const std::string text = client.Get("/metrics").body;
    for (const auto line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
      if (line.front() == '#') continue;
      const std::vector<std::string> parts = absl::StrSplit(line, ' ');
      values[parts[0]] = std::atof(parts.at(1).c_str());
    }
    return values;
  }
  double Metric(const std::string& name) {
    const std::map<std::string, double> all = Metrics();
    const auto found = all.find(name);
    return found == all.end() ? -1 : found->second;
  }
  int WarningsInTheLog() {
    std::ifstream file(directory_.File("nomos-node-3"));
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    int count = 0;
    for (std::size_t at = 0; (at = text.find("OTLP collector", at)) != std::string::npos; ++at) {
      ++count;
    }
    return count;
  }

  LoopbackBlock block_;
  TempDir directory_;
  std::unique_ptr<Process> process_;
};

json::array SpansOf(const Collector& collector) {
  json::array spans;
  for (const Collector::Received& one : collector.received()) {
    if (one.path != "/v1/traces") continue;
    const json::value body = json::parse(one.body);
    for (const json::value& span :
         body.at_pointer("/resourceSpans/0/scopeSpans/0/spans").as_array()) {
      spans.push_back(span);
    }
  }
  return spans;
}
std::size_t CountOf(const json::array& spans, const std::string& name) {
  return static_cast<std::size_t>(std::count_if(spans.begin(), spans.end(), [&](const auto& span) {
    return span.at("name").as_string() == name;
  }));
}

TEST_F(OtlpProcessTest, SendsASpanForEachSlotAndBlockAndAllItsMetrics) {
  Collector collector;
  const std::string url = "http://" + collector.address().ToString();
  Run(url, url + "/otlp/metrics");
  ASSERT_TRUE(Await([&] { return CountOf(SpansOf(collector), "block") >= 20; }));
  std::set<std::string> sent;
  ASSERT_TRUE(Await([&] {
    for (const Collector::Received& one : collector.received()) {
      if (one.path == "/otlp/metrics") return true;
    }
    return false;
  }));
  std::vector<std::string> exposed;
  for (const auto& [name, value] : Metrics()) exposed.push_back(name);
  const double won = Metric("consensus_slots_won_total");
  process_->Signal(SIGTERM);
  EXPECT_EQ(process_->ExitStatus(), 0) << process_->Errors();

  // What was still to be sent was sent at the end.
  const json::array spans = SpansOf(collector);
  EXPECT_GE(static_cast<double>(CountOf(spans, "slot")), won);
  EXPECT_EQ(CountOf(spans, "slot"), CountOf(spans, "block"));
  std::set<std::string> traces, ids;
  for (const json::value& span : spans) {
    traces.insert(std::string(span.at("traceId").as_string()));
    ids.insert(std::string(span.at("spanId").as_string()));
    EXPECT_EQ(span.at("traceId").as_string().size(), 32u);
    EXPECT_EQ(span.at("spanId").as_string().size(), 16u);
  }
  EXPECT_EQ(traces.size(), CountOf(spans, "block"));  // a slot and its block are one trace
  EXPECT_EQ(ids.size(), spans.size());

  for (const Collector::Received& one : collector.received()) {
    EXPECT_EQ(one.content_type, "application/json");
    const json::value body = json::parse(one.body);
    const bool metrics = one.path == "/otlp/metrics";
    const json::value& resource =
        body.at(metrics ? "resourceMetrics" : "resourceSpans").at(0).at("resource");
    EXPECT_EQ(resource.at_pointer("/attributes/0/value/stringValue"), "nomos-node");
    EXPECT_EQ(resource.at_pointer("/attributes/2/value/stringValue"), "validator-3");
    EXPECT_EQ(resource.at_pointer("/attributes/4/value/intValue"), "3");
    if (!metrics) continue;
    for (const json::value& metric :
         body.at_pointer("/resourceMetrics/0/scopeMetrics/0/metrics").as_array()) {
      sent.insert(std::string(metric.at("name").as_string()));
    }
  }
  EXPECT_THAT(exposed, testing::UnorderedElementsAreArray(sent));
}

TEST_F(OtlpProcessTest, ADeadCollectorIsOneWarningAndSlowsNothing) {
  Address nobody;
  { nobody = Collector().address(); }
  Run("http://" + nobody.ToString(), "");
  ASSERT_TRUE(Await([&] { return Metric("otlp_spans_failures_total") >= 2; }));
  EXPECT_EQ(Metric("otlp_spans_sent_total"), 0);
  const double height = Metric("consensus_tip_height");
  ASSERT_TRUE(Await([&] { return Metric("consensus_tip_height") >= height + 20; }));
  // Each slot was won and used.
  const std::map<std::string, double> metrics = Metrics();
  EXPECT_EQ(metrics.at("consensus_proposals_total"), metrics.at("consensus_slots_won_total"));
  EXPECT_EQ(metrics.count("otlp_metrics_sent_total"), 0u);
  process_->Signal(SIGTERM);
  EXPECT_EQ(process_->ExitStatus(), 0) << process_->Errors();
  EXPECT_EQ(WarningsInTheLog(), 1);
}

TEST_F(OtlpProcessTest, ACollectorThatNeverAnswersKeepsTheNodeFromNothing) {
  Collector collector(0, /*silent=*/true);
  const std::string url = "http://" + collector.address().ToString();
  Run(url, url);
  ASSERT_TRUE(Await([&] { return Metric("consensus_tip_height") >= 20; }));
  process_->Signal(SIGTERM);
  EXPECT_EQ(process_->ExitStatus(), 0) << process_->Errors();
}

TEST_F(OtlpProcessTest, WithoutTheVariablesNothingOfItIsThere) {
  Run("", "");
  ASSERT_TRUE(Await([&] { return Metric("consensus_tip_height") >= 1; }));
  for (const auto& [name, value] : Metrics()) EXPECT_NE(name.substr(0, 5), "otlp_");
}

TEST_F(OtlpProcessTest, AMalformedEndpointIsOneSentenceAtTheStart) {
  Run("collector:4318", "");
  EXPECT_EQ(process_->ExitStatus(), 2);
  EXPECT_EQ(process_->Errors(),
            "nomos-node: NOMOS_OTLP_ENDPOINT must be http://HOST[:PORT][/PATH], not "
            "\"collector:4318\"\n");
  Run("", "https://collector");
  EXPECT_EQ(process_->ExitStatus(), 2);
  EXPECT_THAT(process_->Errors(), HasSubstr("NOMOS_OTLP_METRICS_ENDPOINT must be http://"));
}

}  // namespace
}  // namespace gtestnet::node
