// SPDX-License-Identifier: Apache-2.0
// What an engine is told when it is made.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "block.h"
#include "lottery.h"
#include "types.h"

namespace gtestnet::node {

struct EpochParts {
  std::uint32_t stake_stabilisation = 3;
  std::uint32_t nonce_buffer = 3;
  std::uint32_t nonce_stabilisation = 4;
};

struct ConsensusOptions {
  Millis slot_duration_ms = 200;
  SlotCoefficient active_slot_coeff{9, 10};
  std::uint32_t security_param = 10;  // k
  EpochParts epoch = {};

  // ⌊k ÷ f⌋ slots.
  std::uint64_t BasePeriod() const;
  std::uint64_t EpochLength() const;
  Epoch EpochOf(Slot slot) const { return slot / EpochLength(); }

  // All above zero, and no product that overflows.
  absl::Status Check() const;
};

// `--misbehave=` switches that concern the protocol; the heights are those of the tip from which on
// they hold.
struct Misbehaviour {
  std::optional<Height> stall_at = std::nullopt;
  std::optional<Height> fork_at = std::nullopt;
  std::optional<Height> revert_finality_at = std::nullopt;
  bool refuse_sync = false;
  bool censor = false;
  bool include_without_data = false;
  std::optional<Height> double_spend_at = std::nullopt;
  std::optional<Height> replay_at = std::nullopt;
  bool lose_transactions = false;
  bool accept_invalid = false;
  bool wrong_state = false;
};

struct EngineOptions {
  ConsensusOptions consensus = {};
  Genesis genesis = {};
  std::vector<Hash> leader_seeds = {};  // of the keys of its notes
  std::size_t neighbours = 0;           // in the layout, dialled or dialling
  std::size_t min_peers =
      1;  // it proposes only while so many are connected; of no matter without neighbours
  std::size_t max_pool_transactions = 65536;
  std::size_t max_pool_bytes = 64 * 1024 * 1024;
  bool data_availability = false;  // whether somebody answers SampleBlobs
  // Blocks older than this are not asked for their blobs; 0 stands for 3·⌊k ÷ f⌋.
  Slot check_slots = 0;
  Millis request_timeout_ms = 3000;  // after which another peer is asked
  Misbehaviour misbehaviour = {};
};

}  // namespace gtestnet::node
