// SPDX-License-Identifier: Apache-2.0
//
// What `--misbehave=` asks for. The node's README says what each does.
#ifndef GTESTNET_NODE_MISBEHAVIOUR_H_
#define GTESTNET_NODE_MISBEHAVIOUR_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"

namespace gtestnet::node {

struct MisbehaviourRequest {
  // In the protocol: options of the engine.
  std::optional<std::uint64_t> stall_at;
  std::optional<std::uint64_t> fork_at;
  std::optional<std::uint64_t> revert_finality_at;
  bool refuse_sync = false;
  bool censor = false;
  // Of data availability.
  std::optional<std::uint64_t> double_spend_at;
  std::optional<std::uint64_t> replay_at;
  bool lose_transactions = false;
  bool accept_invalid = false;
  bool wrong_state = false;
  bool include_without_data = false;
  bool withhold_shares = false;
  bool corrupt_shares = false;
  bool corrupt_proofs = false;
  // Of the process.
  std::optional<std::uint64_t> crash_at;
  std::optional<std::uint64_t> log_panic_at;
  std::uint64_t log_flood = 0;  // bytes a second
  std::optional<std::uint64_t> exit_at;
  int exit_status = 0;
  std::chrono::milliseconds api_delay{0};
  bool garbage_api = false;
  bool exit_on_start = false;
  bool never_ready = false;
  bool ignore_sigterm = false;
  bool forget = false;
  int stop_status = 0;
};

// Of a list separated by commas: "stall@20,slow-api=500". An unknown one is an error that lists
// those there are.
[[nodiscard]] absl::StatusOr<MisbehaviourRequest> ParseMisbehaviour(std::string_view text);

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_MISBEHAVIOUR_H_
