// SPDX-License-Identifier: Apache-2.0
// A network as people write it for cfgsync: what is taken is a plan.
#include "core/src/base/testing/fuzz.h"
#include "nomos/src/cfgsync/spec.h"

namespace gtestnet::fuzz {

std::vector<std::string> Seeds() {
  const std::string head = "run: r\nseed: 1\n";
  return {head +
              "topology: {validators: 2, executors: 1, wallets: 2, late: validator-1}\n"
              "added: [{role: validator, dials: [validator-0]}]\n"
              "hosts: {validator-0: 10.0.0.1}\nhold_start: true\n",
          head + "topology: {validators: 2, layout: mesh}\nstart_delay: 1s\nport: 4400\n",
          head + "test: &x " + std::string(200, 'y') +
              "\ntopology: {validators: 1, arguments: "
              "{validator-0: [*x, *x, *x, *x]}}\n",
          head + "topology: {validators: 1}\nadded: {role: validator, dials: [validator-0]}\n",
          "run: \"a\\0b\"\n",
          "&a [*a]",
          std::string(100, '['),
          "? ? ?",
          "a: *b"};
}

void Try(std::string_view input) {
  const absl::StatusOr<nomos::Spec> spec = nomos::ReadSpec(input);
  if (!spec.ok()) return;
  // A thousand configs each time would be slow.
  if (spec->cluster.topology.node_count() > 20) return;
  const absl::StatusOr<cfgsync::Plan> plan = nomos::PlanOf(*spec);
  if (!plan.ok()) return;
  const std::string text = cfgsync::WritePlan(*plan);
  const absl::StatusOr<cfgsync::Plan> read = cfgsync::ReadPlan(text);
  Demand(read.ok() && cfgsync::WritePlan(*read) == text, "a plan can be written and read");
}

}  // namespace gtestnet::fuzz
