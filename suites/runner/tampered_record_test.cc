// SPDX-License-Identifier: Apache-2.0
// The record of a real run, changed in one place or another, and where `gtestnet judge` notices.
//
// testdata/run.json is of `gtestnet run testdata/tampered.json` on local: three validators and an
// executor, transactions, wrong ones, blobs, and restarts of one validator. All that it expects is
// met.
//
// What cannot be noticed is at the end, each with the reason.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtestnet/chain/record.h"
#include "gtestnet/chain/sample.h"
#include "gtestnet/expectation.h"
#include "gtestnet/nomos/default_matchers.h"
#include "gtestnet/record.h"
#include "runner/repeat.h"

namespace gtestnet::command {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using chain::ChainRecord;
using testing::HasSubstr;

const RunRecord& Untouched() {
  static const RunRecord* const record = [] {
    chain::RegisterRecord();
    absl::StatusOr<RunRecord> read = RunRecord::FromFile(TAMPERED_RECORD);
    EXPECT_TRUE(read.ok()) << read.status();
    return new RunRecord(read.ok() ? *std::move(read) : RunRecord());
  }();
  return *record;
}

// All that `gtestnet judge` has against a record, one a line: what is refused as it is read, what
// comes out otherwise than it is recorded, and what the record itself says of workloads.
std::string Objections(const RunRecord& changed) {
  const absl::StatusOr<RunRecord> record = RunRecord::FromJson(changed.ToJson());
  if (!record.ok()) return absl::StrCat(std::string(record.status().message()), "\n");
  std::string objections;
  const auto object = [&](const VerdictRecord& verdict) {
    absl::StrAppend(&objections, verdict.expectation, ": ", verdict.observed, "\n");
  };
  const Repetition repetition = Repeat(*record, ParseExpectation, ExpectationForms());
  for (const VerdictRecord& verdict : repetition.again) {
    if (!verdict.judged || !verdict.met) object(verdict);
  }
  if (!repetition.confirmed()) absl::StrAppend(&objections, "not what is recorded\n");
  for (const VerdictRecord& verdict : repetition.rest) {
    if (!verdict.judged || !verdict.met) object(verdict);
  }
  for (const VerdictRecord& verdict : BadWorkloads(*record)) object(verdict);
  RunRecord standing = *record;
  standing.verdicts.clear();
  for (const VerdictRecord& verdict : JudgeStanding(standing, nomos::StandingSet(), {})) {
    if (Fails(verdict)) object(verdict);
  }
  if (record->verdicts.empty()) objections += "the record has no verdicts\n";
  return objections;
}

// What is done to a record, its chain apart.
using Change = std::function<void(RunRecord&, ChainRecord&)>;

std::string After(const Change& change) {
  RunRecord record = Untouched();
  change(record, chain::MutableChainOf(record));
  return Objections(record);
}

struct Edit {
  const char* what;
  Change change;
  const char* noticed;  // a part of the words
};

void PrintTo(const Edit& edit, std::ostream* os) { *os << edit.what; }

RunTime Middle(const RunRecord& record) { return (record.begun + record.ended) / 2; }

template <class T>
void CutOut(std::vector<T>& items, RunTime from, RunTime to, NodeIndex node = -1) {
  std::erase_if(items, [=](const T& item) {
    return from <= item.at && item.at < to && (node < 0 || item.node == node);
  });
}

// The last event of this kind that a workload asked for.
NodeEvent& Asked(RunRecord& record, NodeEventKind kind) {
  return *std::find_if(record.events.rbegin(), record.events.rend(), [=](const NodeEvent& event) {
    return event.kind == kind && event.cause != "deployer";
  });
}

void Drop(RunRecord& record, NodeEventKind kind) {
  record.events.erase(record.events.begin() + (&Asked(record, kind) - record.events.data()));
}

WorkloadRecord& Workload(RunRecord& record, std::string_view name) {
  return *std::find_if(record.workloads.begin(), record.workloads.end(),
                       [=](const WorkloadRecord& workload) { return workload.name == name; });
}

// The first transaction that is meant to be valid and is in a block.
chain::TransactionRecord& Valid(ChainRecord& chain) {
  return *std::find_if(chain.transactions.begin(), chain.transactions.end(), [&](const auto& t) {
    return t.flaw.empty() && t.refusal.empty() &&
           std::any_of(chain.blocks.begin(), chain.blocks.end(), [&](const auto& block) {
             return std::count(block.transactions.begin(), block.transactions.end(), t.hash) > 0;
           });
  });
}

chain::TransactionRecord& Wrong(ChainRecord& chain) {
  return *std::find_if(chain.transactions.begin(), chain.transactions.end(),
                       [](const auto& t) { return !t.flaw.empty() && t.flaw != "double spend"; });
}

// One that spends a note of genesis.
chain::TransactionRecord& SpendsGenesis(ChainRecord& chain) {
  for (chain::TransactionRecord& t : chain.transactions) {
    if (!t.flaw.empty() || !t.refusal.empty() || t.spends.size() != 1) continue;
    for (const chain::GenesisNotes& notes : chain.genesis_notes) {
      if (std::count(notes.ids.begin(), notes.ids.end(), t.spends[0].id) > 0) return t;
    }
  }
  return chain.transactions.front();
}

template <class F>
void EachAnswer(RunRecord& record, NodeIndex node, const F& change) {
  for (NodeSample& sample : record.samples) {
    if (sample.node != node || !sample.reachable) continue;
    chain::State state = chain::StateOf(sample);
    change(sample.at, state);
    chain::SetState(sample, state);
  }
}

class NoticedTest : public testing::TestWithParam<Edit> {};

TEST(TamperedRecordTest, AgainstTheRecordAsItIsThereIsNothing) {
  EXPECT_EQ(Objections(Untouched()), "");
  EXPECT_GE(Untouched().verdicts.size(), 20u);
}

TEST_P(NoticedTest, IsNoticed) {
  EXPECT_THAT(After(GetParam().change), HasSubstr(GetParam().noticed));
}

using R = RunRecord;
using C = ChainRecord;
constexpr NodeEventKind kStarted = NodeEventKind::kStarted;
constexpr NodeEventKind kStopped = NodeEventKind::kStopped;

// ----- what was seen of nodes -----

const Edit kSamples[] = {
    {"ten seconds of all nodes are cut out",
     [](R& r, C&) { CutOut(r.samples, Middle(r), Middle(r) + 10s); },
     "validator-0, which was up, was not seen to answer from"},
    {"ten seconds of one node are cut out",
     [](R& r, C&) { CutOut(r.samples, Middle(r), Middle(r) + 10s, 0); },
     "validator-0, which was up, was not seen to answer from"},
    {"samples end at two thirds",
     [](R& r, C&) { CutOut(r.samples, r.begun + (r.closed - r.begun) * 2 / 3, RunTime::max()); },
     "all nodes together did not grow after height"},
    {"samples of one node end at two thirds",
     [](R& r, C&) { CutOut(r.samples, r.begun + (r.closed - r.begun) * 2 / 3, RunTime::max(), 1); },
     "validator-1, which was up, was not seen to answer from"},
    {"a node has no sample", [](R& r, C&) { CutOut(r.samples, RunTime::min(), RunTime::max(), 0); },
     "validator-0 never answered"},
    {"no node ever answered",
     [](R& r, C&) {
       for (NodeSample& s : r.samples) s = {.at = s.at, .node = s.node};
     },
     "validator-0 never answered"},
    {"two samples change places", [](R& r, C&) { std::swap(r.samples.front(), r.samples.back()); },
     "samples[1].at_ms:"},
    {"a sample is of a node that is not there", [](R& r, C&) { r.samples[3].node = 4; },
     "samples[3].node: 4 is no node of this record"},
    {"a sample is of after the run", [](R& r, C&) { r.samples.back().at += 10 * 60s; },
     "is after the run, which was closed at"},
    {"a sample is of before the run", [](R& r, C&) { r.samples.front().at -= 10 * 60s; },
     "samples[0].at_ms:"},
    {"a node answers while it is stopped",
     [](R& r, C&) {
       NodeEvent& stop = Asked(r, kStopped);
       stop.at -= 5s;
       std::stable_sort(r.events.begin(), r.events.end(),
                        [](const auto& a, const auto& b) { return a.at < b.at; });
     },
     "validator-2 was down by events"},
    {"a node tells a height that is too high",
     [](R& r, C&) { EachAnswer(r, 1, [](RunTime, chain::State& s) { s.height += 50; }); },
     "NodesAreTruthful: validator-1 told height"},
    {"a node tells one such height",
     [](R& r, C&) {
       bool told = false;
       EachAnswer(r, 1, [&](RunTime at, chain::State& s) {
         if (!std::exchange(told, told || at > 10s) && at > 10s) s.height += 50;
       });
     },
     "(1 answer like that)"},
    {"a node calls final what nobody showed",
     [](R& r, C&) {
       EachAnswer(r, 1, [](RunTime, chain::State& s) { s.finalised = std::string(64, 'a'); });
     },
     "validator-1 told the final block aaaaaaaa, which no node showed"},
    {"a node calls its tip final",
     [](R& r, C&) {
       EachAnswer(r, 1, [](RunTime, chain::State& s) {
         s.finalised = s.tip;
         s.finalised_height = s.height;
       });
     },
     "validator-1's final block is not k blocks below its tip"},
    {"a node's finality stops",
     [](R& r, C& c) {
       EachAnswer(r, 1, [&](RunTime, chain::State& s) {
         s.finalised = c.parameters.genesis;
         s.finalised_height = 0;
       });
     },
     "validator-1 finalised 0 blocks"},
    {"a node's tip stops",
     [](R& r, C&) {
       chain::State stuck;
       EachAnswer(r, 1, [&](RunTime at, chain::State& s) {
         if (at < Middle(r)) stuck = s;
         if (at >= Middle(r)) s = stuck;
       });
     },
     "validator-1 ended at height"},
};
INSTANTIATE_TEST_SUITE_P(Samples, NoticedTest, testing::ValuesIn(kSamples));

// ----- metrics -----

const Edit kMetrics[] = {
    {"metrics end at a third",
     [](R& r, C&) { CutOut(r.metrics, r.begun + (r.closed - r.begun) / 3, RunTime::max()); },
     "validator-0, which was up, has no metrics from"},
    {"metrics of one node end at a third",
     [](R& r, C&) { CutOut(r.metrics, r.begun + (r.closed - r.begun) / 3, RunTime::max(), 2); },
     "validator-2, which was up, has no metrics from"},
    {"a node has no metrics",
     [](R& r, C&) { CutOut(r.metrics, RunTime::min(), RunTime::max(), 0); },
     "validator-0 has no sample of consensus_tip_height"},
    {"there are no metrics", [](R& r, C&) { r.metrics.clear(); },
     "no metric of any node was taken"},
    {"a counter falls",
     [](R& r, C&) {
       const auto last = std::find_if(r.metrics.rbegin(), r.metrics.rend(), [](const auto& m) {
         return m.node == 0 && m.series == "da_samples_verified_total";
       });
       last->value = 0;
     },
     "da_samples_verified_total of validator-0 fell from"},
    {"metrics are out of order", [](R& r, C&) { std::swap(r.metrics.front(), r.metrics.back()); },
     "metrics[1].at_ms:"},
    {"a metric is of a node that is not there", [](R& r, C&) { r.metrics[0].node = -1; },
     "metrics[0].node: -1 is no node of this record"},
    {"a last value is another one",
     [](R& r, C&) {
       for (MetricSample& m : r.metrics) {
         if (m.series == "consensus_tip_height" && m.node == 1) m.value = 3;
       }
     },
     "validator-1's consensus_tip_height is 3"},
};
INSTANTIATE_TEST_SUITE_P(Metrics, NoticedTest, testing::ValuesIn(kMetrics));

// ----- what was done to nodes -----

const Edit kEvents[] = {
    {"a stop is left out", [](R& r, C&) { Drop(r, kStopped); },
     "kind: started, but validator-2 was up by events"},
    {"a start is left out", [](R& r, C&) { Drop(r, kStarted); },
     "nodes[2].up_at_end: true, but by events"},
    {"a restart is left out",
     [](R& r, C&) {
       Drop(r, kStopped);
       Drop(r, kStarted);
     },
     "restarts did that to validator-2, but no event of it is there"},
    {"all restarts are left out, with their workload",
     [](R& r, C&) {
       std::erase_if(r.events, [](const auto& event) { return event.cause == "restarts"; });
       r.faults.clear();
       std::erase_if(r.workloads, [](const auto& w) { return w.name == "restarts"; });
     },
     "no node was started, restarted, resumed or added during the run"},
    {"a stop is there twice",
     [](R& r, C&) {
       NodeEvent& stop = Asked(r, kStopped);
       r.events.insert(r.events.begin() + (&stop - r.events.data()), NodeEvent(stop));
     },
     "kind: stopped, but validator-2 was down by events"},
    {"a stop is another node's", [](R& r, C&) { Asked(r, kStopped).node = 0; },
     "kind: started, but validator-2 was up by events"},
    {"a start is another node's", [](R& r, C&) { Asked(r, kStarted).node = 1; },
     "kind: started, but validator-1 was up by events"},
    {"a start is later",
     [](R& r, C&) {
       NodeEvent& start = Asked(r, kStarted);
       start.at += 5s;
       std::stable_sort(r.events.begin(), r.events.end(),
                        [](const auto& a, const auto& b) { return a.at < b.at; });
     },
     "validator-2 was down by events"},
    {"a node that is up is down at the end", [](R& r, C&) { r.nodes[1].up_at_end = false; },
     "nodes[1].up_at_end: false, but by events[1] it was up"},
    {"a node exited",
     [](R& r, C&) {
       r.events.push_back({r.closed, 1, NodeEventKind::kExited, "", "exit status 1"});
       r.nodes[1].up_at_end = false;
     },
     "validator-1 exited at"},
    {"a fault is another node's", [](R& r, C&) { r.faults[0].node = 1; },
     "faults[0]: restarts did that to validator-1, but no event of it is there"},
    {"a fault is there twice", [](R& r, C&) { r.faults.push_back(r.faults.back()); },
     "restarts did that to validator-2, but no event of it is there"},
    {"a fault was another workload's", [](R& r, C&) { r.faults[0].workload = "kills"; },
     "faults[0]: kills did that to validator-2, but no event of it is there"},
};
INSTANTIATE_TEST_SUITE_P(Events, NoticedTest, testing::ValuesIn(kEvents));

// ----- workloads, verdicts, the frame -----

const Edit kFrame[] = {
    {"a workload did nothing", [](R& r, C&) { Workload(r, "transactions").actions = 0; },
     "workload transactions acted: none in"},
    {"a workload failed", [](R& r, C&) { Workload(r, "transactions").error = "no wallet is left"; },
     "workload transactions did not fail"},
    {"a workload did little of what was due",
     [](R& r, C&) { *Workload(r, "transactions").due *= 3; },
     "workload transactions did what was due: 60 of 180"},
    {"a workload of blobs did little of what was due",
     [](R& r, C&) { *Workload(r, "data_availability").due *= 3; },
     "workload data_availability did what was due: 14 of 42"},
    {"a workload owed less than it did", [](R& r, C&) { *Workload(r, "transactions").due -= 10; },
     "due: 50, but 60 were done"},
    {"a workload did more than was due",
     [](R& r, C&) { Workload(r, "data_availability").actions += 10; }, "due: 14, but 24 were done"},
    {"a workload ended before it began",
     [](R& r, C&) { Workload(r, "restarts").stopped = Workload(r, "restarts").started - 1ms; },
     "stopped_ms: is before started_ms"},
    {"a verdict is forged",
     [](R& r, C&) {
       for (NodeSample& s : r.samples) s = {.at = s.at, .node = s.node};
       for (VerdictRecord& v : r.verdicts) v.observed = "all is well";
     },
     "not what is recorded"},
    {"a verdict is met that was not judged", [](R& r, C&) { r.verdicts[2].judged = false; },
     "verdicts[2].met: of what was not judged"},
    {"a verdict is not met that is", [](R& r, C&) { r.verdicts[2].met = false; },
     "not what is recorded"},
    {"there are no verdicts", [](R& r, C&) { r.verdicts.clear(); }, "the record has no verdicts"},
    {"the run broke", [](R& r, C&) { r.broken = "validator-1 exited"; },
     "not judged, as the run ended early: validator-1 exited"},
    {"the run ended before it begun", [](R& r, C&) { r.ended = r.begun - 1ms; },
     "ended_ms: is before begun_ms"},
    {"the run was closed before it ended", [](R& r, C&) { r.closed = r.ended - 1ms; },
     "closed_ms: is before ended_ms"},
    {"the run took a minute longer",
     [](R& r, C&) {
       r.ended += 60s;
       r.closed += 60s;
     },
     "all nodes together did not grow after height"},
    {"the run began a minute earlier", [](R& r, C&) { r.begun -= 60s; }, "events[0].at_ms:"},
    {"a node is not there", [](R& r, C&) { r.nodes.pop_back(); },
     "is no other node of this record, which has 3"},
    {"a node has a neighbour that is not there",
     [](R& r, C&) { r.nodes[0].neighbours.push_back(7); },
     "nodes[0].neighbours: 7 is no other node"},
    {"the program stood still before it did so",
     [](R& r, C&) {
       r.clock = {{20s, 19s, ClockEventKind::kStopped, 1s}};
     },
     "clock[0].at_ms: is before since_ms"},
};
INSTANTIATE_TEST_SUITE_P(Frame, NoticedTest, testing::ValuesIn(kFrame));

// ----- chains -----

const Edit kChains[] = {
    {"a height is another one", [](R&, C& c) { ++c.blocks[5].height; }, "chain.blocks[5].height: "},
    {"a parent is another one", [](R&, C& c) { c.blocks[5].parent = c.blocks[1].id; },
     "chain.blocks[5].height: "},
    {"a block is left out",
     [](R&, C& c) {
       const std::string parent = c.blocks.back().parent;
       std::erase_if(c.blocks, [&](const auto& block) { return block.id == parent; });
     },
     "is neither genesis nor a block before this one"},
    {"the last blocks are left out",
     [](R&, C& c) { c.blocks.erase(c.blocks.end() - 6, c.blocks.end()); },
     "validator-0 tells a tip that is in no chain from genesis"},
    {"a block is there twice", [](R&, C& c) { c.blocks.push_back(c.blocks[5]); }, "is there twice"},
    {"a leader is no node", [](R&, C& c) { c.blocks[5].leader = 4; },
     "chain.blocks[5].leader: 4 is no node of this record"},
    {"transactions are in no block",
     [](R&, C& c) {
       for (size_t i = c.blocks.size() / 2; i < c.blocks.size(); ++i) c.blocks[i].transactions = {};
     },
     "the fraction of included transactions is"},
    {"a transaction is in two blocks",
     [](R&, C& c) { c.blocks[c.blocks.size() / 2].transactions.push_back(Valid(c).hash); },
     "is there again in block"},
    {"a wrong transaction is in a block",
     [](R&, C& c) { c.blocks[c.blocks.size() / 2].transactions.push_back(Wrong(c).hash); },
     "with this flaw: bad signature, is in block"},
    {"a transaction was submitted after it was in a block",
     [](R&, C& c) { Valid(c).submitted_at += 30s; }, "chain.transactions[0].submitted_at_ms: "},
    {"transactions were refused",
     [](R&, C& c) {
       for (chain::TransactionRecord& t : c.transactions) {
         if (t.flaw.empty()) t.refusal = "HTTP 500";
       }
       for (chain::BlockRecord& block : c.blocks) block.transactions = {};
     },
     "(0 of 61, 61 were refused)"},
    {"half of the transactions are left out",
     [](R&, C& c) { c.transactions.resize(c.transactions.size() / 2); },
     "(30 of 61, 31 were not sent)"},
    {"a transaction makes more than it spends", [](R&, C& c) { Valid(c).makes[0].value += 1; },
     "it spends 100 and makes 101"},
    {"a note of genesis is spent as much more",
     [](R&, C& c) {
       chain::TransactionRecord& t = SpendsGenesis(c);
       t.makes[0].value += 2900;
       t.spends[0].value += 2900;
     },
     "at genesis and is spent with"},
    {"a note is spent twice",
     [](R&, C& c) {
       chain::TransactionRecord* first = nullptr;
       for (chain::TransactionRecord& t : c.transactions) {
         if (!t.flaw.empty() || !t.refusal.empty()) continue;
         if (first == nullptr) {
           first = &t;
         } else {
           t.spends[0] = first->spends[0];
           return;
         }
       }
     },
     "is spent twice, by"},
    {"a note of genesis has another value", [](R&, C& c) { c.genesis_notes.back().value += 1; },
     "chain.supply: 44000, but the notes of genesis are worth"},
    {"a note of genesis is left out", [](R&, C& c) { c.genesis_notes.back().ids.pop_back(); },
     "chain.supply: 44000, but the notes of genesis are worth 43900"},
    {"the supply is another one", [](R&, C& c) { c.supply += 1; },
     "chain.supply: 44001, but the notes of genesis are worth 44000"},
    {"the stake is another one", [](R&, C& c) { c.parameters.total_stake += 1; },
     "chain.parameters.total_stake: 4001, but the stakes of nodes add up to 4000"},
    {"a node's stake is another one", [](R& r, C&) { r.nodes[0].numbers["stake"] += 500; },
     "chain.parameters.total_stake: 4000, but the stakes of nodes add up to 4500"},
    {"a node has another's stake",
     [](R& r, C&) { r.nodes[0].words["public_key"] = std::string(64, 'a'); },
     "chain.genesis_notes: the stake of validator-0 is 0, but its node has 1000"},
    {"nobody had most of the transactions",
     [](R&, C& c) {
       for (size_t i = 1; i < c.transactions.size(); ++i) {
         c.transactions[i].seen_by = {};
         c.transactions[i].first_seen = c.transactions[i].last_seen = {};
       }
     },
     "no node was seen to have it"},
    {"one node had none of the transactions",
     [](R&, C& c) {
       for (chain::TransactionRecord& t : c.transactions) {
         if (!t.seen_by.empty()) t.seen_by = {0, 2, 3};
       }
     },
     "validator-1 was never seen to have it"},
    {"nobody had a transaction that was seen", [](R&, C& c) { Valid(c).seen_by = {}; },
     "chain.transactions[0].first_seen_ms: it and last_seen_ms must be null"},
    {"a node that is not there had a transaction", [](R&, C& c) { Valid(c).seen_by = {9}; },
     "chain.transactions[0].seen_by: 9 is no node"},
    {"a blob is of other data", [](R&, C& c) { c.blobs[0].data = std::string(64, 'a'); },
     "1 of 14 blobs did not come back as dispersed"},
    {"a blob came back with other data",
     [](R&, C& c) {
       for (chain::BlobRecord& b : c.blobs) {
         if (b.retrieval) b.retrieval->data = std::string(64, 'a');
       }
     },
     "14 of 14 blobs did not come back as dispersed"},
    {"a blob came back from more columns than there are",
     [](R&, C& c) {
       for (chain::BlobRecord& b : c.blobs) {
         if (b.retrieval) b.retrieval->columns = 256;
       }
     },
     "retrieval.columns: 256 of 128"},
    {"no blob was asked for",
     [](R&, C& c) {
       for (chain::BlobRecord& b : c.blobs) b.retrieval = {};
     },
     "no node was asked for any of 14 blobs"},
    {"half of the blobs are left out", [](R&, C& c) { c.blobs.resize(c.blobs.size() / 2); },
     "(7 of 14, 7 were not sent)"},
    {"channels are in no block",
     [](R&, C& c) {
       for (chain::InscriptionRecord& i : c.inscriptions) i.transaction = std::string(64, 'a');
     },
     "the fraction of included inscriptions is 0 (0 of 8)"},
    {"finality is deeper", [](R&, C& c) { c.parameters.security_parameter = 10; },
     "final block is not k blocks below its tip"},
    {"slots are shorter", [](R&, C& c) { c.parameters.pace.slot /= 4; },
     "validator-0 grew by 39 blocks in 158 slots"},
    {"slots are empty more often", [](R&, C& c) { c.parameters.active_slot_coefficient = "0.1"; },
     "parameters.active_slot_coefficient: 0.1, but that of pace is 0.9"},
    {"genesis is another block", [](R&, C& c) { c.parameters.genesis = std::string(64, 'a'); },
     "chain.blocks[0].parent: "},
};
INSTANTIATE_TEST_SUITE_P(Chains, NoticedTest, testing::ValuesIn(kChains));

// ----- what is not noticed -----

const Edit kUnnoticed[] = {
    // Nothing else in the record follows from it.
    {"the seed is another one", [](R& r, C&) { r.seed += 1; }, ""},
    {"the run has another name", [](R& r, C&) { r.run_id = r.test = "another"; }, ""},
    {"a node has another name", [](R& r, C&) { r.nodes[0].name = "validator-9"; }, ""},
    // A verdict fewer is a run that expected less.
    {"a verdict is left out", [](R& r, C&) { r.verdicts.erase(r.verdicts.begin()); }, ""},
    // The workload's own word for what is enough.
    {"a workload needs to do less", [](R& r, C&) { Workload(r, "transactions").at_least = 0; }, ""},
    // The driver's own word; what is judged of a recovery is judged by samples.
    {"a node recovered sooner",
     [](R& r, C&) {
       if (r.faults[0].recovered_after) r.faults[0].recovered_after = 1ms;
     },
     ""},
    // Who submits what is the record's word alone: a test may submit by hand.
    {"a workload is left out",
     [](R& r, C&) {
       std::erase_if(r.workloads, [](const auto& w) { return w.name == "data_availability"; });
     },
     ""},
    // Nothing builds on it, and a node may name a block that nobody showed before it was gone.
    {"a block of a branch that was given up is left out",
     [](R&, C& c) {
       const auto leaf = std::find_if(c.blocks.begin(), c.blocks.end(), [&](const auto& one) {
         return std::none_of(c.blocks.begin(), c.blocks.end(),
                             [&](const auto& other) { return other.parent == one.id; });
       });
       if (leaf->height < c.blocks.back().height) c.blocks.erase(leaf);
     },
     ""},
    // Within the fraction that is asked for.
    {"one transaction is in no block",
     [](R&, C& c) {
       const std::string hash = Valid(c).hash;
       for (chain::BlockRecord& block : c.blocks) std::erase(block.transactions, hash);
     },
     ""},
    {"one blob was not asked for", [](R&, C& c) { c.blobs.back().retrieval = {}; }, ""},
    // The program's own word of itself: what it did not see while it stood still is held against
    // nobody.
    {"the program stood still for what is cut out",
     [](R& r, C&) {
       CutOut(r.samples, Middle(r), Middle(r) + 10s);
       r.clock = {{Middle(r), Middle(r) + 10s, ClockEventKind::kStopped, 10s}};
     },
     ""},
};
class UnnoticedTest : public testing::TestWithParam<Edit> {};
TEST_P(UnnoticedTest, CannotBeNoticed) { EXPECT_EQ(After(GetParam().change), ""); }
INSTANTIATE_TEST_SUITE_P(All, UnnoticedTest, testing::ValuesIn(kUnnoticed));

}  // namespace
}  // namespace gtestnet::command
