// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <limits>
#include <string>
#include <string_view>
#include <unordered_map>

#include "absl/strings/str_cat.h"
#include "src/observe/record_fields.h"

namespace gtestnet {
namespace {

namespace json = boost::json;
using internal::VisitFields;

// Counts and times beyond these are nonsense, and would overflow in sums.
constexpr int64_t kLargestCount = int64_t{1} << 53;
constexpr int64_t kLongestMs = 1'000'000'000;  // eleven days
constexpr size_t kMostNodes = 100'000;

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

// Reads the fields of one object; keeps the first thing that is wrong, and where it is.
class Reader {
 public:
  explicit Reader(std::string& error) : error_(error) {}

  template <class T>
  void ReadObject(const json::value& from, T& to) {
    if (!from.is_object()) return Fail("expected an object");
    const json::object* outer = object_;
    const size_t outer_known = known_.size();
    object_ = &from.get_object();
    if constexpr (std::is_same_v<T, RunRecord>) known_.push_back("schema");
    VisitFields(*this, to);
    if (error_.empty() && object_->size() > known_.size() - outer_known) FailUnknown(outer_known);
    known_.resize(outer_known);
    object_ = outer;
  }

  template <class T>
  void operator()(std::string_view name, T& to) {
    if (!error_.empty()) return;
    known_.push_back(name);
    const json::value* from = object_->if_contains(json::string_view(name.data(), name.size()));
    path_.push_back({name, 0});
    if (from == nullptr) {
      Fail("is missing");
    } else {
      Read(*from, to);
    }
    path_.pop_back();
  }

 private:
  struct Step {
    std::string_view name;  // empty: an index
    size_t index;
  };

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
  template <class T>
  void Read(const json::value& from, std::optional<T>& to) {
    if (from.is_null()) return to.reset();
    Read(from, to.emplace());
  }
  template <class T>
  void Read(const json::value& from, std::vector<T>& to) {
    if (!from.is_array()) return Fail("expected a list");
    const json::array& list = from.get_array();
    to.resize(list.size());
    for (size_t i = 0; i < list.size() && error_.empty(); ++i) {
      path_.push_back({{}, i});
      Read(list[i], to[i]);
      path_.pop_back();
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

  void FailUnknown(size_t first_known) {
    for (const json::key_value_pair& member : *object_) {
      const std::string_view key(member.key().data(), member.key().size());
      if (std::find(known_.begin() + static_cast<std::ptrdiff_t>(first_known), known_.end(), key) ==
          known_.end()) {
        path_.push_back({key.substr(0, 40), 0});
        Fail("is not a field of a record");
        path_.pop_back();
        return;
      }
    }
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
  const json::object* object_ = nullptr;
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

std::string CheckNodes(const RunRecord& record) {
  const size_t count = record.nodes.size();
  if (count > kMostNodes) return absl::StrCat("nodes: more than ", kMostNodes);
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

std::string CheckParameters(const ChainParameters& parameters) {
  const Pace& pace = parameters.pace;
  if (pace.slot.count() <= 0) return "chain.parameters.pace.slot_ms: must be positive";
  if (!(pace.active_slot_coefficient > 0 && pace.active_slot_coefficient <= 1)) {
    return "chain.parameters.pace.active_slot_coefficient: must be in (0, 1]";
  }
  if (pace.slots_per_epoch <= 0) return "chain.parameters.pace.slots_per_epoch: must be positive";
  double f = 0;
  if (!ParseDouble(parameters.active_slot_coefficient, f) || !(f > 0 && f <= 1)) {
    return "chain.parameters.active_slot_coefficient: must be a decimal in (0, 1]";
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
  if (wrong.empty()) wrong = CheckNodesAndOrder("events", record.events, nodes);
  if (wrong.empty()) wrong = CheckNodesAndOrder("samples", record.samples, nodes);
  if (wrong.empty()) wrong = CheckNodesAndOrder("metrics", record.metrics, nodes);
  if (wrong.empty()) wrong = CheckNodesAndOrder("faults", record.faults, nodes);
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

absl::StatusOr<json::value> Parse(std::string_view text) {
  try {
    // Read once and thrown away as a whole.
    json::parser parser(json::make_shared_resource<json::monotonic_resource>());
    json::error_code error;
    const size_t read = parser.write_some(text.data(), text.size(), error);
    if (error == json::error::incomplete) {
      return Invalid(absl::StrCat("is cut short at ", LineAndColumn(text, text.size())));
    }
    if (error) return Invalid(absl::StrCat(LineAndColumn(text, read), ": ", error.message()));
    const size_t rest = text.find_first_not_of(" \t\r\n", read);
    if (rest != std::string_view::npos) {
      return Invalid(absl::StrCat(LineAndColumn(text, rest), ": more after the end of the record"));
    }
    return parser.release();
  } catch (const std::exception& e) {
    return Invalid(e.what());
  }
}

}  // namespace

absl::StatusOr<RunRecord> RunRecord::FromJson(std::string_view text) {
  absl::StatusOr<json::value> parsed = Parse(text);
  if (!parsed.ok()) return parsed.status();
  if (!parsed->is_object()) return Invalid("expected an object");
  const json::value* schema = parsed->get_object().if_contains("schema");
  if (schema == nullptr) return Invalid("schema: is missing, so this is no run record");
  if (!schema->is_int64() || schema->get_int64() != kSchema) {
    return Invalid(absl::StrCat("schema: is ", json::serialize(*schema).substr(0, 40),
                                ", and this program reads ", kSchema));
  }
  RunRecord record;
  std::string error;
  Reader(error).ReadObject(*parsed, record);
  if (error.empty()) error = Contradiction(record);
  if (!error.empty()) return Invalid(error);
  return record;
}

}  // namespace gtestnet
