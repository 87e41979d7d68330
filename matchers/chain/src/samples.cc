// SPDX-License-Identifier: Apache-2.0
// Matchers of one node at one instant.
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "gtestnet/chain/node_matchers.h"
#include "gtestnet/chain/sample.h"
#include "matchers/core/src/finding.h"
#include "matchers/core/src/names.h"

namespace gtestnet::chain {
namespace {

using Number = NodeNumberMatcher::Number;

// "a height", "whose height is".
constexpr std::array<std::string_view, 5> kNumbers = {
    "height", "finalised height", "slot", "number of peers", "number of waiting transactions"};

std::string_view Name(Number number) { return kNumbers[static_cast<size_t>(number)]; }

int64_t Value(const NodeSample& node, Number number) {
  switch (number) {
    case Number::kHeight:
      return HeightOf(node);
    case Number::kFinalisedHeight:
      return FinalisedHeightOf(node);
    case Number::kSlot:
      return SlotOf(node);
    case Number::kPeers:
      return PeersOf(node);
    case Number::kMempool:
      return MempoolOf(node);
  }
  return 0;
}

}  // namespace

NodeNumberMatcher::NodeNumberMatcher(Number number, testing::Matcher<int64_t> inner)
    : number_(number), inner_(std::move(inner)) {}

bool NodeNumberMatcher::MatchAndExplain(const NodeSample& node,
                                        testing::MatchResultListener* listener) const {
  if (!node.reachable) {
    *listener << "which does not answer";
    return false;
  }
  const int64_t value = Value(node, number_);
  if (!listener->IsInterested()) return inner_.Matches(value);
  *listener << "whose " << Name(number_) << " is " << value;
  testing::StringMatchResultListener inner;
  const bool matches = inner_.MatchAndExplain(value, &inner);
  if (!inner.str().empty()) *listener << ", " << inner.str();
  return matches;
}

void NodeNumberMatcher::DescribeTo(std::ostream* os) const {
  *os << "has a " << Name(number_) << " that " << matching::Description(inner_);
}

void NodeNumberMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "has a " << Name(number_) << " that " << matching::Negation(inner_);
}

NodeNumberMatcher HasHeight(testing::Matcher<int64_t> inner) {
  return {Number::kHeight, std::move(inner)};
}
NodeNumberMatcher HasFinalisedHeight(testing::Matcher<int64_t> inner) {
  return {Number::kFinalisedHeight, std::move(inner)};
}
NodeNumberMatcher HasSlot(testing::Matcher<int64_t> inner) {
  return {Number::kSlot, std::move(inner)};
}
NodeNumberMatcher HasPeers(testing::Matcher<int64_t> inner) {
  return {Number::kPeers, std::move(inner)};
}
NodeNumberMatcher HasMempool(testing::Matcher<int64_t> inner) {
  return {Number::kMempool, std::move(inner)};
}

HasModeMatcher::HasModeMatcher(testing::Matcher<const std::string&> inner)
    : inner_(std::move(inner)) {}

bool HasModeMatcher::MatchAndExplain(const NodeSample& node,
                                     testing::MatchResultListener* listener) const {
  if (!node.reachable) {
    *listener << "which does not answer";
    return false;
  }
  *listener << "whose mode is \"" << node.status << "\"";
  static const std::vector<std::string> known = {"Bootstrapping", "Online"};
  return matching::MatchStatus(this, inner_, node.status, "mode", known);
}

void HasModeMatcher::DescribeTo(std::ostream* os) const {
  *os << "has a mode that " << matching::Description(inner_);
}

void HasModeMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "has a mode that " << matching::Negation(inner_);
}

HasModeMatcher HasMode(testing::Matcher<const std::string&> inner) {
  return HasModeMatcher(std::move(inner));
}

}  // namespace gtestnet::chain
