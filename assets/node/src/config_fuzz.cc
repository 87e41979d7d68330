// SPDX-License-Identifier: Apache-2.0
// The config file.
#include "config.h"
#include "testing/fuzz.h"

namespace gtestnet::node::fuzz {

std::vector<std::string> Seeds() {
  const std::string valid = R"(identifier: validator-12
role: validator
node_key: 0101010101010101010101010101010101010101010101010101010101010101
network:
  listen: 127.12.7.1:3000
  peers:
    - {identifier: validator-1, address: "node-1:3000"}
  neighbours: [validator-1, executor-0]
  min_peers: 1
consensus:
  slot_duration_ms: 200
  active_slot_coeff: "0.9"
  security_param: 10
  epoch: {stake_stabilisation: 3, nonce_buffer: 3, nonce_stabilisation: 4}
leader:
  secret_keys: [0202020202020202020202020202020202020202020202020202020202020202]
genesis:
  chain_id: 0303030303030303030303030303030303030303030303030303030303030303
  notes:
    - {value: 100, public_key: 0505050505050505050505050505050505050505050505050505050505050505, count: 20}
start:
  file: /run/start
api:
  listen: 127.12.7.1:18080
storage:
  path: /run/chain.db
da:
  listen: 127.12.7.1:18081
  members:
    - {identifier: validator-12, address: 127.12.7.1:18081}
  replication: 1
  samples: 4
  check_slots: 33
  retention_slots: 1000
log:
  level: info
  filter: "consensus=debug"
)";
  return {
      valid,  "a: &x [1, 2]\nb: *x\n", "identifier: \"a\\0b\"\n", std::string(1000, '['), "&a [*a]",
      "? ? ?"};
}

void Try(std::string_view input) {
  (void)ParseConfig(std::string(input), "config.yaml", Role::kValidator).ok();
}

}  // namespace gtestnet::node::fuzz
