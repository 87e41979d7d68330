// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtestnet/chain/chain_index.h"
#include "gtestnet/chain/record.h"
#include "gtestnet/nomos/data_availability_matchers.h"
#include "matchers/chain/src/no_chain.h"
#include "matchers/core/src/finding.h"
#include "matchers/core/src/metric_cover.h"

namespace gtestnet::nomos {
namespace {

using matching::Counted;
using matching::Finding;
using matching::Rounded;

const std::string& NodeName(const RunRecord& record, NodeIndex node) {
  return record.nodes[static_cast<size_t>(node)].name;
}

// What plans owed and did not send, and why.
struct Unsent {
  int64_t count = 0;
  Numbers reasons;
};

// Of workloads that owe `what`; `sent` is how many each has sent.
Unsent UnsentOf(const RunRecord& record, std::string_view what,
                const std::map<std::string_view, int64_t>& sent, const Of& of) {
  Unsent unsent;
  for (const WorkloadRecord& workload : record.workloads) {
    if (workload.owes != what || !of.TakesName(workload.name) || !workload.due.has_value()) {
      continue;
    }
    const auto found = sent.find(workload.name);
    const int64_t done = found == sent.end() ? 0 : found->second;
    unsent.count += std::max<int64_t>(0, *workload.due - done);
    for (const auto& [why, count] : workload.left_out) unsent.reasons[why] += count;
  }
  return unsent;
}

// ", 5 were not sent: no channel was free (5)", or "".
std::string LeftOut(const Unsent& unsent) {
  if (unsent.count == 0) return "";
  std::string words = absl::StrCat(", ", unsent.count, " were not sent");
  const char* before = ": ";
  for (const auto& [why, count] : unsent.reasons) {
    absl::StrAppend(&words, std::exchange(before, "; "), why, " (", FormatNumber(count), ")");
  }
  return words;
}

// Judges the fraction of `items` whose transaction is in the chain; `item` is what one is called.
template <class Item>
Finding JudgeFraction(const RunRecord& record, const std::vector<Item> chain::ChainRecord::*items,
                      std::string_view item, const Of& of, const testing::Matcher<double>& inner) {
  if (chain::ChainOf(record) == nullptr) return matching::NoChain(record);
  const chain::ChainIndex index(record);
  int64_t submitted = 0, included = 0, refused = 0;
  std::map<std::string_view, int64_t> sent;
  const Item* missing = nullptr;
  const Item* refusal = nullptr;
  for (const Item& each : (*chain::ChainOf(record)).*items) {
    if (!of.Takes(each)) continue;
    ++submitted;
    ++sent[each.workload];
    if (!each.transaction.empty() && index.FindTransaction(each.transaction).block != nullptr) {
      ++included;
    } else if (!each.refusal.empty()) {
      ++refused;
      if (refusal == nullptr) refusal = &each;
    } else if (missing == nullptr) {
      missing = &each;
    }
  }
  const std::string one(item);
  const Unsent unsent = UnsentOf(record, absl::StrCat(one, "s"), sent, of);
  const int64_t due = submitted + unsent.count;
  if (due == 0) {
    return matching::NothingToJudge(absl::StrCat("no ", one, of.Words(), " was submitted"));
  }
  const double fraction = static_cast<double>(included) / static_cast<double>(due);
  std::string words = absl::StrCat("the fraction of included ", one, "s is ", Rounded(fraction),
                                   " (", included, " of ", due);
  if (refused > 0) absl::StrAppend(&words, ", ", refused, " were refused");
  absl::StrAppend(&words, LeftOut(unsent), ")");
  const bool met = inner.Matches(fraction);
  const auto told = [&](const Item& each) {
    return absl::StrCat("on channel ", matching::Short(each.channel), ", submitted to ",
                        NodeName(record, each.node), " at ",
                        matching::InSeconds(each.submitted_at));
  };
  if (!met && missing != nullptr) {
    absl::StrAppend(&words, "; the first that is missing is ", told(*missing));
  }
  if (!met && refusal != nullptr) {
    absl::StrAppend(&words, "; the first that was refused is ", told(*refusal), ": ",
                    matching::FirstLine(refusal->refusal));
  }
  return {met, words};
}

// Empty if the blob came back.
std::string Loss(const RunRecord& record, const chain::BlobRecord& blob) {
  const chain::BlobRetrieval& retrieval = *blob.retrieval;
  const std::string which = absl::StrCat(
      "blob ", matching::Short(blob.id), " of ", Counted(blob.size, "byte"), ", dispersed by ",
      NodeName(record, blob.node), " at ", matching::InSeconds(blob.submitted_at), ",");
  const std::string& from = NodeName(record, retrieval.node);
  if (retrieval.data.empty()) {
    return absl::StrCat(which, " did not come back from ", from, ": ",
                        matching::FirstLine(retrieval.error));
  }
  if (retrieval.data == blob.data) return "";
  return absl::StrCat(which, " came back from ", from, " with other bytes, from ",
                      Counted(retrieval.columns, "column"));
}

Finding JudgeRetrieval(const RunRecord& record, const Of& of) {
  if (chain::ChainOf(record) == nullptr) return matching::NoChain(record);
  int64_t dispersed = 0, asked = 0;
  std::vector<std::string> lost;
  for (const chain::BlobRecord& blob : chain::ChainOf(record)->blobs) {
    if (!of.Takes(blob)) continue;
    if (blob.id.empty()) continue;
    ++dispersed;
    if (!blob.retrieval) continue;
    ++asked;
    if (std::string loss = Loss(record, blob); !loss.empty()) lost.push_back(std::move(loss));
  }
  if (dispersed == 0) {
    return matching::NothingToJudge(absl::StrCat("no blob", of.Words(), " was dispersed"));
  }
  if (asked == 0) {
    return matching::NothingToJudge(
        absl::StrCat("no node was asked for any of ", Counted(dispersed, "blob")));
  }
  if (lost.empty()) {
    return {true, absl::StrCat(Counted(asked, "blob"), " came back byte for byte")};
  }
  return {false, absl::StrCat(lost.size(), " of ", Counted(asked, "blob"),
                              " did not come back as dispersed: ", matching::Joined(lost))};
}

// How much a counter grew in all, of each node: it begins anew when its node does.
std::map<NodeIndex, double> Growth(const RunRecord& record, std::string_view series) {
  std::map<NodeIndex, double> sum, last;
  for (const MetricSample& sample : record.metrics) {
    if (sample.series != series) continue;
    double& before = last[sample.node];
    sum[sample.node] += sample.value >= before ? sample.value - before : sample.value;
    before = sample.value;
  }
  return sum;
}

Finding JudgeSampling(const RunRecord& record, const testing::Matcher<double>& inner) {
  const std::map<NodeIndex, double> verified = Growth(record, "da_samples_verified_total");
  std::map<NodeIndex, double> failed = Growth(record, "da_samples_failed_total");
  // What was not seen, or cannot be, is no sum.
  std::vector<std::string> wrong = matching::CountersThatFell(record);
  if (wrong.empty()) wrong = matching::MetricGaps(record);
  if (!wrong.empty() && !verified.empty()) return matching::NothingToJudge(matching::Joined(wrong));
  double all_verified = 0, all = 0;
  for (const auto& [node, good] : verified) {
    const double asked = good + failed[node];
    if (asked == 0) continue;
    all_verified += good;
    all += asked;
    const double fraction = good / asked;
    if (inner.Matches(fraction)) continue;
    wrong.push_back(absl::StrCat(NodeName(record, node), " had ", Rounded(fraction),
                                 " of the columns that it asked for (", good, " of ", asked, ")"));
  }
  if (all == 0) return matching::NothingToJudge("no node sampled any column");
  if (!wrong.empty()) return {false, matching::Joined(wrong)};
  return {true, absl::StrCat(all_verified, " of ", all, " columns that were asked for came")};
}

// The fraction of a section's items that were included.
template <class Item>
class FractionMatcher {
 public:
  using is_gtest_matcher = void;
  FractionMatcher(const std::vector<Item> chain::ChainRecord::*items, std::string item,
                  testing::Matcher<double> inner, Of of)
      : items_(items), item_(std::move(item)), inner_(std::move(inner)), of_(std::move(of)) {}

  bool MatchAndExplain(const RunRecord& record, testing::MatchResultListener* listener) const {
    return matching::Tell(JudgeFraction(record, items_, item_, of_, inner_), listener);
  }
  void DescribeTo(std::ostream* os) const { *os << Begin() << matching::Description(inner_); }
  void DescribeNegationTo(std::ostream* os) const { *os << Begin() << matching::Negation(inner_); }

 private:
  std::string Begin() const {
    return absl::StrCat("includes a fraction of the submitted ", item_, "s", of_.Words(), " that ");
  }
  const std::vector<Item> chain::ChainRecord::*items_;
  std::string item_;
  testing::Matcher<double> inner_;
  Of of_;
};

class RetrievalMatcher {
 public:
  using is_gtest_matcher = void;
  explicit RetrievalMatcher(Of of) : of_(std::move(of)) {}

  bool MatchAndExplain(const RunRecord& record, testing::MatchResultListener* listener) const {
    return matching::Tell(JudgeRetrieval(record, of_), listener);
  }
  void DescribeTo(std::ostream* os) const {
    *os << "gives back every blob" << of_.Words() << " byte for byte";
  }
  void DescribeNegationTo(std::ostream* os) const {
    *os << "doesn't give back every blob" << of_.Words() << " byte for byte";
  }

 private:
  Of of_;
};

class SamplingMatcher {
 public:
  using is_gtest_matcher = void;
  explicit SamplingMatcher(testing::Matcher<double> inner) : inner_(std::move(inner)) {}

  bool MatchAndExplain(const RunRecord& record, testing::MatchResultListener* listener) const {
    return matching::Tell(JudgeSampling(record, inner_), listener);
  }
  void DescribeTo(std::ostream* os) const {
    *os << "samples so that on each node the fraction of the columns that came "
        << matching::Description(inner_);
  }
  void DescribeNegationTo(std::ostream* os) const {
    *os << "samples so that on a node the fraction of the columns that came "
        << matching::Negation(inner_);
  }

 private:
  testing::Matcher<double> inner_;
};

}  // namespace

RunMatcher IncludesInscriptions(testing::Matcher<double> inner, Of of) {
  return FractionMatcher<chain::InscriptionRecord>(&chain::ChainRecord::inscriptions, "inscription",
                                                   std::move(inner), std::move(of));
}

RunMatcher IncludesBlobs(testing::Matcher<double> inner, Of of) {
  return FractionMatcher<chain::BlobRecord>(&chain::ChainRecord::blobs, "blob", std::move(inner),
                                            std::move(of));
}

RunMatcher BlobsAreRetrievable(Of of) { return RetrievalMatcher(std::move(of)); }

RunMatcher SamplingSucceeds(testing::Matcher<double> inner) {
  return SamplingMatcher(std::move(inner));
}

}  // namespace gtestnet::nomos
