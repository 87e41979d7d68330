// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/nomos/context.h"

#include <algorithm>
#include <utility>

#include "gtestnet/chain/record.h"

namespace gtestnet::nomos {
namespace {

struct RunParts {
  explicit RunParts(RunContext& context) : wallets(context.spec()) {}
  Wallets wallets;
  Submissions submissions;
};

template <class T>
std::vector<T> From(const std::vector<T>& items, size_t skip) {
  skip = std::min(skip, items.size());
  return {items.begin() + static_cast<std::ptrdiff_t>(skip), items.end()};
}

}  // namespace

void Submissions::Record(chain::TransactionRecord transaction) {
  const std::lock_guard lock(mutex_);
  transactions_.push_back(std::move(transaction));
}

void Submissions::Record(chain::InscriptionRecord inscription) {
  const std::lock_guard lock(mutex_);
  inscriptions_.push_back(std::move(inscription));
}

void Submissions::Record(chain::BlobRecord blob) {
  const std::lock_guard lock(mutex_);
  blobs_.push_back(std::move(blob));
}

void Submissions::RecordLost(std::string_view transaction) {
  const std::lock_guard lock(mutex_);
  // A recent one.
  for (auto it = transactions_.rbegin(); it != transactions_.rend(); ++it) {
    if (it->hash != transaction) continue;
    ++it->lost;
    return;
  }
}

std::vector<chain::TransactionRecord> Submissions::transactions(size_t skip) const {
  const std::lock_guard lock(mutex_);
  return From(transactions_, skip);
}

std::vector<chain::InscriptionRecord> Submissions::inscriptions(size_t skip) const {
  const std::lock_guard lock(mutex_);
  return From(inscriptions_, skip);
}

std::vector<chain::BlobRecord> Submissions::blobs(size_t skip) const {
  const std::lock_guard lock(mutex_);
  return From(blobs_, skip);
}

Submissions& SubmissionsOf(RunContext& context) { return context.Part<RunParts>().submissions; }

Wallets& WalletsOf(RunContext& context) { return context.Part<RunParts>().wallets; }

NodeClients NodeClientsOf(const RunContext& context) { return NodeClients(context.nodes()); }

}  // namespace gtestnet::nomos
