// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/chain/node_set.h"

#include <bit>
#include <charconv>
#include <ostream>

#include "absl/strings/str_cat.h"

namespace gtestnet::chain {
namespace {

constexpr int kBits = 64;
constexpr int kMostNodes = 10'000;

// A number from 0 to kMostNodes, without a sign or a needless 0, off the front of the text.
std::optional<int> TakeNumber(std::string_view& text) {
  if (text.empty() || text[0] < '0' || text[0] > '9') return std::nullopt;
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number > kMostNodes) return std::nullopt;
  const auto length = static_cast<size_t>(end - text.data());
  if (text[0] == '0' && length > 1) return std::nullopt;
  text.remove_prefix(length);
  return number;
}

bool Take(std::string_view& text, char c) {
  if (text.empty() || text[0] != c) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

NodeSet::NodeSet(std::initializer_list<NodeIndex> nodes) {
  for (const NodeIndex node : nodes) Add(node);
}

NodeSet NodeSet::FirstOf(int count) {
  NodeSet set;
  for (NodeIndex node = count - 1; node >= 0; --node) set.Add(node);
  return set;
}

NodeSet NodeSet::Unnamed(int count) {
  NodeSet set;
  set.unnamed_ = count;
  return set;
}

bool NodeSet::Add(NodeIndex node) {
  const auto word = static_cast<size_t>(node / kBits);
  const uint64_t bit = uint64_t{1} << (node % kBits);
  if (word >= words_.size()) words_.resize(word + 1);
  const bool is_new = (words_[word] & bit) == 0;
  words_[word] |= bit;
  return is_new;
}

bool NodeSet::Has(NodeIndex node) const {
  if (node < 0) return false;
  const auto word = static_cast<size_t>(node / kBits);
  return word < words_.size() && (words_[word] >> (node % kBits) & 1) != 0;
}

size_t NodeSet::size() const {
  auto count = static_cast<size_t>(unnamed_);
  for (const uint64_t word : words_) count += static_cast<size_t>(std::popcount(word));
  return count;
}

NodeIndex NodeSet::Highest() const {
  if (words_.empty()) return -1;
  return static_cast<NodeIndex>(words_.size()) * kBits - 1 - std::countl_zero(words_.back());
}

std::string NodeSet::ToString() const {
  std::string text;
  const NodeIndex end = Highest() + 1;
  for (NodeIndex node = 0; node < end; ++node) {
    if (!Has(node)) continue;
    const NodeIndex first = node;
    while (Has(node + 1)) ++node;
    absl::StrAppend(&text, text.empty() ? "" : ",", first);
    if (node > first) absl::StrAppend(&text, "-", node);
  }
  if (unnamed_ > 0) absl::StrAppend(&text, "+", unnamed_);
  return text;
}

std::optional<NodeSet> NodeSet::FromString(std::string_view text) {
  NodeSet set;
  NodeIndex next = 0;  // at least
  while (!text.empty() && text[0] != '+') {
    if (next > 0 && !Take(text, ',')) return std::nullopt;
    const std::optional<int> first = TakeNumber(text);
    if (!first.has_value() || *first < next || *first >= kMostNodes) return std::nullopt;
    std::optional<int> last = first;
    if (Take(text, '-')) last = TakeNumber(text);
    if (!last.has_value() || *last < *first || *last >= kMostNodes) return std::nullopt;
    for (NodeIndex node = *first; node <= *last; ++node) set.Add(node);
    next = *last + 1;
  }
  if (Take(text, '+')) {
    const std::optional<int> unnamed = TakeNumber(text);
    if (!unnamed.has_value() || *unnamed == 0 || !text.empty()) return std::nullopt;
    set.unnamed_ = *unnamed;
  }
  return set;
}

std::ostream& operator<<(std::ostream& os, const NodeSet& nodes) {
  return os << "{" << nodes.ToString() << "}";
}

}  // namespace gtestnet::chain
