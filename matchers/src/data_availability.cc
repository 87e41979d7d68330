// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <ostream>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtestnet/chain_index.h"
#include "gtestnet/data_availability_matchers.h"
#include "src/finding.h"

namespace gtestnet {
namespace {

using matching::Counted;
using matching::Finding;
using matching::Rounded;

const std::string& NodeName(const RunRecord& record, NodeIndex node) {
  return record.nodes[static_cast<size_t>(node)].name;
}

std::string Of(const std::string& workload) {
  return workload.empty() ? "" : absl::StrCat(" of workload ", workload);
}

// Judges the fraction of `items` whose transaction is in the chain; `item` is what one is called.
template <class Item>
Finding JudgeFraction(const RunRecord& record, const std::vector<Item> ChainRecord::*items,
                      std::string_view item, const std::string& workload,
                      const testing::Matcher<double>& inner) {
  if (!record.chain) return matching::NoChain();
  const ChainIndex index(record);
  int64_t submitted = 0, included = 0, refused = 0;
  const Item* missing = nullptr;
  const Item* refusal = nullptr;
  for (const Item& each : (*record.chain).*items) {
    if (!workload.empty() && each.workload != workload) continue;
    ++submitted;
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
  if (submitted == 0) {
    return matching::NothingToJudge(absl::StrCat("no ", one, Of(workload), " was submitted"));
  }
  const double fraction = static_cast<double>(included) / static_cast<double>(submitted);
  std::string words = absl::StrCat("the fraction of included ", one, "s is ", Rounded(fraction),
                                   " (", included, " of ", submitted);
  if (refused > 0) absl::StrAppend(&words, ", ", refused, " were refused");
  words += ")";
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
std::string Loss(const RunRecord& record, const BlobRecord& blob) {
  const BlobRetrieval& retrieval = *blob.retrieval;
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

Finding JudgeRetrieval(const RunRecord& record, const std::string& workload) {
  if (!record.chain) return matching::NoChain();
  int64_t dispersed = 0, asked = 0;
  std::vector<std::string> lost;
  for (const BlobRecord& blob : record.chain->blobs) {
    if (!workload.empty() && blob.workload != workload) continue;
    if (blob.id.empty()) continue;
    ++dispersed;
    if (!blob.retrieval) continue;
    ++asked;
    if (std::string loss = Loss(record, blob); !loss.empty()) lost.push_back(std::move(loss));
  }
  if (dispersed == 0) {
    return matching::NothingToJudge(absl::StrCat("no blob", Of(workload), " was dispersed"));
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
  std::vector<std::string> wrong;
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

}  // namespace

IncludesInscriptionsMatcher::IncludesInscriptionsMatcher(testing::Matcher<double> inner,
                                                         std::string workload)
    : inner_(std::move(inner)), workload_(std::move(workload)) {}

bool IncludesInscriptionsMatcher::MatchAndExplain(const RunRecord& record,
                                                  testing::MatchResultListener* listener) const {
  return matching::Tell(
      JudgeFraction(record, &ChainRecord::inscriptions, "inscription", workload_, inner_),
      listener);
}

void IncludesInscriptionsMatcher::DescribeTo(std::ostream* os) const {
  *os << "includes a fraction of the submitted inscriptions" << Of(workload_) << " that "
      << matching::Description(inner_);
}

void IncludesInscriptionsMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "includes a fraction of the submitted inscriptions" << Of(workload_) << " that "
      << matching::Negation(inner_);
}

IncludesInscriptionsMatcher IncludesInscriptions(testing::Matcher<double> inner,
                                                 std::string workload) {
  return IncludesInscriptionsMatcher(std::move(inner), std::move(workload));
}

IncludesBlobsMatcher::IncludesBlobsMatcher(testing::Matcher<double> inner, std::string workload)
    : inner_(std::move(inner)), workload_(std::move(workload)) {}

bool IncludesBlobsMatcher::MatchAndExplain(const RunRecord& record,
                                           testing::MatchResultListener* listener) const {
  return matching::Tell(JudgeFraction(record, &ChainRecord::blobs, "blob", workload_, inner_),
                        listener);
}

void IncludesBlobsMatcher::DescribeTo(std::ostream* os) const {
  *os << "includes a fraction of the submitted blobs" << Of(workload_) << " that "
      << matching::Description(inner_);
}

void IncludesBlobsMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "includes a fraction of the submitted blobs" << Of(workload_) << " that "
      << matching::Negation(inner_);
}

IncludesBlobsMatcher IncludesBlobs(testing::Matcher<double> inner, std::string workload) {
  return IncludesBlobsMatcher(std::move(inner), std::move(workload));
}

BlobsAreRetrievableMatcher::BlobsAreRetrievableMatcher(std::string workload)
    : workload_(std::move(workload)) {}

bool BlobsAreRetrievableMatcher::MatchAndExplain(const RunRecord& record,
                                                 testing::MatchResultListener* listener) const {
  return matching::Tell(JudgeRetrieval(record, workload_), listener);
}

void BlobsAreRetrievableMatcher::DescribeTo(std::ostream* os) const {
  *os << "gives back every blob" << Of(workload_) << " byte for byte";
}

void BlobsAreRetrievableMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "doesn't give back every blob" << Of(workload_) << " byte for byte";
}

BlobsAreRetrievableMatcher BlobsAreRetrievable(std::string workload) {
  return BlobsAreRetrievableMatcher(std::move(workload));
}

SamplingSucceedsMatcher::SamplingSucceedsMatcher(testing::Matcher<double> inner)
    : inner_(std::move(inner)) {}

bool SamplingSucceedsMatcher::MatchAndExplain(const RunRecord& record,
                                              testing::MatchResultListener* listener) const {
  return matching::Tell(JudgeSampling(record, inner_), listener);
}

void SamplingSucceedsMatcher::DescribeTo(std::ostream* os) const {
  *os << "samples so that on each node the fraction of the columns that came "
      << matching::Description(inner_);
}

void SamplingSucceedsMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "samples so that on a node the fraction of the columns that came "
      << matching::Negation(inner_);
}

SamplingSucceedsMatcher SamplingSucceeds(testing::Matcher<double> inner) {
  return SamplingSucceedsMatcher(std::move(inner));
}

}  // namespace gtestnet
