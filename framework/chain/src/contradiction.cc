// SPDX-License-Identifier: Apache-2.0
#include "chain/src/contradiction.h"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/strings/str_cat.h"
#include "core/src/base/status.h"
#include "core/src/record/record_reader.h"

namespace gtestnet::chain {
namespace {

// The least that a topology can be given: eighteen decimals.
constexpr double kLeastCoefficient = 1e-18;
// Of a blob.
constexpr int kColumns = 128;

bool IsCoefficient(double f) { return f >= kLeastCoefficient && f <= 1; }

std::string CheckParameters(const ChainParameters& parameters) {
  const Pace& pace = parameters.pace;
  if (pace.slot.count() <= 0) return "parameters.pace.slot_ms: must be positive";
  if (!IsCoefficient(pace.active_slot_coefficient)) {
    return "parameters.pace.active_slot_coefficient: must be from 1e-18 to 1";
  }
  if (pace.slots_per_epoch <= 0) return "parameters.pace.slots_per_epoch: must be positive";
  double f = 0;
  if (!internal::ParseDouble(parameters.active_slot_coefficient, f) || !IsCoefficient(f)) {
    return "parameters.active_slot_coefficient: must be a decimal from 1e-18 to 1";
  }
  if (std::abs(f - pace.active_slot_coefficient) > 1e-9 * f) {
    return absl::StrCat("parameters.active_slot_coefficient: ", parameters.active_slot_coefficient,
                        ", but that of pace is ", FormatNumber(pace.active_slot_coefficient));
  }
  if (parameters.security_parameter <= 0) {
    return "parameters.security_parameter: must be positive";
  }
  if (parameters.min_peers < 0) return "parameters.min_peers: must not be negative";
  return "";
}

std::string CheckBlocks(const ChainRecord& chain, size_t nodes) {
  std::unordered_map<std::string_view, int64_t> heights;
  heights.reserve(chain.blocks.size() + 1);
  heights.emplace(chain.parameters.genesis, 0);
  for (size_t i = 0; i < chain.blocks.size(); ++i) {
    const BlockRecord& block = chain.blocks[i];
    const auto at = [i](const char* field) { return absl::StrCat("blocks[", i, "]", field); };
    const auto parent = heights.find(block.parent);
    if (parent == heights.end()) {
      return absl::StrCat(at(".parent: "), block.parent.substr(0, 80),
                          " is neither genesis nor a block before this one");
    }
    if (block.height != parent->second + 1) {
      return absl::StrCat(at(".height: "), block.height, ", but the parent's is ", parent->second);
    }
    if (!heights.emplace(block.id, block.height).second) {
      return absl::StrCat(at(".id: "), block.id.substr(0, 80), " is there twice");
    }
    if (block.leader < -1 || block.leader >= static_cast<int64_t>(nodes)) {
      return absl::StrCat(at(".leader: "), block.leader, " is no node of this record, which has ",
                          nodes);
    }
  }
  return "";
}

template <class T>
std::string CheckSubmissions(std::string_view list, const std::vector<T>& items, size_t nodes) {
  for (size_t i = 0; i < items.size(); ++i) {
    if (items[i].node >= 0 && static_cast<size_t>(items[i].node) < nodes) continue;
    return absl::StrCat(ToAbsl(list), "[", i, "].node: ", items[i].node,
                        " is no node of this record, which has ", nodes);
  }
  return "";
}

std::string CheckBlob(const BlobRecord& blob, size_t nodes) {
  if (blob.size < 0) return "size: must not be negative";
  if (blob.answered_after < RunTime{0}) return "answered_after_ms: must not be negative";
  if (!blob.retrieval) return "";
  const BlobRetrieval& retrieval = *blob.retrieval;
  if (retrieval.node < 0 || static_cast<size_t>(retrieval.node) >= nodes) {
    return absl::StrCat("retrieval.node: ", retrieval.node,
                        " is no node of this record, which has ", nodes);
  }
  if (blob.id.empty()) return "retrieval: of a blob that has no id to ask for";
  if (retrieval.columns < 0 || retrieval.columns > kColumns) {
    return absl::StrCat("retrieval.columns: ", retrieval.columns, " of ", kColumns);
  }
  if (retrieval.data.empty() == retrieval.error.empty()) {
    return "retrieval.data: what came back, or an error; one of the two";
  }
  return "";
}

std::string CheckBlobs(const std::vector<BlobRecord>& blobs, size_t nodes) {
  for (size_t i = 0; i < blobs.size(); ++i) {
    const std::string wrong = CheckBlob(blobs[i], nodes);
    if (!wrong.empty()) return absl::StrCat("blobs[", i, "].", wrong);
  }
  return "";
}

// No block has a transaction before it was submitted.
std::string CheckInclusions(const ChainRecord& chain) {
  std::unordered_map<std::string_view, size_t> valid;
  valid.reserve(chain.transactions.size());
  for (size_t i = 0; i < chain.transactions.size(); ++i) {
    const TransactionRecord& t = chain.transactions[i];
    if (t.flaw.empty() && t.refusal.empty()) valid.emplace(t.hash, i);
  }
  if (valid.empty()) return "";
  for (const BlockRecord& block : chain.blocks) {
    for (const std::string& hash : block.transactions) {
      const auto found = valid.find(hash);
      if (found == valid.end()) continue;
      const TransactionRecord& t = chain.transactions[found->second];
      if (t.submitted_at <= block.first_seen) continue;
      return absl::StrCat("transactions[", found->second,
                          "].submitted_at_ms: ", t.submitted_at.count(), ", but block ",
                          block.id.substr(0, 80), ", which has it, was seen at ",
                          block.first_seen.count());
    }
  }
  return "";
}

// A sum of values, which no number of notes makes overflow.
using Sum = absl::uint128;

std::string InWords(Sum sum) {
  std::ostringstream words;
  words << sum;
  return words.str();
}

// What was there at genesis is what the sums say, and the stakes that nodes have are of it.
std::string CheckGenesis(const ChainRecord& chain, const RunRecord& record) {
  Sum supply = 0;
  Sum stake = 0;
  std::unordered_map<std::string_view, Sum> stake_of;
  std::unordered_set<std::string_view> ids;
  for (size_t i = 0; i < chain.genesis_notes.size(); ++i) {
    const GenesisNotes& notes = chain.genesis_notes[i];
    for (const std::string& id : notes.ids) {
      if (ids.insert(id).second) continue;
      return absl::StrCat("genesis_notes[", i, "].ids: ", id.substr(0, 80), " is there twice");
    }
    const Sum value = Sum(notes.value) * notes.ids.size();
    supply += value;
    if (!notes.stake) continue;
    stake += value;
    stake_of[notes.owner] += value;
  }
  if (chain.genesis_notes.empty()) return "";
  if (supply != chain.supply) {
    return absl::StrCat("supply: ", chain.supply, ", but the notes of genesis are worth ",
                        InWords(supply));
  }
  if (stake != chain.parameters.total_stake) {
    return absl::StrCat("parameters.total_stake: ", chain.parameters.total_stake,
                        ", but the stakes of genesis are worth ", InWords(stake));
  }
  // Whole numbers that a double holds.
  constexpr uint64_t kExact = uint64_t{1} << 53;
  for (size_t i = 0; i < record.nodes.size(); ++i) {
    const NodeRecord& node = record.nodes[i];
    const double* const said = node.numbers.Find("stake");
    const std::string& key = node.words.Get("public_key");
    if (said == nullptr || key.empty()) continue;
    const Sum at_genesis = stake_of[key];
    if (at_genesis > kExact || *said == static_cast<double>(static_cast<uint64_t>(at_genesis))) {
      continue;
    }
    return absl::StrCat("genesis_notes: the stake of ", node.name, " is ", InWords(at_genesis),
                        ", but its node has ", FormatNumber(*said));
  }
  return "";
}

// The stakes of nodes add up.
std::string CheckStakes(const ChainRecord& chain, const RunRecord& record) {
  double sum = 0;
  bool any = false;
  for (const NodeRecord& node : record.nodes) {
    const double* const stake = node.numbers.Find("stake");
    any = any || stake != nullptr;
    sum += stake != nullptr ? *stake : 0;
  }
  const auto total = static_cast<double>(chain.parameters.total_stake);
  // A sum of doubles is not exact.
  if (!any || std::abs(sum - total) <= 1e-9 * std::max(sum, total)) return "";
  return absl::StrCat("parameters.total_stake: ", chain.parameters.total_stake,
                      ", but the stakes of nodes add up to ", FormatNumber(sum));
}

// What is from outside the run.
std::string CheckTime(RunTime at, const RunRecord& record) {
  // What the run's threads may do before it counts as begun, or after it counts as closed.
  constexpr RunTime kAround{60'000};
  if (at >= record.begun - kAround && at <= record.closed + kAround) return "";
  return absl::StrCat(at.count(), " is outside of the run, which was from ", record.begun.count(),
                      " to ", record.closed.count());
}

std::string CheckTimes(const ChainRecord& chain, const RunRecord& record) {
  const auto of = [&](std::string_view list, const auto& items, const char* field, auto member) {
    for (size_t i = 0; i < items.size(); ++i) {
      const std::string wrong = CheckTime(items[i].*member, record);
      if (!wrong.empty()) return absl::StrCat(ToAbsl(list), "[", i, "].", field, ": ", wrong);
    }
    return std::string();
  };
  std::string wrong = of("blocks", chain.blocks, "first_seen_ms", &BlockRecord::first_seen);
  if (wrong.empty()) {
    wrong =
        of("transactions", chain.transactions, "submitted_at_ms", &TransactionRecord::submitted_at);
  }
  if (wrong.empty()) {
    wrong =
        of("inscriptions", chain.inscriptions, "submitted_at_ms", &InscriptionRecord::submitted_at);
  }
  if (wrong.empty()) {
    wrong = of("blobs", chain.blobs, "submitted_at_ms", &BlobRecord::submitted_at);
  }
  return wrong;
}

std::string CheckContradictions(const std::vector<ContradictionRecord>& list) {
  for (size_t i = 0; i < list.size(); ++i) {
    if (list[i].until < list[i].since) {
      return absl::StrCat("contradictions[", i, "].until_ms: is before since_ms");
    }
    if (list[i].looks < 1) return absl::StrCat("contradictions[", i, "].looks: must be positive");
  }
  return "";
}

std::string CheckSights(const ChainRecord& chain, size_t nodes) {
  for (size_t i = 0; i < chain.transactions.size(); ++i) {
    const TransactionRecord& t = chain.transactions[i];
    const auto at = [i](const char* field) { return absl::StrCat("transactions[", i, "]", field); };
    if (t.seen_by.Highest() >= static_cast<int64_t>(nodes)) {
      return absl::StrCat(at(".seen_by: "), t.seen_by.Highest(),
                          " is no node of this record, which has ", nodes);
    }
    if (t.seen_by.size() > nodes) {
      return absl::StrCat(at(".seen_by: "), t.seen_by.size(), " of the ", nodes,
                          " nodes of this record");
    }
    const bool seen = !t.seen_by.empty();
    if (t.first_seen.has_value() != seen || t.last_seen.has_value() != seen) {
      return absl::StrCat(at(".first_seen_ms: "), "it and last_seen_ms must be null for what no ",
                          "node was seen to have, and only for that");
    }
    if (seen && *t.last_seen < *t.first_seen) {
      return absl::StrCat(at(".last_seen_ms: "), "is before first_seen_ms");
    }
    if (t.lost < 0) return absl::StrCat(at(".lost: "), "must not be negative");
  }
  return "";
}

}  // namespace

std::string Contradiction(const ChainRecord& chain, const RunRecord& record) {
  const size_t nodes = record.nodes.size();
  std::string wrong = CheckParameters(chain.parameters);
  if (wrong.empty()) wrong = CheckStakes(chain, record);
  if (wrong.empty()) wrong = CheckGenesis(chain, record);
  if (wrong.empty()) wrong = CheckBlocks(chain, nodes);
  if (wrong.empty()) wrong = CheckSubmissions("transactions", chain.transactions, nodes);
  if (wrong.empty()) wrong = CheckSights(chain, nodes);
  if (wrong.empty()) wrong = CheckSubmissions("inscriptions", chain.inscriptions, nodes);
  if (wrong.empty()) wrong = CheckSubmissions("blobs", chain.blobs, nodes);
  if (wrong.empty()) wrong = CheckBlobs(chain.blobs, nodes);
  if (wrong.empty()) wrong = CheckSubmissions("contradictions", chain.contradictions, nodes);
  if (wrong.empty()) wrong = CheckContradictions(chain.contradictions);
  if (wrong.empty()) wrong = CheckTimes(chain, record);
  if (wrong.empty()) wrong = CheckInclusions(chain);
  return wrong;
}

}  // namespace gtestnet::chain
