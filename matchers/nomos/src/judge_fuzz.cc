// SPDX-License-Identifier: Apache-2.0
// Expectations judge whatever can be read as a record: one that the input is, as JSON, or one of a
// run that the input's bytes are the steps of.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/src/base/testing/fuzz.h"
#include "gtestnet/chain/record.h"
#include "gtestnet/expectation.h"
#include "gtestnet/nomos/parse_expectation.h"
#include "matchers/chain/src/testing/record_builder.h"

namespace gtestnet::fuzz {
namespace {

const std::vector<RunExpectation>& All() {
  static const std::vector<RunExpectation> all = [] {
    std::vector<RunExpectation> parsed;
    for (const char* text :
         {"ConsensusIsLive",
          "AgreesOnChain",
          "FinalityAdvances",
          "Reorganises(Ge(1))",
          "ForksAtMost(2)",
          "LeadsByStake",
          "RecoversWithin(Blocks(20))",
          "IncludesTransactions(Ge(0.9))",
          "FinalisesTransactions(Ge(0.5))",
          "InclusionLatency(95, Le(4))",
          "InclusionLatency(50, Seconds(Le(4)))",
          "ReachesEveryMempool",
          "SpendsEachNoteOnce",
          "ConservesSupply",
          "RefusesInvalidTransactions",
          "MempoolDrains",
          "IncludesInscriptions(Ge(0.5))",
          "IncludesBlobs(Ge(0.5))",
          "BlobsAreRetrievable",
          "SamplingSucceeds(Ge(0.5))",
          "OperationsSucceed(\"put\", Ge(0.5))",
          "OperationLatency(\"\", 95, Le(\"200ms\"))",
          "NoAcknowledgedWriteIsLost(\"put\", \"get\")",
          "HasNoUnexpectedExits",
          "MetricIs(\"a{b=~\\\"c.*\\\"}\", Ge(0))",
          "AtEnd(NodesAreLevel(2))",
          "Eventually(AllNodes(HasHeight(Ge(1))), Within(\"10s\"))",
          "Always(AnyNode(IsReachable))",
          "Never(AnyNode(HasPeers(Ge(9))))",
          "StaysTrueFor(NodesAreLevel(1), For(Slots(3)))",
          "LeadsTo(AnyNode(HasHeight(Ge(1))), AllNodes(HasHeight(Ge(1))), Within(Blocks(9)))"}) {
      absl::StatusOr<RunExpectation> one = nomos::ParseExpectation(text);
      Demand(one.ok(), text);
      parsed.push_back(*std::move(one));
    }
    return parsed;
  }();
  return all;
}

// Little enough for a record that is small and is judged at once.
constexpr size_t kMostSteps = 60;
constexpr uint32_t kMostNodes = 5;

// A time that is in a record, rarely near its bounds.
RunTime SomeTime(Choices& choices) {
  if (choices.Below(16) == 0) return RunTime(999'999'999);
  return RunTime(20 * choices.Byte() - 100);
}

// What a workload, the chain and nodes say of one transaction.
void Submit(Choices& choices, matching::RecordBuilder& builder) {
  const auto note = [&] {
    return chain::NoteRecord{absl::StrCat("n", choices.Below(6)),
                             choices.Byte() * uint64_t{1} << 48};
  };
  std::vector<chain::NoteRecord> spends;
  std::vector<chain::NoteRecord> makes;
  for (uint32_t i = choices.Below(3); i > 0; --i) spends.push_back(note());
  for (uint32_t i = choices.Below(3); i > 0; --i) makes.push_back(note());
  builder.Transaction(absl::StrCat("t", choices.Below(8)), spends, makes,
                      choices.Below(4) == 0 ? "400 unbalanced" : "");
  chain::TransactionRecord& transaction = builder.transaction();
  transaction.flaw = choices.Below(4) == 0 ? "double spend" : "";
  transaction.seen_by = chain::NodeSet::FirstOf(static_cast<int>(choices.Below(3)));
  if (!transaction.seen_by.empty()) {
    transaction.first_seen = transaction.last_seen = SomeTime(choices);
  }
  transaction.lost = choices.Below(3);
}

void Disperse(Choices& choices, chain::ChainRecord& chain) {
  chain::InscriptionRecord inscription;
  inscription.transaction = absl::StrCat("t", choices.Below(8));
  inscription.channel = absl::StrCat("c", choices.Below(3));
  chain.inscriptions.push_back(inscription);
  chain::BlobRecord blob;
  blob.id = absl::StrCat("i", choices.Below(4));
  blob.channel = absl::StrCat("c", choices.Below(3));
  blob.transaction = absl::StrCat("t", choices.Below(8));
  blob.size = choices.Byte();
  blob.submitted_at = SomeTime(choices);
  blob.answered_after = SomeTime(choices);
  blob.refusal = choices.Below(4) == 0 ? "500 busy" : "";
  if (choices.Below(2) == 0) {
    chain::BlobRetrieval retrieval;
    retrieval.columns = choices.Byte();
    retrieval.error = choices.Below(3) == 0 ? "too few columns" : "";
    blob.retrieval = retrieval;
  }
  chain.blobs.push_back(blob);
}

Operation SomeOperation(Choices& choices, uint32_t nodes) {
  Operation operation;
  operation.workload = "clients";
  operation.client = static_cast<int>(choices.Below(3));
  operation.node = static_cast<NodeIndex>(choices.Below(nodes + 1)) - 1;
  operation.kind = choices.Below(2) == 0 ? "put" : "get";
  operation.key = absl::StrCat("k", choices.Below(2));
  if (choices.Below(8) > 0) operation.value = absl::StrCat("v", choices.Below(4));
  operation.outcome = static_cast<OperationOutcome>(choices.Below(3));
  operation.begun = SomeTime(choices);
  if (operation.outcome != OperationOutcome::kUnknown) {
    operation.ended = operation.begun + RunTime(choices.Below(60));
  }
  return operation;
}

void Step(Choices& choices, matching::RecordBuilder& builder, uint32_t nodes) {
  const auto node = static_cast<NodeIndex>(choices.Below(nodes));
  switch (choices.Below(12)) {
    case 0:
      builder.Grow(choices.Below(8));
      break;
    case 1:
      builder.Block(node, {absl::StrCat("t", choices.Below(8)), absl::StrCat("t", node)});
      break;
    case 2:
      builder.Idle(choices.Below(30));
      break;
    case 3:
      builder.Fork(node, choices.Below(12));
      break;
    case 4:
      builder.Adopt(node, choices.Below(2) == 0 ? "" : absl::StrCat("b", choices.Below(20)));
      break;
    case 5:
      builder.Finalise(node, absl::StrCat("b", choices.Below(20)));
      break;
    case 6:
      builder.Happen(node, static_cast<NodeEventKind>(choices.Below(7)), "");
      break;
    case 7:
      Submit(choices, builder);
      break;
    case 8:
      builder.Metric(node, choices.Below(2) == 0 ? "a{b=\"c\"}" : "m",
                     choices.Below(4) == 0 ? 1e300 * choices.Byte() : choices.Byte());
      break;
    case 9:
      builder.Mempool(node, choices.Byte()).Peers(node, static_cast<int>(choices.Below(4)));
      break;
    case 10:
      builder.Mode(node, choices.Below(2) == 0 ? "Online" : "Bootstrapping");
      break;
    default:
      builder.Silence(node);
  }
}

RunRecord RecordOf(std::string_view input) {
  Choices choices(input);
  const uint32_t nodes = 1 + choices.Below(kMostNodes);
  matching::RecordBuilder builder(static_cast<int>(nodes));
  builder.SecurityParameter(1 + choices.Below(4)).MinPeers(static_cast<int>(choices.Below(3)));
  if (choices.Below(4) == 0) builder.Coefficient("0.000000000000000001");
  builder.Stake(0, choices.Below(4) == 0 ? 0 : choices.Byte());
  chain::ChainRecord more;
  std::vector<FaultRecord> faults;
  std::vector<Operation> operations;
  for (size_t steps = 0; steps < kMostSteps && !choices.done(); ++steps) {
    const uint32_t kind = choices.Below(10);
    if (kind == 0) {
      Disperse(choices, more);
    } else if (kind == 1) {
      const auto node = static_cast<NodeIndex>(choices.Below(nodes));
      faults.push_back({"kills", "kill", node, builder.now(), SomeTime(choices), {}});
      if (choices.Below(2) == 0) faults.back().recovered_after = SomeTime(choices);
    } else if (kind == 3) {
      operations.push_back(SomeOperation(choices, nodes));
    } else {
      Step(choices, builder, nodes);
    }
  }
  RunRecord record = builder.Build();
  std::stable_sort(operations.begin(), operations.end(),
                   [](const auto& a, const auto& b) { return a.begun < b.begun; });
  record.operations = std::move(operations);
  record.faults = std::move(faults);
  chain::MutableChainOf(record).inscriptions = std::move(more.inscriptions);
  chain::MutableChainOf(record).blobs = std::move(more.blobs);
  if (choices.Below(8) == 1) record.ended = record.closed = SomeTime(choices);
  return record;
}

}  // namespace

std::vector<std::string> Seeds() {
  using std::chrono::milliseconds;
  std::vector<std::string> seeds;
  matching::RecordBuilder builder(3);
  builder.Metric(0, "a{b=\"c\"}", 1).Grow(6);
  builder.Transaction("t1", {{"n1", 5}}, {{"n2", 5}}).Block(0, {"t1"}).Grow(3);
  builder.Kill(2).Grow(3).Start(2).Fork(1, 2).Adopt(1).Grow(3);
  RunRecord record = builder.Build();
  seeds.push_back(record.ToJson());
  record.ended = record.closed = milliseconds(999'999'999);
  seeds.push_back(record.ToJson());
  // Steps: each kind of them once, and a run in which nodes fork, die and come back.
  std::vector<uint8_t> each = {2, 2, 1, 1, 1, 9};
  for (uint8_t kind = 0; kind < 12; ++kind) each.insert(each.end(), {2, 0, kind, 5, 1});
  seeds.emplace_back(each.begin(), each.end());
  const std::vector<uint8_t> run = {2, 1, 1, 1, 1, 100, 2, 0, 0, 7, 2, 1, 3, 4, 2, 2, 6, 2, 1, 2,
                                    3, 2, 0, 0, 7, 2,   2, 6, 0, 2, 0, 0, 7, 0, 1, 1, 1, 1, 1, 9};
  seeds.emplace_back(run.begin(), run.end());
  // Operations on two keys.
  std::vector<uint8_t> asked = {2, 2, 1, 1, 1};
  for (uint8_t i = 0; i < 12; ++i) {
    asked.insert(asked.end(), {3, i, 1, i, 0, 1, static_cast<uint8_t>(i / 2), 0, 1, i, 5});
  }
  seeds.emplace_back(asked.begin(), asked.end());
  // A node that comes back where a block is never made: the time to sync is beyond any count.
  std::vector<uint8_t> hopeless = run;
  hopeless[3] = 0;
  seeds.emplace_back(hopeless.begin(), hopeless.end());
  return seeds;
}

void Try(std::string_view input) {
  const bool is_json = input.empty() || input.front() == '{';
  absl::StatusOr<RunRecord> record =
      RunRecord::FromJson(is_json ? std::string(input) : RecordOf(input).ToJson());
  if (!record.ok()) return;
  for (const VerdictRecord& verdict : Judge(*record, All())) {
    Demand(!verdict.expectation.empty(), "a verdict says what was expected");
  }
}

}  // namespace gtestnet::fuzz
