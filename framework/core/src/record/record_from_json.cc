// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/src/base/bounds.h"
#include "core/src/base/no_throw.h"
#include "core/src/base/read_file.h"
#include "core/src/base/status.h"
#include "core/src/record/json_pieces.h"
#include "core/src/record/record_fields.h"

namespace gtestnet {
namespace {

namespace json = boost::json;
using internal::VisitFields;

// Counts and times beyond these are nonsense, and would overflow in sums.
constexpr int64_t kLargestCount = int64_t{1} << 53;
constexpr int64_t kLongestMs = 1'000'000'000;      // eleven days
constexpr size_t kMostElementBytes = 1024 * 1024;  // of a block, a sample, … as text
constexpr size_t kMostRecordNodes = 10'000;
// The least that a topology can be given: eighteen decimals.
constexpr double kLeastCoefficient = 1e-18;

absl::string_view View(std::string_view s) { return {s.data(), s.size()}; }

// "7.25" and what from_chars does not know, as Prometheus writes it.
bool ParseDouble(std::string_view text, double& value) {
  if (text == "+Inf" || text == "-Inf") {
    value = text[0] == '+' ? std::numeric_limits<double>::infinity()
                           : -std::numeric_limits<double>::infinity();
    return true;
  }
  if (text == "NaN") {
    value = std::numeric_limits<double>::quiet_NaN();
    return true;
  }
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && rest == end && !text.empty();
}

template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};

// What is large in a record is read piece by piece, as text: an object of these is never all in
// memory as JSON.
template <class T>
constexpr bool kIsLarge = std::is_same_v<T, RunRecord> || std::is_same_v<T, ChainRecord>;

// Reads the fields of one object; keeps the first thing that is wrong, and where it is. The text is
// known to be JSON.
class Reader {
 public:
  explicit Reader(std::string& error) : error_(error) {}

  template <class T>
  void ReadLarge(std::string_view text, T& to) {
    if (text.empty() || text.front() != '{') return Fail("expected an object");
    std::vector<internal::JsonMember> members = internal::MembersOf(text);
    members_.swap(members);
    const size_t outer_known = known_.size();
    if constexpr (std::is_same_v<T, RunRecord>) known_.push_back("schema");
    VisitFields(*this, to);
    for (const internal::JsonMember& member : members_) CheckKnown(member.name, outer_known);
    known_.resize(outer_known);
    members_.swap(members);
  }

  template <class T>
  void ReadObject(const json::value& from, T& to) {
    if (!from.is_object()) return Fail("expected an object");
    const json::object* outer = object_;
    const size_t outer_known = known_.size();
    object_ = &from.get_object();
    VisitFields(*this, to);
    if (object_->size() > known_.size() - outer_known) {
      for (const json::key_value_pair& member : *object_) {
        CheckKnown({member.key().data(), member.key().size()}, outer_known);
      }
    }
    known_.resize(outer_known);
    object_ = outer;
  }

  template <class T>
  void operator()(std::string_view name, T& to) {
    if (!error_.empty()) return;
    known_.push_back(name);
    path_.push_back({name, 0});
    if (object_ == nullptr) {
      const auto from = std::find_if(members_.begin(), members_.end(),
                                     [&](const auto& member) { return member.name == name; });
      from == members_.end() ? Fail("is missing") : ReadText(from->value, to);
    } else {
      const json::value* from = object_->if_contains(json::string_view(name.data(), name.size()));
      from == nullptr ? Fail("is missing") : Read(*from, to);
    }
    path_.pop_back();
  }

  template <class T>
  void IfAny(std::string_view name, std::vector<T>& to) {
    if (!error_.empty()) return;
    const bool there = object_ == nullptr
                           ? std::any_of(members_.begin(), members_.end(),
                                         [&](const auto& member) { return member.name == name; })
                           : object_->contains(json::string_view(name.data(), name.size()));
    if (there) (*this)(name, to);
  }

 private:
  struct Step {
    std::string_view name;  // empty: an index
    size_t index;
  };

  // A member of a large object: another one, a list, which is read element by element, or a value.
  template <class T>
  void ReadText(std::string_view text, T& to) {
    if constexpr (kIsLarge<T>) {
      ReadLarge(text, to);
    } else if constexpr (IsVector<T>::value) {
      if (text.front() != '[') return Fail("expected a list");
      internal::JsonElements elements(text);
      for (std::string_view element; error_.empty() && elements.Next(element);) {
        path_.push_back({{}, to.size()});
        ReadText(element, to.emplace_back());
        path_.pop_back();
      }
    } else {
      if (text.size() > kMostElementBytes) {
        return Fail(
            absl::StrCat("has ", text.size(), " bytes; at most ", kMostElementBytes, " are read"));
      }
      json::monotonic_resource memory(room_, sizeof room_);
      const json::object* outer = std::exchange(object_, nullptr);
      Read(json::parse({text.data(), text.size()}, &memory), to);
      object_ = outer;
    }
  }
  template <class T>
  requires kIsLarge<T>
  void ReadText(std::string_view text, std::optional<T>& to) {
    if (text == "null") return to.reset();
    ReadText(text, to.emplace());
  }

  void Read(const json::value& from, bool& to) {
    if (!from.is_bool()) return Fail("expected true or false");
    to = from.get_bool();
  }
  void Read(const json::value& from, std::string& to) {
    if (!from.is_string()) return Fail("expected a string");
    to = std::string(from.get_string().data(), from.get_string().size());
  }
  void Read(const json::value& from, int64_t& to) {
    ReadWhole(from, -kLargestCount, kLargestCount, to);
  }
  void Read(const json::value& from, int& to) {
    int64_t wide = 0;
    ReadWhole(from, std::numeric_limits<int>::min(), std::numeric_limits<int>::max(), wide);
    to = static_cast<int>(wide);
  }
  void Read(const json::value& from, uint64_t& to) {
    if (from.is_uint64()) {
      to = from.get_uint64();
    } else if (from.is_int64() && from.get_int64() >= 0) {
      to = static_cast<uint64_t>(from.get_int64());
    } else {
      Fail("expected a whole number from 0 to 2^64 - 1");
    }
  }
  void Read(const json::value& from, double& to) {
    if (from.is_string() && ParseDouble({from.get_string().data(), from.get_string().size()}, to)) {
      return;
    }
    Fail("expected a number in a string, like \"0.25\" or \"+Inf\"");
  }
  void Read(const json::value& from, RunTime& to) {
    int64_t ms = 0;
    ReadWhole(from, -kLongestMs, kLongestMs, ms);
    to = RunTime(ms);
  }
  void Read(const json::value& from, NodeEventKind& to) {
    std::string name;
    Read(from, name);
    if (!error_.empty()) return;
    for (int i = 0; i <= static_cast<int>(NodeEventKind::kExited); ++i) {
      to = static_cast<NodeEventKind>(i);
      if (ToString(to) == name) return;
    }
    Fail(absl::StrCat("\"", name.substr(0, 40),
                      "\" is no event; expected started, stopped, killed, ",
                      "paused, resumed, added or exited"));
  }
  void Read(const json::value& from, ClockEventKind& to) {
    std::string name;
    Read(from, name);
    if (!error_.empty()) return;
    for (int i = 0; i <= static_cast<int>(ClockEventKind::kStopped); ++i) {
      to = static_cast<ClockEventKind>(i);
      if (ToString(to) == name) return;
    }
    Fail("expected set, suspended or stopped");
  }
  void Read(const json::value& from, OperationOutcome& to) {
    std::string name;
    Read(from, name);
    if (!error_.empty()) return;
    for (int i = 0; i <= static_cast<int>(OperationOutcome::kUnknown); ++i) {
      to = static_cast<OperationOutcome>(i);
      if (ToString(to) == name) return;
    }
    Fail(absl::StrCat("\"", name.substr(0, 40),
                      "\" is no outcome; expected ok, refused or unknown"));
  }
  template <class T>
  void Read(const json::value& from, std::optional<T>& to) {
    if (from.is_null()) return to.reset();
    Read(from, to.emplace());
  }
  template <class T>
  void Read(const json::value& from, std::vector<T>& to) {
    if (!from.is_array()) return Fail("expected a list");
    for (const json::value& element : from.get_array()) {
      path_.push_back({{}, to.size()});
      Read(element, to.emplace_back());
      path_.pop_back();
      if (!error_.empty()) return;
    }
  }
  template <class T>
  requires requires(Reader& r, T& v) { VisitFields(r, v); }
  void Read(const json::value& from, T& to) { ReadObject(from, to); }

  void ReadWhole(const json::value& from, int64_t least, int64_t most, int64_t& to) {
    if (!from.is_int64() || from.get_int64() < least || from.get_int64() > most) {
      return Fail(absl::StrCat("expected a whole number from ", least, " to ", most));
    }
    to = from.get_int64();
  }

  void CheckKnown(std::string_view key, size_t first_known) {
    const auto first = known_.begin() + static_cast<std::ptrdiff_t>(first_known);
    if (!error_.empty() || std::find(first, known_.end(), key) != known_.end()) return;
    path_.push_back({key.substr(0, 40), 0});
    Fail("is not a field of a record");
    path_.pop_back();
  }
  void Fail(std::string_view what) {
    if (!error_.empty()) return;
    std::string place;
    for (const Step& step : path_) {
      if (step.name.empty()) {
        absl::StrAppend(&place, "[", step.index, "]");
      } else {
        absl::StrAppend(&place, place.empty() ? "" : ".", View(step.name));
      }
    }
    error_ = absl::StrCat(place.empty() ? "record" : place, ": ", View(what));
  }

  std::string& error_;
  // Where fields are looked up: in an object, or, where there is none, among members as text.
  const json::object* object_ = nullptr;
  std::vector<internal::JsonMember> members_;
  unsigned char room_[16 * 1024];        // for the JSON of one element
  std::vector<std::string_view> known_;  // of this object, after those of the objects around it
  std::vector<Step> path_;
};

// ----- what contradicts itself -----

template <class T>
std::string CheckNodesAndOrder(std::string_view list, const std::vector<T>& items, size_t nodes) {
  for (size_t i = 0; i < items.size(); ++i) {
    if (items[i].node < 0 || static_cast<size_t>(items[i].node) >= nodes) {
      return absl::StrCat(View(list), "[", i, "].node: ", items[i].node,
                          " is no node of this record, which has ", nodes);
    }
    if (i > 0 && items[i].at < items[i - 1].at) {
      return absl::StrCat(View(list), "[", i, "].at_ms: ", items[i].at.count(),
                          " is before the one of the entry before it");
    }
  }
  return "";
}

std::string CheckOperations(const std::vector<Operation>& operations, size_t nodes) {
  for (size_t i = 0; i < operations.size(); ++i) {
    std::string wrong = Contradiction(operations[i], nodes);
    if (wrong.empty() && i > 0 && operations[i].begun < operations[i - 1].begun) {
      wrong = absl::StrCat("begun_ms: ", operations[i].begun.count(),
                           " is before the one of the entry before it");
    }
    if (!wrong.empty()) return absl::StrCat("operations[", i, "].", wrong);
  }
  return "";
}

bool HasNul(const std::string& name) { return name.find('\0') != name.npos; }

std::string CheckNames(const RunRecord& record) {
  for (size_t i = 0; i < record.nodes.size(); ++i) {
    if (HasNul(record.nodes[i].name) || HasNul(record.nodes[i].role)) {
      return absl::StrCat("nodes[", i, "]: its name or role has a NUL character");
    }
  }
  for (size_t i = 0; i < record.workloads.size(); ++i) {
    if (HasNul(record.workloads[i].name)) {
      return absl::StrCat("workloads[", i, "].name: has a NUL character");
    }
  }
  return "";
}

std::string CheckNodes(const RunRecord& record) {
  const size_t count = record.nodes.size();
  if (count > kMostRecordNodes) return absl::StrCat("nodes: more than ", kMostRecordNodes);
  for (size_t i = 0; i < count; ++i) {
    for (NodeIndex neighbour : record.nodes[i].neighbours) {
      if (neighbour < 0 || static_cast<size_t>(neighbour) >= count ||
          static_cast<size_t>(neighbour) == i) {
        return absl::StrCat("nodes[", i, "].neighbours: ", neighbour,
                            " is no other node of this record, which has ", count);
      }
    }
  }
  return "";
}

bool IsCoefficient(double f) { return f >= kLeastCoefficient && f <= 1; }

std::string CheckParameters(const ChainParameters& parameters) {
  const Pace& pace = parameters.pace;
  if (pace.slot.count() <= 0) return "chain.parameters.pace.slot_ms: must be positive";
  if (!IsCoefficient(pace.active_slot_coefficient)) {
    return "chain.parameters.pace.active_slot_coefficient: must be from 1e-18 to 1";
  }
  if (pace.slots_per_epoch <= 0) return "chain.parameters.pace.slots_per_epoch: must be positive";
  double f = 0;
  if (!ParseDouble(parameters.active_slot_coefficient, f) || !IsCoefficient(f)) {
    return "chain.parameters.active_slot_coefficient: must be a decimal from 1e-18 to 1";
  }
  if (parameters.security_parameter <= 0) {
    return "chain.parameters.security_parameter: must be positive";
  }
  return "";
}

std::string CheckBlocks(const ChainRecord& chain, size_t nodes) {
  std::unordered_map<std::string_view, int64_t> heights;
  heights.reserve(chain.blocks.size() + 1);
  heights.emplace(chain.parameters.genesis, 0);
  for (size_t i = 0; i < chain.blocks.size(); ++i) {
    const BlockRecord& block = chain.blocks[i];
    const auto at = [i](const char* field) { return absl::StrCat("chain.blocks[", i, "]", field); };
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
    return absl::StrCat("chain.", View(list), "[", i, "].node: ", items[i].node,
                        " is no node of this record, which has ", nodes);
  }
  return "";
}

std::string CheckBlobs(const std::vector<BlobRecord>& blobs, size_t nodes) {
  for (size_t i = 0; i < blobs.size(); ++i) {
    if (!blobs[i].retrieval) continue;
    const NodeIndex node = blobs[i].retrieval->node;
    if (node >= 0 && static_cast<size_t>(node) < nodes) continue;
    return absl::StrCat("chain.blobs[", i, "].retrieval.node: ", node,
                        " is no node of this record, which has ", nodes);
  }
  return "";
}

std::string CheckSights(const ChainRecord& chain, size_t nodes) {
  for (size_t i = 0; i < chain.transactions.size(); ++i) {
    const TransactionRecord& t = chain.transactions[i];
    const auto at = [i](const char* field) {
      return absl::StrCat("chain.transactions[", i, "]", field);
    };
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

std::string Contradiction(const RunRecord& record) {
  const size_t nodes = record.nodes.size();
  if (record.ended < record.begun) return "ended_ms: is before begun_ms";
  if (record.closed < record.ended) return "closed_ms: is before ended_ms";
  std::string wrong = CheckNodes(record);
  if (wrong.empty()) wrong = CheckNames(record);
  if (wrong.empty()) wrong = CheckNodesAndOrder("events", record.events, nodes);
  if (wrong.empty()) wrong = CheckNodesAndOrder("samples", record.samples, nodes);
  if (wrong.empty()) wrong = CheckNodesAndOrder("metrics", record.metrics, nodes);
  if (wrong.empty()) wrong = CheckNodesAndOrder("faults", record.faults, nodes);
  if (wrong.empty()) wrong = CheckOperations(record.operations, nodes);
  if (!record.chain) return wrong;
  if (wrong.empty()) wrong = CheckParameters(record.chain->parameters);
  if (wrong.empty()) wrong = CheckBlocks(*record.chain, nodes);
  const ChainRecord& chain = *record.chain;
  if (wrong.empty()) wrong = CheckSubmissions("transactions", chain.transactions, nodes);
  if (wrong.empty()) wrong = CheckSights(chain, nodes);
  if (wrong.empty()) wrong = CheckSubmissions("inscriptions", chain.inscriptions, nodes);
  if (wrong.empty()) wrong = CheckSubmissions("blobs", chain.blobs, nodes);
  if (wrong.empty()) wrong = CheckBlobs(chain.blobs, nodes);
  return wrong;
}

absl::Status Invalid(std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("run record: ", View(what)));
}

std::string LineAndColumn(std::string_view text, size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const size_t newline = before.rfind('\n');
  const size_t column =
      newline == std::string_view::npos ? before.size() : before.size() - newline - 1;
  return absl::StrCat("line ", line, ", column ", column + 1);
}

// What is wrong with the text as JSON, or "".
std::string Malformed(std::string_view text) {
  const internal::JsonFault fault = internal::CheckJson(text);
  if (fault.kind == internal::JsonFault::Kind::kNone) return "";
  if (fault.kind == internal::JsonFault::Kind::kCutShort) {
    return absl::StrCat("is cut short at ", LineAndColumn(text, text.size()));
  }
  return absl::StrCat(LineAndColumn(text, fault.offset), ": ", fault.what);
}

absl::StatusOr<RunRecord> Parse(std::string_view text) {
  if (const std::string wrong = Malformed(text); !wrong.empty()) return Invalid(wrong);
  text = text.substr(text.find_first_not_of(" \t\r\n"));
  if (text.front() != '{') return Invalid("expected an object");
  std::string_view schema;
  for (const internal::JsonMember& member : internal::MembersOf(text)) {
    if (member.name == "schema") schema = member.value;
  }
  if (schema.empty()) return Invalid("schema: is missing, so this is no run record");
  if (schema != absl::StrCat(RunRecord::kSchema)) {
    return Invalid(absl::StrCat("schema: is ", View(schema.substr(0, 40)),
                                ", and this program reads ", RunRecord::kSchema));
  }
  RunRecord record;
  std::string error;
  Reader(error).ReadLarge(text, record);
  if (error.empty()) error = Contradiction(record);
  if (!error.empty()) return Invalid(error);
  return record;
}

}  // namespace

absl::StatusOr<RunRecord> RunRecord::FromJson(std::string_view text) {
  return NoThrow([text] { return Parse(text); }, "run record");
}

absl::StatusOr<RunRecord> RunRecord::FromFile(const std::string& path) {
  absl::StatusOr<std::string> text = base::ReadFile(path, base::kMostRecordFileBytes);
  if (!text.ok()) return text.status();
  absl::StatusOr<RunRecord> record = FromJson(*text);
  if (!record.ok()) return Annotate(record.status(), path);
  return record;
}

}  // namespace gtestnet
