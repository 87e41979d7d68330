// SPDX-License-Identifier: Apache-2.0
#include "misbehaviour.h"

#include <charconv>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace gtestnet::node {
namespace {

constexpr char kAll[] =
    "stall@H, fork@H, refuse-sync, crash@H, exit@H=N, revert-finality@H, censor, "
    "lose-transactions, accept-invalid, double-spend@H, wrong-state, replay@H, "
    "include-without-data, withhold-shares, corrupt-shares, corrupt-proofs, log-panic@H, "
    "log-flood=BYTES, slow-api=MS, garbage-api, exit-on-start, never-ready, ignore-sigterm, "
    "stop-status=N, forget";
constexpr std::uint64_t kMostMilliseconds = 3'600'000;
constexpr std::uint64_t kMostFlood = 100'000'000;

std::optional<std::uint64_t> Number(std::string_view text, std::uint64_t most) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > most) return std::nullopt;
  return value;
}

// One entry, taken apart: NAME[@HEIGHT][=VALUE].
struct Entry {
  std::string_view name;
  std::optional<std::string_view> height;
  std::optional<std::string_view> value;
};

Entry TakeApart(std::string_view text) {
  Entry entry;
  if (const std::size_t equals = text.find('='); equals != std::string_view::npos) {
    entry.value = text.substr(equals + 1);
    text = text.substr(0, equals);
  }
  if (const std::size_t at = text.find('@'); at != std::string_view::npos) {
    entry.height = text.substr(at + 1);
    text = text.substr(0, at);
  }
  entry.name = text;
  return entry;
}

bool ApplyPlain(const Entry& entry, MisbehaviourRequest& request) {
  bool* field = entry.name == "refuse-sync"            ? &request.refuse_sync
                : entry.name == "censor"               ? &request.censor
                : entry.name == "lose-transactions"    ? &request.lose_transactions
                : entry.name == "accept-invalid"       ? &request.accept_invalid
                : entry.name == "wrong-state"          ? &request.wrong_state
                : entry.name == "include-without-data" ? &request.include_without_data
                : entry.name == "withhold-shares"      ? &request.withhold_shares
                : entry.name == "corrupt-shares"       ? &request.corrupt_shares
                : entry.name == "corrupt-proofs"       ? &request.corrupt_proofs
                : entry.name == "garbage-api"          ? &request.garbage_api
                : entry.name == "exit-on-start"        ? &request.exit_on_start
                : entry.name == "never-ready"          ? &request.never_ready
                : entry.name == "ignore-sigterm"       ? &request.ignore_sigterm
                : entry.name == "forget"               ? &request.forget
                                                       : nullptr;
  if (field == nullptr || entry.height || entry.value) return false;
  *field = true;
  return true;
}

bool ApplyAtHeight(const Entry& entry, MisbehaviourRequest& request) {
  std::optional<std::uint64_t>* field = entry.name == "stall"  ? &request.stall_at
                                        : entry.name == "fork" ? &request.fork_at
                                        : entry.name == "revert-finality"
                                            ? &request.revert_finality_at
                                        : entry.name == "double-spend" ? &request.double_spend_at
                                        : entry.name == "replay"       ? &request.replay_at
                                        : entry.name == "log-panic"    ? &request.log_panic_at
                                        : entry.name == "crash"        ? &request.crash_at
                                        : entry.name == "exit"         ? &request.exit_at
                                                                       : nullptr;
  if (field == nullptr || !entry.height) return false;
  *field = Number(*entry.height, UINT64_MAX);
  if (!field->has_value()) return false;
  if (entry.name != "exit") return !entry.value;
  const auto status = entry.value ? Number(*entry.value, 255) : std::nullopt;
  if (!status) return false;
  request.exit_status = static_cast<int>(*status);
  return true;
}

bool ApplyValue(const Entry& entry, MisbehaviourRequest& request) {
  if (entry.height || !entry.value) return false;
  if (entry.name == "log-flood") {
    const auto bytes = Number(*entry.value, kMostFlood);
    request.log_flood = bytes.value_or(0);
    return bytes.has_value();
  }
  if (entry.name == "stop-status") {
    const auto status = Number(*entry.value, 255);
    if (status) request.stop_status = static_cast<int>(*status);
    return status.has_value();
  }
  if (entry.name != "slow-api") return false;
  const auto delay = Number(*entry.value, kMostMilliseconds);
  if (!delay) return false;
  request.api_delay = std::chrono::milliseconds(*delay);
  return true;
}

}  // namespace

absl::StatusOr<MisbehaviourRequest> ParseMisbehaviour(std::string_view text) {
  MisbehaviourRequest request;
  const std::vector<std::string> parts =
      absl::StrSplit(absl::string_view(text.data(), text.size()), ',');
  for (const std::string& part : parts) {
    const Entry entry = TakeApart(part);
    if (ApplyPlain(entry, request) || ApplyAtHeight(entry, request) || ApplyValue(entry, request)) {
      continue;
    }
    return absl::InvalidArgumentError(
        absl::StrCat("--misbehave: unknown or wrong \"", part, "\"; there are: ", kAll));
  }
  return request;
}

}  // namespace gtestnet::node
