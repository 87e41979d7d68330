// SPDX-License-Identifier: Apache-2.0
#include "telemetry/span_queue.h"

#include <gtest/gtest.h>

namespace gtestnet::node {
namespace {

std::vector<Span> SpansFrom(int first, int count) {
  std::vector<Span> spans;
  for (int i = first; i < first + count; ++i) spans.emplace_back().name = std::to_string(i);
  return spans;
}
std::string NamesOf(const std::vector<Span>& spans) {
  std::string names;
  for (const Span& span : spans) names += span.name;
  return names;
}

TEST(SpanQueueTest, GivesTheOldestFirstABatchAtATime) {
  SpanQueue queue({.waiting = 10, .of_batch = 3});
  queue.Add(SpansFrom(1, 2));
  queue.Add(SpansFrom(3, 2));
  EXPECT_EQ(NamesOf(queue.Take()), "123");
  EXPECT_EQ(NamesOf(queue.Take()), "4");
  EXPECT_EQ(NamesOf(queue.Take()), "");
  EXPECT_EQ(queue.dropped(), 0u);
}

TEST(SpanQueueTest, WhatFindsNoRoomIsDroppedAndCounted) {
  SpanQueue queue({.waiting = 4, .of_batch = 10});
  queue.Add(SpansFrom(1, 3));
  queue.Add(SpansFrom(4, 3));
  queue.Add(SpansFrom(7, 1));
  EXPECT_EQ(queue.dropped(), 3u);
  EXPECT_EQ(NamesOf(queue.Take()), "1234");
  queue.Add(SpansFrom(8, 1));
  EXPECT_EQ(NamesOf(queue.Take()), "8");
}

}  // namespace
}  // namespace gtestnet::node
