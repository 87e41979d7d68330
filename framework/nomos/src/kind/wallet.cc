// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/nomos/wallet.h"

#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtestnet/nomos/nomos.h"
#include "nomos/src/kind/genesis.h"

namespace gtestnet::nomos {

struct Wallets::Claims {
  std::mutex mutex;
  std::vector<std::optional<ClaimedWallet>> free;  // by index; nothing while it is claimed

  // Tests that share a cluster must not spend again what one of them has spent, and each has a
  // context of its own: claims belong to the run.
  static std::shared_ptr<Claims> Of(const std::string& run_id) {
    static std::mutex all_mutex;
    static std::map<std::string, std::shared_ptr<Claims>> all;
    if (run_id.empty()) return std::make_shared<Claims>();
    std::lock_guard lock(all_mutex);
    std::shared_ptr<Claims>& claims = all[run_id];
    if (claims == nullptr) claims = std::make_shared<Claims>();
    return claims;
  }
};

Wallets::Wallets(const ClusterSpec& spec) : claims_(Claims::Of(spec.run_id)) {
  if (spec.topology.kind != &NomosKind()) return;
  const NomosParameters& parameters = NomosParametersOf(spec.topology);
  if (parameters.wallets <= 0) return;
  const Genesis genesis = GenesisOf(spec);
  auto next = genesis.notes.begin();
  while (next != genesis.notes.end() && next->leader) ++next;
  wallets_.reserve(static_cast<size_t>(parameters.wallets));
  const int notes_per_wallet = NotesPerWalletOf(spec.topology);
  for (int wallet = 0; wallet < parameters.wallets; ++wallet) {
    std::vector<Note> notes;
    for (int i = 0; i < notes_per_wallet; ++i) notes.push_back((next++)->note);
    wallets_.emplace_back(WalletKey(spec, wallet), std::move(notes));
  }
  std::lock_guard lock(claims_->mutex);
  if (!claims_->free.empty()) return;
  for (size_t i = 0; i < wallets_.size(); ++i) {
    claims_->free.push_back(ClaimedWallet{i, wallets_[i].key(), wallets_[i].genesis_notes(), {}});
  }
}

absl::StatusOr<std::vector<ClaimedWallet>> Wallets::Claim(size_t n) {
  std::lock_guard lock(claims_->mutex);
  size_t left = 0;
  for (const auto& wallet : claims_->free) left += wallet.has_value() ? 1 : 0;
  if (left == 0 || left < n) {
    return absl::FailedPreconditionError(
        absl::StrCat(n == 0 ? "it needs wallets" : absl::StrCat("it needs ", n, " wallets"),
                     ", but of the topology's ", size(), " other workloads have left ", left));
  }
  std::vector<ClaimedWallet> claimed;
  for (auto& wallet : claims_->free) {
    if (!wallet.has_value()) continue;
    claimed.push_back(*std::move(wallet));
    wallet.reset();
    if (claimed.size() == n) break;
  }
  return claimed;
}

void Wallets::Return(ClaimedWallet wallet) {
  std::lock_guard lock(claims_->mutex);
  const size_t index = wallet.index;
  if (index < claims_->free.size()) claims_->free[index] = std::move(wallet);
}

}  // namespace gtestnet::nomos
