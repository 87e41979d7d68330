// SPDX-License-Identifier: Apache-2.0
#include "liar/lies.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace gtestnet::liar {
namespace {

namespace json = boost::json;

constexpr std::string_view kInfo = "/cryptarchia/info";
constexpr std::string_view kBlockStream = "/cryptarchia/blocks/stream";
constexpr std::string_view kFinalityStream = "/cryptarchia/lib-stream";
constexpr std::string_view kHeaders = "/cryptarchia/headers";
constexpr std::string_view kBlocks = "/cryptarchia/blocks";
constexpr std::string_view kBlock = "/storage/block";
constexpr std::string_view kMempool = "/mantle/metrics";
constexpr std::string_view kStatus = "/mantle/status";
constexpr std::string_view kNetwork = "/network/info";
constexpr std::string_view kMetrics = "/metrics";

// The id of nothing.
constexpr char kNoBlock[] = "feedfeedfeedfeedfeedfeedfeedfeedfeedfeedfeedfeedfeedfeedfeedfeed";

// ----- what can be done to JSON -----

int64_t NumberIn(const json::value& value, const char* field) {
  const json::object* object = value.if_object();
  const json::value* number = object == nullptr ? nullptr : object->if_contains(field);
  return number != nullptr && number->is_int64() ? number->get_int64() : -1;
}

void Add(json::value& to, const char* field, int64_t n) {
  to.as_object()[field] = std::max<int64_t>(NumberIn(to, field) + n, 0);
}

json::object& HeaderOf(json::value& block) { return block.as_object()["header"].as_object(); }

// One letter of the id is another.
void Forge(json::value& id) {
  std::string text(id.as_string());
  text.back() = text.back() == '0' ? '1' : '0';
  id = text;
}

// ----- what can be done to metrics -----

// Each line of that series, or of all that end so, gets what `change` makes of its value.
template <class Change>
void ChangeValues(std::string& text, std::string_view suffix, Change change) {
  std::string out;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const size_t space = line.rfind(' ');
    const std::string_view series(line.data(), space == absl::string_view::npos ? 0 : space);
    if (!line.empty() && line.front() != '#' && series.ends_with(suffix)) {
      double value = 0;
      std::from_chars(line.data() + space + 1, line.data() + line.size(), value);
      absl::StrAppend(&out, absl::string_view(series.data(), series.size()), " ", change(value),
                      "\n");
    } else {
      absl::StrAppend(&out, line, "\n");
    }
  }
  out.pop_back();
  text = std::move(out);
}

void AddToMetric(std::string& text, std::string_view series, int64_t n) {
  ChangeValues(text, series, [n](double value) { return value + static_cast<double>(n); });
}

// ----- the lies -----

using ChangeJson = void (*)(json::value& answer, const Lie& lie);
using ChangeText = void (*)(std::string& answer, const Lie& lie);

struct Kind {
  std::string_view name;
  const char* is;
  std::string_view path = {};    // empty: not of what the node says
  ChangeJson change = nullptr;   // null, with a path: silent, or frozen
  ChangeText in_text = nullptr;  // of metrics
  int64_t value = 0;             // where none is given
};

const Kind kKinds[] = {
    {"height", "info: a height N above its own (or below)", kInfo,
     [](json::value& a, const Lie& l) { Add(a, "height", l.value); }, nullptr, 50},
    {"slot", "info: another slot of its tip", kInfo,
     [](json::value& a, const Lie& l) { Add(a, "slot", l.value); }, nullptr, 7},
    {"tip", "info: a tip that nobody has", kInfo,
     [](json::value& a, const Lie&) { a.as_object()["tip"] = kNoBlock; }},
    {"final", "info: a final block that nobody has", kInfo,
     [](json::value& a, const Lie&) { a.as_object()["lib"] = kNoBlock; }},
    {"final-height", "info: a height of its final block N above", kInfo,
     [](json::value& a, const Lie& l) { Add(a, "lib_height", l.value); }, nullptr, 5},
    {"bootstrapping", "info: it is Bootstrapping for ever", kInfo,
     [](json::value& a, const Lie&) { a.as_object()["mode"] = "Bootstrapping"; }},
    {"frozen-info", "info: what it was at that height", kInfo},
    {"stream-height", "block stream: another height of each block", kBlockStream,
     [](json::value& a, const Lie& l) { Add(a, "height", l.value); }, nullptr, 3},
    {"stream-tip-height", "block stream: another height of its tip", kBlockStream,
     [](json::value& a, const Lie& l) { Add(a, "tip_height", l.value); }, nullptr, 20},
    {"stream-slot", "block stream: another slot of each block", kBlockStream,
     [](json::value& a, const Lie& l) {
       HeaderOf(a)["slot"] = HeaderOf(a)["slot"].to_number<int64_t>() + l.value;
     },
     nullptr, 1},
    {"stream-leader", "block stream: another leader of each block", kBlockStream,
     [](json::value& a, const Lie&) {
       Forge(HeaderOf(a)["proof_of_leadership"].as_object()["leader_key"]);
     }},
    {"stream-parent", "block stream: another parent of each block", kBlockStream,
     [](json::value& a, const Lie&) { Forge(HeaderOf(a)["parent_block"]); }},
    {"stream-transactions", "block stream: no transactions", kBlockStream,
     [](json::value& a, const Lie&) { a.as_object()["transactions"] = json::array(); }},
    {"silent-stream", "block stream: stays open and says nothing", kBlockStream},
    {"finality-height", "finality stream: another height", kFinalityStream,
     [](json::value& a, const Lie& l) { Add(a, "height", l.value); }, nullptr, 4},
    {"finality-block", "finality stream: blocks that nobody has", kFinalityStream,
     [](json::value& a, const Lie&) { a.as_object()["header_id"] = kNoBlock; }},
    {"silent-finality", "finality stream: stays open and says nothing", kFinalityStream},
    {"headers-gap", "headers: one is left out", kHeaders,
     [](json::value& a, const Lie&) {
       json::array& ids = a.as_array();
       if (ids.size() > 2) ids.erase(ids.begin() + 1);
     }},
    {"headers-forged", "headers: one is of no block", kHeaders,
     [](json::value& a, const Lie&) {
       json::array& ids = a.as_array();
       if (ids.size() > 2) ids[1] = kNoBlock;
     }},
    {"blocks-gap", "blocks by slot: the first is left out", kBlocks,
     [](json::value& a, const Lie&) {
       json::array& blocks = a.as_array();
       if (!blocks.empty()) blocks.erase(blocks.begin());
     }},
    {"block-slot", "block by id: another slot", kBlock,
     [](json::value& a, const Lie& l) {
       if (a.is_object()) {
         HeaderOf(a)["slot"] = HeaderOf(a)["slot"].to_number<int64_t>() + l.value;
       }
     },
     nullptr, 1},
    {"block-missing", "block by id: it has none", kBlock,
     [](json::value& a, const Lie&) { a = nullptr; }},
    {"in-block", "status: every transaction is in a block that nobody has", kStatus,
     [](json::value& a, const Lie&) {
       for (json::value& one : a.as_array()) one = {{"InBlock", {{"block", kNoBlock}}}};
     }},
    {"never-in-block", "status: no transaction is in a block", kStatus,
     [](json::value& a, const Lie&) {
       for (json::value& one : a.as_array()) {
         if (one.is_object()) one = "Unknown";
       }
     }},
    {"mempool", "mempool: N more wait in it", kMempool,
     [](json::value& a, const Lie& l) { Add(a, "pending_items", l.value); }, nullptr, 1000},
    {"peers", "network: N more peers (or fewer)", kNetwork,
     [](json::value& a, const Lie& l) { Add(a, "n_peers", l.value); }, nullptr, 3},
    {"metric-height", "metrics: another height of its tip", kMetrics, nullptr,
     [](std::string& a, const Lie& l) { AddToMetric(a, "consensus_tip_height", l.value); }, 9},
    {"metric-final", "metrics: another height of its final block", kMetrics, nullptr,
     [](std::string& a, const Lie& l) { AddToMetric(a, "consensus_finalized_height", l.value); },
     9},
    {"metric-mempool", "metrics: N more wait in the mempool", kMetrics, nullptr,
     [](std::string& a, const Lie& l) { AddToMetric(a, "mempool_transactions_pending", l.value); },
     1000},
    {"metric-peers", "metrics: N more peers", kMetrics, nullptr,
     [](std::string& a, const Lie& l) { AddToMetric(a, "consensus_peers_connected", l.value); }, 1},
    {"counters-fall", "metrics: counters are a tenth of what they are", kMetrics, nullptr,
     [](std::string& a, const Lie&) {
       ChangeValues(a, "_total", [](double value) { return value / 10; });
     }},
    {"key-of", "it leads by the key of validator-N"},
    {"restart", "process: it is started again by itself, once"},
    {"forget", "process: its database is gone at each start"},
    {"freeze",
     "process: stands still for N ms, runs for 2 N, again and again",
     {},
     nullptr,
     nullptr,
     2000},
    {"exit-status",
     "process: ends with status N when it is asked to stop",
     {},
     nullptr,
     nullptr,
     7},
    {"leak", "process: takes N MB of memory a second more", {}, nullptr, nullptr, 20},
    {"log-error", "log: an error, once"},
    {"log-panic", "log: a panic, once"},
    {"log-flood", "log: N kB a second more", {}, nullptr, nullptr, 1000},
};

const Kind* FindKind(std::string_view name) {
  const auto* it = std::find_if(std::begin(kKinds), std::end(kKinds),
                                [&](const Kind& k) { return k.name == name; });
  return it == std::end(kKinds) ? nullptr : it;
}

bool ParseNumber(std::string_view text, int64_t& to) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), to);
  return error == std::errc() && end == text.data() + text.size();
}

absl::StatusOr<Lie> ParseLie(std::string_view text) {
  std::string_view rest = text;
  const auto part = [&](char before) -> std::optional<std::string_view> {
    const size_t at = rest.rfind(before);
    if (at == std::string_view::npos) return std::nullopt;
    const std::string_view found = rest.substr(at + 1);
    rest = rest.substr(0, at);
    return found;
  };
  const std::optional<std::string_view> value = part('=');
  const std::optional<std::string_view> from = part('@');
  const absl::string_view quoted(text.data(), text.size());
  const Kind* kind = FindKind(rest);
  if (kind == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", quoted, "\" is no lie; there are:\n", AllLies()));
  }
  Lie lie{std::string(rest), 0, kind->value};
  if ((value && !ParseNumber(*value, lie.value)) || (from && !ParseNumber(*from, lie.from))) {
    return absl::InvalidArgumentError(absl::StrCat("\"", quoted, "\": expected NAME@H=N"));
  }
  return lie;
}

}  // namespace

absl::StatusOr<std::vector<Lie>> ParseLies(std::string_view text) {
  std::vector<Lie> lies;
  for (const absl::string_view one :
       absl::StrSplit(absl::string_view(text.data(), text.size()), ',')) {
    absl::StatusOr<Lie> lie = ParseLie({one.data(), one.size()});
    if (!lie.ok()) return lie.status();
    lies.push_back(*std::move(lie));
  }
  return lies;
}

std::string AllLies() {
  return absl::StrJoin(kKinds, "\n", [](std::string* out, const Kind& kind) {
    absl::StrAppend(out, "  ", absl::string_view(kind.name.data(), kind.name.size()), "  ",
                    kind.is);
  });
}

const Lie* Liar::Active(std::string_view name) const {
  const auto it =
      std::find_if(lies_.begin(), lies_.end(), [&](const Lie& l) { return l.name == name; });
  return it == lies_.end() || height_ < it->from ? nullptr : &*it;
}

std::string Liar::Answer(std::string_view path, std::string body) {
  const auto parse = [&] {
    json::error_code error;
    json::value value = json::parse(body, error);
    return error ? std::nullopt : std::optional(std::move(value));
  };
  if (path == kInfo) {
    if (const auto info = parse()) height_ = std::max(height_, NumberIn(*info, "height"));
  }
  for (const Lie& lie : lies_) {
    const Kind& kind = *FindKind(lie.name);
    if (kind.path != path || Active(lie.name) == nullptr) continue;
    if (kind.in_text != nullptr) {
      kind.in_text(body, lie);
    } else if (kind.change == nullptr) {
      body = frozen_.try_emplace(std::string(path), body).first->second;
    } else if (auto value = parse()) {
      kind.change(*value, lie);
      body = json::serialize(*value);
    }
  }
  return body;
}

std::optional<std::string> Liar::Line(std::string_view path, std::string line) {
  json::error_code error;
  json::value value = json::parse(line, error);
  if (error) return line;
  if (path == kBlockStream) height_ = std::max(height_, NumberIn(value, "tip_height"));
  bool changed = false;
  for (const Lie& lie : lies_) {
    const Kind& kind = *FindKind(lie.name);
    if (kind.path != path || Active(lie.name) == nullptr) continue;
    if (kind.change == nullptr) return std::nullopt;
    kind.change(value, lie);
    changed = true;
  }
  return changed ? json::serialize(value) : line;
}

}  // namespace gtestnet::liar
