// SPDX-License-Identifier: Apache-2.0
// The section "chain" of a record.
#include "gtestnet/record_section.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chain/src/record_fields.h"
#include "core/src/base/status.h"
#include "core/src/record/record_reader.h"
#include "core/src/record/record_writer.h"
#include "gtestnet/chain/record.h"

namespace gtestnet {

template <>
inline constexpr bool internal::kIsSmall<chain::NoteRecord> = true;

namespace chain {
namespace {

constexpr std::string_view kName = "chain";
// The least that a topology can be given: eighteen decimals.
constexpr double kLeastCoefficient = 1e-18;

class ChainSection final : public RecordSection {
 public:
  ChainSection() = default;
  explicit ChainSection(ChainRecord chain) : chain_(std::move(chain)) {}

  ChainRecord& chain() { return chain_; }
  const ChainRecord& chain() const { return chain_; }

  std::unique_ptr<RecordSection> Clone() const override {
    return std::make_unique<ChainSection>(chain_);
  }
  bool Equals(const RecordSection& other) const override {
    const auto* that = dynamic_cast<const ChainSection*>(&other);
    return that != nullptr && that->chain_ == chain_;
  }
  std::string ToJson() const override {
    internal::RecordWriter writer(1);
    writer.WriteObject(chain_);
    return writer.Take();
  }
  std::string Summary() const override {
    return absl::StrCat(chain_.blocks.size(), " blocks, ", chain_.transactions.size(),
                        " transactions");
  }
  std::optional<Pace> pace() const override { return chain_.parameters.pace; }

 private:
  ChainRecord chain_;
};

// ----- what contradicts itself -----

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
  if (parameters.security_parameter <= 0) {
    return "parameters.security_parameter: must be positive";
  }
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

std::string CheckBlobs(const std::vector<BlobRecord>& blobs, size_t nodes) {
  for (size_t i = 0; i < blobs.size(); ++i) {
    if (!blobs[i].retrieval) continue;
    const NodeIndex node = blobs[i].retrieval->node;
    if (node >= 0 && static_cast<size_t>(node) < nodes) continue;
    return absl::StrCat("blobs[", i, "].retrieval.node: ", node,
                        " is no node of this record, which has ", nodes);
  }
  return "";
}

std::string CheckSights(const ChainRecord& chain, size_t nodes) {
  for (size_t i = 0; i < chain.transactions.size(); ++i) {
    const TransactionRecord& t = chain.transactions[i];
    const auto at = [i](const char* field) { return absl::StrCat("transactions[", i, "]", field); };
    if (t.seen_by < 0 || static_cast<size_t>(t.seen_by) > nodes) {
      return absl::StrCat(at(".seen_by: "), t.seen_by, " of the ", nodes, " nodes of this record");
    }
    const bool seen = t.seen_by > 0;
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

std::string CheckContradictions(const std::vector<ContradictionRecord>& list) {
  for (size_t i = 0; i < list.size(); ++i) {
    if (list[i].until < list[i].since) {
      return absl::StrCat("contradictions[", i, "].until_ms: is before since_ms");
    }
    if (list[i].looks < 1) return absl::StrCat("contradictions[", i, "].looks: must be positive");
  }
  return "";
}

std::string Contradiction(const ChainRecord& chain, size_t nodes) {
  std::string wrong = CheckParameters(chain.parameters);
  if (wrong.empty()) wrong = CheckBlocks(chain, nodes);
  if (wrong.empty()) wrong = CheckSubmissions("transactions", chain.transactions, nodes);
  if (wrong.empty()) wrong = CheckSights(chain, nodes);
  if (wrong.empty()) wrong = CheckSubmissions("inscriptions", chain.inscriptions, nodes);
  if (wrong.empty()) wrong = CheckSubmissions("blobs", chain.blobs, nodes);
  if (wrong.empty()) wrong = CheckBlobs(chain.blobs, nodes);
  if (wrong.empty()) wrong = CheckSubmissions("contradictions", chain.contradictions, nodes);
  if (wrong.empty()) wrong = CheckContradictions(chain.contradictions);
  return wrong;
}

absl::StatusOr<std::unique_ptr<RecordSection>> Read(std::string_view json,
                                                    const RunRecord& record) {
  auto section = std::make_unique<ChainSection>();
  std::string error;
  internal::RecordReader(error).ReadLarge(json, section->chain());
  if (error.empty()) error = Contradiction(section->chain(), record.nodes.size());
  if (!error.empty()) return InvalidArgument(error);
  return section;
}

}  // namespace

const ChainRecord* ChainOf(const RunRecord& record) {
  const auto* section = dynamic_cast<const ChainSection*>(record.sections.Find(kName));
  return section == nullptr ? nullptr : &section->chain();
}

ChainRecord& MutableChainOf(RunRecord& record) {
  auto* section = dynamic_cast<ChainSection*>(record.sections.Find(kName));
  if (section == nullptr) {
    auto made = std::make_unique<ChainSection>();
    section = made.get();
    record.sections.Set(kName, std::move(made));
  }
  return section->chain();
}

bool HasUnreadChain(const RunRecord& record) {
  return record.sections.Find(kName) != nullptr && ChainOf(record) == nullptr;
}

void RegisterRecord() {
  static const absl::Status done = RegisterRecordSection(std::string(kName), Read);
  static_cast<void>(done);
}

}  // namespace chain
}  // namespace gtestnet
