// SPDX-License-Identifier: Apache-2.0
#include "core/src/cluster/prometheus_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace gtestnet {
namespace {

using testing::HasSubstr;

TEST(PrometheusFilesTest, AConfigNamesTheRunTheTargetsAndTheInterval) {
  const std::string config =
      PrometheusConfig({.run_id = "abc\"1", .scrape_interval = std::chrono::milliseconds(500)});
  EXPECT_THAT(config, HasSubstr("scrape_interval: 500ms"));
  EXPECT_THAT(config, HasSubstr("metrics_path: \"/metrics\""));
  EXPECT_THAT(config, HasSubstr("files: [\"targets.json\"]"));
  EXPECT_THAT(config, HasSubstr("replacement: \"abc\\\"1\""));
}

TEST(PrometheusFilesTest, EachNodeIsATargetWithItsNameRoleAndIndex) {
  const std::vector<ScrapeTarget> targets =
      TargetsOf({{.index = 0,
                  .name = "member-0",
                  .role = "member",
                  .address = {"127.1.2.1", {{"p2p", 3000}, {"api", 18080}}},
                  .log = ""},
                 {.index = 1,
                  .name = "scout-0",
                  .role = "scout",
                  .address = {"::1", {{"api", 18080}}},
                  .log = ""},
                 {.index = 2, .name = "nowhere", .role = "member", .address = {}, .log = ""}},
                {"api", "/metrics"});
  const boost::json::value read = boost::json::parse(PrometheusTargets(targets));
  EXPECT_EQ(read, boost::json::parse(R"([
      {"targets": ["127.1.2.1:18080"], "labels":
        {"node": "member-0", "role": "member", "index": "0", "instance": "member-0"}},
      {"targets": ["[::1]:18080"], "labels":
        {"node": "scout-0", "role": "scout", "index": "1", "instance": "scout-0"}}])"));
}

TEST(PrometheusFilesTest, WithoutNodesThereAreNoTargets) {
  EXPECT_EQ(boost::json::parse(PrometheusTargets({})), boost::json::array());
}

}  // namespace
}  // namespace gtestnet
