// SPDX-License-Identifier: Apache-2.0
// The dashboard against a real node: every metric that it shows is one that there is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "boost/json.hpp"
#include "testing/http_client.h"
#include "testing/running_node.h"
#include "testing/temp_dir.h"

namespace gtestnet::node {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::IsEmpty;

bool IsNameCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == ':';
}

// The names of metrics in an expression of PromQL: names outside of braces, brackets and quotes
// that are neither functions nor words of the language.
std::vector<std::string> MetricsIn(const std::string& expression) {
  static const std::set<std::string> kWords = {"by", "without", "on",   "ignoring", "and",
                                               "or", "unless",  "bool", "offset"};
  std::vector<std::string> names;
  int labels = 0;  // how deep in what may hold labels or durations
  for (std::size_t i = 0; i < expression.size();) {
    const char c = expression[i];
    if (c == '"') {
      i = expression.find('"', i + 1) + 1;
      continue;
    }
    if (c == '{' || c == '[') ++labels;
    if (c == '}' || c == ']') --labels;
    if (!IsNameCharacter(c)) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < expression.size() && IsNameCharacter(expression[end])) ++end;
    const std::string word = expression.substr(i, end - i);
    const bool function = end < expression.size() && expression[end] == '(';
    const bool number = std::isdigit(static_cast<unsigned char>(c));
    if (labels == 0 && !function && !number && kWords.count(word) == 0) names.push_back(word);
    i = end;
  }
  return names;
}

// All that is called `key`, wherever it is.
void Collect(const json::value& in, const std::string& key, std::vector<std::string>& to) {
  if (const json::array* array = in.if_array()) {
    for (const json::value& one : *array) Collect(one, key, to);
  } else if (const json::object* object = in.if_object()) {
    for (const auto& [name, value] : *object) {
      if (name == key && value.is_string()) to.emplace_back(value.as_string());
      Collect(value, key, to);
    }
  }
}

TEST(DashboardTest, MetricsAreFoundInExpressions) {
  EXPECT_THAT(MetricsIn("60 * sum(rate(a_total{node=~\"$node\"}[$__rate_interval])) - b / 1e6"),
              ElementsAre("a_total", "b"));
  EXPECT_THAT(MetricsIn("count(up == 1) or max(c[1m])"), ElementsAre("up", "c"));
  EXPECT_THAT(MetricsIn("1 + 2"), IsEmpty());
}

TEST(DashboardTest, EveryExpressionNamesMetricsThatANodeHas) {
  TempDir directory;
  NodeConfig config = LonelyConfig(directory.path(), Role::kExecutor);
  config.da = DaConfig{};
  config.da->listen = {"127.0.0.1", 0};
  config.da->members = {{config.identifier, {"127.0.0.1", 1}}};
  config.da->params_path = NODE_KZG_PARAMETERS;
  RunningNode node(config);
  std::set<std::string> there = {"up"};  // Prometheus' own
  const std::string metrics = HttpClient(node.api()).Get("/metrics").body;
  for (const auto line : absl::StrSplit(metrics, '\n', absl::SkipEmpty())) {
    if (line.front() != '#') there.insert(std::string(line.substr(0, line.find(' '))));
  }
  ASSERT_GT(there.size(), 30U);

  std::ifstream file(NODE_DASHBOARD);
  const json::value dashboard = json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
  std::vector<std::string> expressions;
  Collect(dashboard, "expr", expressions);
  ASSERT_GT(expressions.size(), 30U);
  for (const std::string& expression : expressions) {
    const std::vector<std::string> names = MetricsIn(expression);
    EXPECT_FALSE(names.empty()) << expression;
    for (const std::string& name : names) {
      EXPECT_EQ(there.count(name), 1U) << "no node has " << name << ", of " << expression;
    }
  }
}

}  // namespace
}  // namespace gtestnet::node
