// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/kind/variables.h"

namespace gtestnet::nomos {

std::vector<Variable> NomosVariables() {
  const std::vector<std::string_view> kTruth = {"true", "false", "1", "0"};
  return {
      {"NOMOS_NODE_BIN", "the validator's program", "the bundled nomos-node", {}, true},
      {"NOMOS_EXECUTOR_BIN", "the executor's program", "the bundled nomos-executor", {}, true},
      {"NOMOS_TESTNET_IMAGE", "the image of a node on compose and k8s", "nomos-testnet:local"},
      {"NOMOS_TESTNET_IMAGE_PULL_POLICY",
       "when k8s pulls that image",
       "IfNotPresent",
       {"Always", "IfNotPresent", "Never"}},
      {"NOMOS_KZGRS_PARAMS_PATH", "the KZG parameters file", "the bundled one", {}, true},
      {"NOMOS_LOG_LEVEL",
       "the nodes' log level",
       "info",
       {"trace", "debug", "info", "warn", "error"}},
      {"NOMOS_LOG_FILTER", "the nodes' log levels by part, as in consensus=debug", "none"},
      {"NOMOS_LOG_DIR",
       "where the logs of runs go, each run's in a directory of its own",
       "the run's directory",
       {},
       true},
      {"NOMOS_TESTS_TRACING", "true: the library's log is at debug", "false", kTruth, false,
       "GTESTNET_LOG=debug"},
      {"NOMOS_TESTS_KEEP_LOGS", "true: logs are kept as a bundle also of tests that pass", "false",
       kTruth, false, "GTESTNET_BUNDLE=always"},
      {"NOMOS_OTLP_ENDPOINT", "where nodes send traces, as in http://127.0.0.1:4318", "none"},
      {"NOMOS_OTLP_METRICS_ENDPOINT", "where nodes send metrics", "none"},
      {"POL_PROOF_DEV_MODE", "development proofs of leadership; set on every node", "true", kTruth},
  };
}

}  // namespace gtestnet::nomos
