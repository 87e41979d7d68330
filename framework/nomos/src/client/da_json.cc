// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/client/da_json.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/src/base/hash.h"
#include "nomos/src/client/answer.h"

namespace gtestnet::nomos {
namespace {

constexpr size_t kElements = 64;
constexpr size_t kElementBytes = 32;
constexpr size_t kPointBytes = 48;
constexpr size_t kMostNames = 10'000;

std::string Text(json::string_view text) { return std::string(text.data(), text.size()); }

std::string Sized(Answer& answer, const json::value& value, std::string_view what, size_t size) {
  std::string bytes = answer.Bytes(value, what, size);
  if (bytes.size() != size) {
    answer.Fail(absl::StrCat("\"", ToAbsl(what), "\" does not have ", size, " bytes"));
  }
  return bytes;
}

int ReadColumn(Answer& answer, std::string_view text) {
  int column = -1;
  if (!absl::SimpleAtoi(ToAbsl(text), &column) || column < 0 || column >= kBlobColumns) {
    answer.Fail(absl::StrCat("\"", ToAbsl(text.substr(0, 40)), "\" is not the number of a column"));
  }
  return column;
}

Share ReadShare(Answer& answer, const json::value& value) {
  const json::object& object = answer.Object(value, "a share");
  Share share;
  const int64_t column = answer.Number(object, "share_idx");
  if (column >= kBlobColumns) answer.Fail("\"share_idx\" is above 127");
  share.column = static_cast<int>(column);
  const json::array& elements = answer.Array(answer.Field(object, "column"), "column", kElements);
  if (elements.size() != kElements) answer.Fail("\"column\" does not have 64 elements");
  for (const json::value& element : elements) {
    share.cell += Sized(answer, element, "column", kElementBytes);
  }
  // A zero follows the point.
  share.proof = Sized(answer, answer.Field(object, "combined_column_proof"),
                      "combined_column_proof", kPointBytes + 1);
  if (answer.ok()) share.proof.pop_back();
  return share;
}

double ReadRate(Answer& answer, const json::object& object, std::string_view name) {
  json::error_code error;
  const double rate = answer.Field(object, name).to_number<double>(error);
  if (error) answer.Fail(absl::StrCat("\"", ToAbsl(name), "\" is not a number"));
  return rate;
}

}  // namespace

std::string NumberList(std::string_view bytes) {
  std::string text = "[";
  text.reserve(4 * bytes.size() + 2);
  for (char byte : bytes) {
    absl::StrAppend(&text, text.size() > 1 ? "," : "", int{static_cast<unsigned char>(byte)});
  }
  return text + "]";
}

std::string IdNumbers(std::string_view id) {
  const base::Hash32 hash = base::ParseHash(id).value_or(base::Hash32{});
  return NumberList(std::string_view(reinterpret_cast<const char*>(hash.data()), hash.size()));
}

std::string ColumnJson(int column) {
  return absl::StrCat("[", column & 255, ",", (column >> 8) & 255, "]");
}

std::string ToJson(const Share& share, std::string_view commitment) {
  std::string elements;
  for (size_t at = 0; at < share.cell.size(); at += kElementBytes) {
    absl::StrAppend(&elements, at == 0 ? "" : ",",
                    NumberList(std::string_view(share.cell).substr(at, kElementBytes)));
  }
  return absl::StrCat(R"({"column":[)", elements, R"(],"share_idx":)", share.column,
                      R"(,"combined_column_proof":)", NumberList(share.proof + '\0'),
                      R"(,"rows_commitments":[)", NumberList(commitment), "]}");
}

absl::StatusOr<std::string> ParseBlobId(std::string_view body) {
  Answer answer(body);
  const base::Hash32 id = answer.NumberHash(answer.root(), "the blob's id");
  return Checked(answer, base::ToHex(id));
}

absl::StatusOr<std::optional<std::string>> ParseCommitment(std::string_view body) {
  Answer answer(body);
  if (answer.ok() && answer.root().is_null()) return std::nullopt;
  const json::object& object = answer.Object(answer.root(), "it");
  const json::array& rows =
      answer.Array(answer.Field(object, "rows_commitments"), "rows_commitments", 1);
  if (rows.size() != 1) answer.Fail("\"rows_commitments\" is empty");
  if (!answer.ok()) return answer.status();
  std::string commitment = Sized(answer, rows[0], "rows_commitments", kPointBytes);
  return Checked(answer, std::make_optional(std::move(commitment)));
}

absl::StatusOr<std::optional<Share>> ParseShare(std::string_view body) {
  Answer answer(body);
  if (answer.ok() && answer.root().is_null()) return std::nullopt;
  Share share = ReadShare(answer, answer.root());
  return Checked(answer, std::make_optional(std::move(share)));
}

absl::StatusOr<std::vector<Share>> ParseShareLines(std::string_view body) {
  std::vector<Share> shares;
  for (absl::string_view line : absl::StrSplit(ToAbsl(body), '\n', absl::SkipWhitespace())) {
    Answer answer(std::string_view(line.data(), line.size()));
    shares.push_back(ReadShare(answer, answer.root()));
    if (shares.size() > static_cast<size_t>(kBlobColumns)) answer.Fail("it has over 128 shares");
    if (!answer.ok()) return answer.status();
  }
  return shares;
}

absl::StatusOr<std::optional<Reconstruction>> ParseReconstruction(std::string_view body) {
  Answer answer(body);
  if (answer.ok() && answer.root().is_null()) return std::nullopt;
  const json::object& object = answer.Object(answer.root(), "it");
  Reconstruction result;
  result.columns = answer.Count(object, "columns");
  result.data = Sized(answer, answer.Field(object, "data"), "data", kMostBlobBytes);
  return Checked(answer, std::make_optional(std::move(result)));
}

absl::StatusOr<bool> ParseBool(std::string_view body) {
  Answer answer(body);
  const bool* value = answer.root().if_bool();
  if (value == nullptr) answer.Fail("it is neither true nor false");
  return Checked(answer, value != nullptr && *value);
}

absl::StatusOr<std::vector<std::string>> ParseNames(std::string_view body) {
  Answer answer(body);
  std::vector<std::string> names;
  for (const json::value& name : answer.Array(answer.root(), "it", kMostNames)) {
    names.push_back(answer.Text(name, "a peer"));
  }
  return Checked(answer, std::move(names));
}

absl::StatusOr<std::map<int, ColumnPeers>> ParseBalancer(std::string_view body) {
  Answer answer(body);
  std::map<int, ColumnPeers> columns;
  for (const auto& [key, value] : answer.Object(answer.root(), "it")) {
    const json::object& counts = answer.Object(value, "the peers of a column");
    columns[ReadColumn(answer, Text(key))] = {answer.Count(counts, "inbound"),
                                              answer.Count(counts, "outbound")};
  }
  return Checked(answer, std::move(columns));
}

absl::StatusOr<std::map<std::string, PeerFailures>> ParseMonitor(std::string_view body) {
  Answer answer(body);
  std::map<std::string, PeerFailures> peers;
  for (const auto& [key, value] : answer.Object(answer.root(), "it")) {
    const json::object& rates = answer.Object(value, "the failures of a peer");
    peers[Text(key)] = {ReadRate(answer, rates, "dispersal_failure_rate"),
                        ReadRate(answer, rates, "sampling_failure_rate"),
                        ReadRate(answer, rates, "replication_failure_rate")};
  }
  return Checked(answer, std::move(peers));
}

absl::StatusOr<DaMembership> ParseMembership(std::string_view body) {
  Answer answer(body);
  const json::object& object = answer.Object(answer.root(), "it");
  DaMembership membership;
  for (const auto& [key, value] :
       answer.Object(answer.Field(object, "assignations"), "assignations")) {
    std::vector<std::string>& names = membership.holders[ReadColumn(answer, Text(key))];
    for (const json::value& name : answer.Array(value, "the holders of a column", kMostNames)) {
      names.push_back(answer.Text(name, "a holder"));
    }
  }
  for (const auto& [key, value] :
       answer.Object(answer.Field(object, "addressbook"), "addressbook")) {
    membership.addresses[Text(key)] = answer.Text(value, "addressbook");
  }
  return Checked(answer, std::move(membership));
}

}  // namespace gtestnet::nomos
