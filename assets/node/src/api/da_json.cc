// SPDX-License-Identifier: Apache-2.0
#include "api/da_json.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "api/json_reader.h"
#include "api/json_writer.h"

namespace gtestnet::node {
namespace {

using internal::In;
using internal::ReadText;

constexpr std::size_t kMaxData = 16 * 1024 * 1024;  // the body's bound comes before
constexpr std::size_t kMaxBlobs = 1024;
constexpr std::size_t kMaxColumnNumber = 65535;

BlobId ReadBlobId(const In& in) {
  BlobId blob;
  in.Fill(blob.bytes);
  return blob;
}

BlobId ReadBlobOf(const In& in) {
  const boost::json::object* object = in.value().if_object();
  if (object != nullptr && object->contains("session")) {
    const In session = in.Field("session");
    if (session.Number() != 0) session.Fail("must be 0: there are no sessions");
  }
  return ReadBlobId(in.Field("blob_id"));
}

std::size_t ReadColumn(const In& in) {
  std::array<std::uint8_t, 2> bytes{};
  in.Fill(bytes);
  return bytes[0] + std::size_t{256} * bytes[1];
}

std::size_t ReadNumberedColumn(const In& in) {
  const std::uint64_t column = in.Number();
  if (column >= kColumns) in.Fail(absl::StrCat("must be less than ", kColumns));
  return column;
}

Share ReadShare(const In& in) {
  Share share;
  share.column = static_cast<std::uint8_t>(ReadNumberedColumn(in.Field("share_idx")));
  const In column = in.Field("column");
  std::size_t at = 0;
  column.List(kElementsPerColumn, [&](const In& element) {
    element.Fill(std::span(share.cell).subspan(at, kElementBytes));
    at += kElementBytes;
  });
  if (at != share.cell.size()) {
    column.Fail(absl::StrCat("must have ", kElementsPerColumn, " elements"));
  }
  // 48 bytes, and, as the real node has it, one of 0 behind them.
  std::array<std::uint8_t, 49> proof{};
  const In field = in.Field("combined_column_proof");
  field.Fill(proof);
  std::copy_n(proof.begin(), share.proof.size(), share.proof.begin());
  return share;
}

}  // namespace

absl::StatusOr<DisperseBody> ParseDisperse(std::string_view text) {
  return ReadText(text, [](const In& in) {
    DisperseBody body;
    body.channel = in.Field("channel_id").HashValue();
    body.parent = in.Field("parent_msg_id").HashValue();
    in.Field("signer").HashValue();
    body.data = in.Field("data").ByteArray(kMaxData);
    return body;
  });
}

absl::StatusOr<BlobId> ParseBlobId(std::string_view text) {
  return ReadText(text, [](const In& in) { return ReadBlobOf(in); });
}

absl::StatusOr<ShareBody> ParseShareRequest(std::string_view text) {
  return ReadText(text, [](const In& in) {
    return ShareBody{ReadBlobOf(in), ReadColumn(in.Field("share_idx"))};
  });
}

absl::StatusOr<SamplingBody> ParseSampling(std::string_view text) {
  return ReadText(text, [](const In& in) {
    SamplingBody body;
    body.blob = ReadBlobOf(in);
    ColumnSet seen;
    in.Field("requested_shares").List(kMaxColumnNumber, [&](const In& item) {
      const std::size_t column = ReadColumn(item);
      if (column >= kColumns || seen.test(column)) return;
      seen.set(column);
      body.requested.push_back(column);
    });
    in.Field("filter_shares").List(kMaxColumnNumber, [&](const In& item) {
      const std::size_t column = ReadColumn(item);
      if (column < kColumns) body.filter.set(column);
    });
    const In all = in.Field("return_available");
    if (!all.value().is_bool()) all.Fail("must be true or false");
    body.all = all.value().get_bool();
    return body;
  });
}

absl::StatusOr<NewShare> ParseNewShare(std::string_view text) {
  return ReadText(text, [](const In& in) {
    NewShare body;
    body.share = ReadShare(in);
    const In rows = in.Field("rows_commitments");
    std::size_t count = 0;
    rows.List(1, [&](const In& row) {
      row.Fill(body.commitment);
      ++count;
    });
    if (count != 1) rows.Fail("must have 1 element");
    return body;
  });
}

absl::StatusOr<HistoricBody> ParseHistoric(std::string_view text) {
  return ReadText(text, [](const In& in) {
    HistoricBody body;
    body.block = in.Field("block_id").HashValue();
    in.Field("blob_ids").List(kMaxBlobs, [&](const In& pair) {
      BlobId blob;
      std::uint64_t session = 0;
      std::size_t count = 0;
      pair.List(2, [&](const In& item) {
        if (count++ == 0) {
          blob = ReadBlobId(item);
        } else {
          session = item.Number();
        }
      });
      if (count != 2) pair.Fail("must be a blob id and a session");
      body.blobs.emplace_back(blob, session);
    });
    return body;
  });
}

absl::StatusOr<std::string> ParseText(std::string_view text) {
  return ReadText(text, [](const In& in) {
    const boost::json::string* value = in.value().if_string();
    if (value == nullptr) in.Fail("must be a string");
    return std::string(value->data(), value->size());
  });
}

absl::StatusOr<std::uint64_t> ParseNumber(std::string_view text) {
  return ReadText(text, [](const In& in) { return in.Number(); });
}

std::string BlobIdJson(const BlobId& blob) {
  std::string out;
  AppendBytes(out, blob.span());
  return out;
}

std::string CommitmentJson(const Commitment& commitment) {
  std::string out = "{\"rows_commitments\":[";
  AppendBytes(out, commitment);
  out += "]}";
  return out;
}

std::string ShareJson(const Share& share) {
  std::string out = "{\"column\":[";
  for (std::size_t at = 0; at < share.cell.size(); at += kElementBytes) {
    if (at > 0) out += ',';
    AppendBytes(out, ByteSpan(share.cell).subspan(at, kElementBytes));
  }
  absl::StrAppend(&out, "],\"share_idx\":", share.column, ",\"combined_column_proof\":");
  AppendBytes(out, share.proof);
  out.back() = ',';  // the list goes on
  out += "0]}";
  return out;
}

std::string ReconstructedJson(const Reconstructed& blob) {
  std::string out = absl::StrCat("{\"columns\":", blob.columns, ",\"data\":");
  AppendBytes(out, blob.data);
  out += '}';
  return out;
}

// Identifiers have nothing that needs escaping, but a name that was blocked may be any.
std::string NamesJson(const std::vector<std::string>& names) {
  boost::json::array array;
  for (const std::string& name : names) array.emplace_back(name);
  return boost::json::serialize(array);
}

std::string BalancesJson(const std::array<Balance, kColumns>& balances) {
  std::string out = "{";
  for (std::size_t i = 0; i < balances.size(); ++i) {
    absl::StrAppend(&out, i > 0 ? "," : "", "\"", i, "\":{\"inbound\":", balances[i].inbound,
                    ",\"outbound\":", balances[i].outbound, "}");
  }
  return out + "}";
}

std::string FailuresJson(const std::map<std::string, FailureRates>& failures) {
  boost::json::object object;
  for (const auto& [name, rates] : failures) {
    object[name] = {{"dispersal_failure_rate", rates.dispersal},
                    {"sampling_failure_rate", rates.sampling},
                    {"replication_failure_rate", 0}};
  }
  return boost::json::serialize(object);
}

std::string MembershipJson(const std::vector<PeerConfig>& members, const Placement& placement) {
  boost::json::object assignations, addresses;
  for (std::size_t column = 0; column < kColumns; ++column) {
    boost::json::array holders;
    for (const std::size_t member : placement.HoldersOf(column)) {
      holders.emplace_back(members[member].identifier);
    }
    assignations[absl::StrCat(column)] = std::move(holders);
  }
  for (const PeerConfig& member : members) {
    const Address& address = member.address;
    const char* kind = address.host.find(':') != std::string::npos ? "ip6"
                       : address.IsSpecific()                      ? "ip4"
                                                                   : "dns4";
    addresses[member.identifier] =
        absl::StrCat("/", kind, "/", address.host, "/tcp/", address.port);
  }
  return boost::json::serialize(
      boost::json::object{{"assignations", assignations}, {"addressbook", addresses}});
}

}  // namespace gtestnet::node
