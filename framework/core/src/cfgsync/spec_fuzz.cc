// SPDX-License-Identifier: Apache-2.0
// cfgsync's spec: what is taken can be written, read again, and every node has its place in it.
#include "core/src/base/testing/fuzz.h"
#include "core/src/cfgsync/spec.h"
#include "gtestnet/nomos/nomos.h"

namespace gtestnet::fuzz {

std::vector<std::string> Seeds() {
  cfgsync::Spec spec;
  spec.cluster = {.topology = nomos::Topology::Star().Validators(2).Executors(1).Wallets(2).Late(1),
                  .seed = 7,
                  .run_id = "r",
                  .test = "t"};
  spec.added = {{"validator", {0}}, {"validator", {3}}};
  spec.hosts = {{"validator-0", "10.0.0.1"}, {"validator-3", "10.0.0.2"}};
  spec.hold_start = true;
  const std::string head = "run: r\nseed: 1\n";
  return {cfgsync::WriteSpec(spec).value_or(""),
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
  const absl::StatusOr<cfgsync::Spec> spec = cfgsync::ReadSpec(input);
  if (!spec.ok()) return;
  const int nodes = cfgsync::NodeCount(*spec);
  Demand(nodes >= 1 && nodes <= 1000, "there are as many nodes as may be");
  const std::vector<std::string> names = cfgsync::NodeNames(*spec);
  const Placement placement = cfgsync::PlacementOf(*spec, nodes - 1);
  Demand(placement.addresses.size() == names.size(), "every node has an address");
  Demand(placement.NodeName(spec->cluster.topology, nodes - 1) == names.back(), "names agree");
  const absl::StatusOr<std::string> text = cfgsync::WriteSpec(*spec);
  if (text.ok()) Demand(cfgsync::ReadSpec(*text).ok(), "what was written can be read");
}

}  // namespace gtestnet::fuzz
