// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/src/base/bounds.h"
#include "core/src/base/no_throw.h"
#include "core/src/base/read_file.h"
#include "core/src/base/status.h"
#include "core/src/record/json_pieces.h"
#include "core/src/record/record_reader.h"
#include "core/src/record/sections.h"
#include "gtestnet/record.h"

namespace gtestnet {
namespace {

constexpr size_t kMostRecordNodes = 10'000;
// Is still read.
constexpr int kSchemaBefore = 2;

absl::string_view View(std::string_view s) { return {s.data(), s.size()}; }

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
  const bool old = schema == absl::StrCat(kSchemaBefore);
  if (!old && schema != absl::StrCat(RunRecord::kSchema)) {
    return Invalid(absl::StrCat("schema: is ", View(schema.substr(0, 40)),
                                ", and this program reads ", RunRecord::kSchema));
  }
  RunRecord record;
  std::string error;
  std::vector<internal::JsonMember> sections;
  internal::RecordReader(error, old).ReadLarge(text, record, &sections);
  if (error.empty()) error = Contradiction(record);
  if (error.empty()) error = internal::ReadSections(sections, record);
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
