// SPDX-License-Identifier: Apache-2.0
#include "core/src/observe/sample_store.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace gtestnet {
namespace {

using std::chrono::milliseconds;
using testing::SizeIs;

NodeSample Sample(int at, NodeIndex node, int64_t height) {
  NodeSample sample;
  sample.at = milliseconds(at);
  sample.node = node;
  sample.reachable = true;
  sample.numbers["height"] = static_cast<double>(height);
  sample.words["tip"] = "block-" + std::to_string(height);
  return sample;
}

TEST(SampleStoreTest, KeepsWhatSaysSomethingNew) {
  SampleStore store;
  store.Add(Sample(0, 0, 1));
  store.Add(Sample(100, 0, 1));
  store.Add(Sample(110, 1, 1));
  store.Add(Sample(200, 0, 2));
  EXPECT_THAT(store.samples(), SizeIs(3));
  EXPECT_EQ(store.Latest(0)->numbers.Get("height"), 2);
  EXPECT_EQ(store.Latest(7), nullptr);
}

TEST(SampleStoreTest, KeepsTheSameAgainAfterAWhileAndAtTheEnd) {
  SampleStore store;
  for (int at = 0; at <= 2500; at += 100) store.Add(Sample(at, 0, 1));
  EXPECT_THAT(store.samples(), SizeIs(3));
  EXPECT_EQ(store.Latest(0)->at, milliseconds(2500));
  const std::vector<NodeSample> all = store.AllSamples();
  EXPECT_THAT(all, SizeIs(4));
  EXPECT_EQ(all.back().at, milliseconds(2500));
}

// The times of the answers before and after the node's silences.
std::vector<int64_t> Silences(const std::vector<NodeSample>& samples, NodeIndex node) {
  std::vector<int64_t> times;
  bool reachable = true;
  int64_t last = -1;
  for (const NodeSample& sample : samples) {
    if (sample.node != node) continue;
    if (sample.reachable != std::exchange(reachable, sample.reachable)) {
      times.push_back(sample.reachable ? sample.at.count() : last);
    }
    last = sample.at.count();
  }
  return times;
}

TEST(SampleStoreTest, HowLongASilenceWasIsKept) {
  SampleStore store;
  for (int at = 0; at <= 5000; at += 100) {
    NodeSample sample = Sample(at, 0, 1);
    if (at > 1700 && at < 3300) sample = {.at = milliseconds(at), .node = 0};
    store.Add(std::move(sample));
    store.Add(Sample(at + 10, 1, at));
  }
  EXPECT_THAT(Silences(store.samples(), 0), testing::ElementsAre(1700, 3300));
  EXPECT_TRUE(std::ranges::is_sorted(store.samples(), {}, &NodeSample::at));
}

// Of a kind that says the same all the time.
TEST(SampleStoreTest, HowLongASilenceWasIsKeptWhenAllElseIsThinnedOut) {
  SampleStore store({.samples = 300, .metrics = 100});
  std::vector<int64_t> expected;
  for (int at = 0; at <= 4'000'000; at += 1000) {
    NodeSample sample = Sample(at, 0, 1);
    sample.numbers["waiting"] = at;
    if (at % 400'000 == 100'000) sample = {.at = milliseconds(at), .node = 0};
    if (at % 400'000 == 100'000) expected.insert(expected.end(), {at - 1000, at + 1000});
    store.Add(std::move(sample));
  }
  EXPECT_LE(store.samples().size(), 300u);
  EXPECT_EQ(Silences(store.AllSamples(), 0), expected);
}

TEST(SampleStoreTest, ThinsOutWhenItIsFull) {
  SampleStore store({.samples = 100, .metrics = 100});
  for (int i = 0; i < 10000; ++i) {
    NodeSample sample = Sample(i * 10, i % 3, i / 20);
    sample.numbers["waiting"] = i;
    store.Add(sample);
    store.Add(MetricSample{milliseconds(i * 10), 0, "m", static_cast<double>(i)});
  }
  EXPECT_LE(store.samples().size(), 100u);
  EXPECT_GE(store.samples().size(), 30u);
  EXPECT_LE(store.metrics().size(), 100u);
  EXPECT_EQ(store.AllMetrics().back().value, 9999);
  EXPECT_EQ(store.samples().front().at, milliseconds(0));
}

TEST(SampleStoreTest, KeepsAMetricWhenItChanges) {
  SampleStore store;
  for (int i = 0; i < 100; ++i) {
    store.Add(MetricSample{milliseconds(i * 10), 0, "m", i < 50 ? 1.0 : 2.0});
    store.Add(MetricSample{milliseconds(i * 10), 1, "m", 1.0});
  }
  EXPECT_THAT(store.metrics(), SizeIs(3));
  EXPECT_THAT(store.AllMetrics(), SizeIs(5));
}

}  // namespace
}  // namespace gtestnet
