// SPDX-License-Identifier: Apache-2.0
#include "core/src/observe/sample_store.h"

#include <gmock/gmock.h>

#include <string>

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
