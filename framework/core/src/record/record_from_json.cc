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
#include "core/src/record/contradiction.h"
#include "core/src/record/json_pieces.h"
#include "core/src/record/record_reader.h"
#include "core/src/record/sections.h"
#include "gtestnet/record.h"

namespace gtestnet {
namespace {

// Is still read.
constexpr int kSchemaBefore = 2;

absl::string_view View(std::string_view s) { return {s.data(), s.size()}; }

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
  if (error.empty()) error = SectionContradiction(record);
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
