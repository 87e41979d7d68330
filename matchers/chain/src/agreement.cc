// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtestnet/chain/consensus_matchers.h"
#include "gtestnet/chain/record.h"
#include "gtestnet/chain/sample.h"
#include "matchers/chain/src/no_chain.h"
#include "matchers/chain/src/run_view.h"
#include "matchers/core/src/finding.h"

namespace gtestnet::chain {
namespace {

using matching::Counted;
using matching::Finding;
using matching::RunView;
using matching::Short;

// A block that a node called final, by the first sample that says so.
struct Finalised {
  int64_t height = 0;
  const NodeSample* by = nullptr;
};

std::string Named(const RunView& view, const Finalised& f) {
  return absl::StrCat(view.NameOf(f.by->node), " finalised ", Short(FinalisedOf(*f.by)), " (at ",
                      matching::InSeconds(f.by->at), ")");
}

// The height at which two chains part, for two finalised blocks neither of which is above the
// other.
std::string FinalityConflict(const RunView& view) {
  std::unordered_map<std::string_view, Finalised> finalised;
  const Finalised* top = nullptr;
  for (const NodeSample& sample : view.record().samples) {
    const int64_t height = sample.reachable ? view.chains().HeightOf(FinalisedOf(sample)) : -1;
    if (height < 1) continue;
    const auto [it, is_new] =
        finalised.try_emplace(FinalisedOf(sample), Finalised{height, &sample});
    if (is_new && (top == nullptr || height > top->height)) top = &it->second;
  }
  if (top == nullptr) return "";
  // All that is final must lie on the chain to the highest of it.
  const std::vector<const BlockRecord*> chain = view.chains().ChainTo(FinalisedOf(*top->by));
  const Finalised* other = nullptr;  // the first, as samples are in order of time
  for (const auto& [id, f] : finalised) {
    if (chain[static_cast<size_t>(f.height - 1)]->id == id) continue;
    if (other == nullptr || f.by < other->by) other = &f;
  }
  if (other == nullptr) return "";
  const std::string parted =
      view.chains().CommonAncestor(FinalisedOf(*other->by), FinalisedOf(*top->by));
  const int64_t height = view.chains().HeightOf(parted) + 1;
  const auto branch_of = [&](const NodeSample& sample) {
    return view.chains().AncestorAt(FinalisedOf(sample), height);
  };
  // Those on the one branch and on the other, by their last final block.
  std::vector<NodeIndex> with_other;
  std::vector<NodeIndex> with_top;
  for (size_t i = 0; i < view.record().nodes.size(); ++i) {
    const auto& samples = view.SamplesOf(static_cast<NodeIndex>(i));
    if (samples.empty()) continue;
    const BlockRecord* const branch = branch_of(*samples.back());
    if (branch == nullptr) continue;
    if (branch == branch_of(*other->by)) with_other.push_back(static_cast<NodeIndex>(i));
    if (branch == branch_of(*top->by)) with_top.push_back(static_cast<NodeIndex>(i));
  }
  // Where few differ from many, the few come first.
  if (with_top.size() < with_other.size()) {
    std::swap(with_top, with_other);
    std::swap(top, other);
  }
  std::vector<std::string> as_did;
  for (NodeIndex node : with_top) {
    if (node != top->by->node && node != other->by->node) as_did.push_back(view.NameOf(node));
  }
  return absl::StrCat(
      "different blocks were finalised at height ", height, ": ", Named(view, *other),
      " on the branch of ", Short(branch_of(*other->by)->id), ", and ", Named(view, *top),
      " on the branch of ", Short(branch_of(*top->by)->id),
      as_did.empty() ? "" : absl::StrCat(", as did ", matching::Joined(as_did, ", ")));
}

// A tip at the end, and who has it, in the order of the nodes.
struct Tip {
  std::string_view id;
  int64_t height = 0;
  std::vector<NodeIndex> nodes;
  // How many nodes agree with it, its own among them.
  size_t camp = 0;
};

std::vector<Tip> TipsAtEnd(const RunView& view) {
  std::vector<Tip> tips;
  for (NodeIndex node : view.up_at_end()) {
    if (view.HeightAtEnd(node) < 0) continue;
    const std::string& id = TipOf(view.at_end().nodes[static_cast<size_t>(node)]);
    auto tip = std::find_if(tips.begin(), tips.end(), [&](const Tip& t) { return t.id == id; });
    if (tip == tips.end()) tip = tips.insert(tip, {id, view.HeightAtEnd(node), {}, 0});
    tip->nodes.push_back(node);
  }
  return tips;
}

std::string Named(const RunView& view, const Tip& tip) {
  std::vector<std::string> names;
  for (NodeIndex node : tip.nodes) names.push_back(view.NameOf(node));
  return absl::StrCat(matching::Joined(names, ", "), " (tip ", Short(tip.id), " at height ",
                      tip.height, ")");
}

void CompareTips(const RunView& view, int64_t tolerance, std::vector<std::string>& wrong) {
  std::vector<Tip> tips = TipsAtEnd(view);
  struct Parting {
    size_t a = 0;
    size_t b = 0;
    int64_t common = 0;
  };
  std::vector<Parting> partings;
  for (Tip& tip : tips) tip.camp = tip.nodes.size();
  for (size_t i = 0; i < tips.size(); ++i) {
    for (size_t j = i + 1; j < tips.size(); ++j) {
      const int64_t common =
          view.chains().HeightOf(view.chains().CommonAncestor(tips[i].id, tips[j].id));
      if (common < std::min(tips[i].height, tips[j].height) - tolerance) {
        partings.push_back({i, j, common});
        continue;
      }
      tips[i].camp += tips[j].nodes.size();
      tips[j].camp += tips[i].nodes.size();
    }
  }
  for (const Parting& parting : partings) {
    // Where few differ from many, the few come first.
    const bool swapped = tips[parting.b].camp < tips[parting.a].camp;
    const Tip& first = tips[swapped ? parting.b : parting.a];
    const Tip& second = tips[swapped ? parting.a : parting.b];
    const int64_t lower = std::min(first.height, second.height);
    wrong.push_back(absl::StrCat(Named(view, first), " and ", Named(view, second),
                                 " agree only up to height ", parting.common, ", which is ",
                                 Counted(lower - parting.common, "block"),
                                 " from the tip (allowed ", tolerance, ")"));
  }
}

Finding Judge(const RunRecord& record) {
  if (chain::ChainOf(record) == nullptr) return matching::NoChain(record);
  const auto shared_view = Derived<RunView>(record);
  const RunView& view = *shared_view;
  const int64_t tolerance = (chain::ChainOf(record)->parameters.security_parameter + 1) / 2;
  int64_t highest = 0;
  int64_t witnesses = 0;
  for (size_t i = 0; i < record.nodes.size(); ++i) {
    const auto& samples = view.SamplesOf(static_cast<NodeIndex>(i));
    witnesses += samples.empty() ? 0 : 1;
    for (const NodeSample* s : samples) highest = std::max(highest, view.HeightOf(*s));
  }
  if (highest < tolerance) {
    return matching::NothingToJudge(absl::StrCat(
        "the highest chain has ", Counted(highest, "block"), ", and ", tolerance,
        " are needed, half of k = ", chain::ChainOf(record)->parameters.security_parameter,
        "; a run of Blocks(", 2 * tolerance + 2, ") would be enough"));
  }
  // Of a cluster of one node, all that can be judged is that it does not contradict itself.
  if (witnesses < 2 && record.nodes.size() > 1) {
    return matching::NothingToJudge(
        absl::StrCat("only ", Counted(witnesses, "node"), " showed a chain, and it takes two"));
  }
  std::vector<std::string> wrong;
  if (std::string conflict = FinalityConflict(view); !conflict.empty()) {
    wrong.push_back(std::move(conflict));
  }
  CompareTips(view, tolerance, wrong);
  for (NodeIndex node : view.up_at_end()) {
    if (view.HeightAtEnd(node) < 0) wrong.push_back(view.Silence(node));
  }
  if (!wrong.empty()) return {false, matching::Joined(wrong)};
  const size_t tips = TipsAtEnd(view).size();
  return {true, absl::StrCat("the chains of ", Counted(witnesses, "node"),
                             " agree, the highest has ", Counted(highest, "block"), ", with ",
                             Counted(static_cast<int64_t>(tips), "different tip"), " at the end")};
}

}  // namespace

bool AgreesOnChainMatcher::MatchAndExplain(const RunRecord& record,
                                           testing::MatchResultListener* listener) const {
  return matching::Tell(Judge(record), listener);
}

void AgreesOnChainMatcher::DescribeTo(std::ostream* os) const {
  *os << "agrees on one chain: no two nodes finalise different blocks at one height, and at the "
         "end all chains agree up to half of k blocks from the tip";
}

void AgreesOnChainMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "doesn't agree on one chain: two nodes finalise different blocks at one height, or at "
         "the end two chains part more than half of k blocks from the tip";
}

AgreesOnChainMatcher AgreesOnChain() { return {}; }

}  // namespace gtestnet::chain
