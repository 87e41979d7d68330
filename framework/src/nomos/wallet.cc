// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/wallet.h"

#include <utility>

#include "gtestnet/nomos.h"
#include "src/nomos/genesis.h"

namespace gtestnet {

Wallets::Wallets(const ClusterSpec& spec) {
  if (spec.topology.kind != &NomosKind()) return;
  const NomosParameters& parameters = NomosParametersOf(spec.topology);
  if (parameters.wallets <= 0) return;
  const nomos::Genesis genesis = nomos::GenesisOf(spec);
  auto next = genesis.notes.begin();
  while (next != genesis.notes.end() && next->leader) ++next;
  wallets_.reserve(static_cast<size_t>(parameters.wallets));
  for (int wallet = 0; wallet < parameters.wallets; ++wallet) {
    std::vector<Note> notes;
    for (int i = 0; i < parameters.notes_per_wallet; ++i) notes.push_back((next++)->note);
    wallets_.emplace_back(nomos::WalletKey(spec, wallet), std::move(notes));
  }
}

}  // namespace gtestnet
