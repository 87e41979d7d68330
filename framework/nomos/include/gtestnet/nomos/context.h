// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_CONTEXT_H_
#define GTESTNET_NOMOS_CONTEXT_H_

#include <cstddef>
#include <mutex>
#include <string_view>
#include <vector>

#include "gtestnet/chain/context.h"
#include "gtestnet/chain/record.h"
#include "gtestnet/nomos/node_client.h"
#include "gtestnet/nomos/wallet.h"
#include "gtestnet/record.h"
#include "gtestnet/run_context.h"

namespace gtestnet::nomos {

// What was submitted to the network of one run. Any thread.
class Submissions {
 public:
  Submissions() = default;
  Submissions(const Submissions&) = delete;
  Submissions& operator=(const Submissions&) = delete;

  void Record(chain::TransactionRecord transaction);
  void Record(chain::InscriptionRecord inscription);
  void Record(chain::BlobRecord blob);
  // One of these was lost, and is submitted again.
  void RecordLost(std::string_view transaction);
  // In the order in which they were recorded, without the first `skip` of them.
  std::vector<chain::TransactionRecord> transactions(size_t skip = 0) const;
  std::vector<chain::InscriptionRecord> inscriptions(size_t skip = 0) const;
  std::vector<chain::BlobRecord> blobs(size_t skip = 0) const;

 private:
  mutable std::mutex mutex_;
  std::vector<chain::TransactionRecord> transactions_;
  std::vector<chain::InscriptionRecord> inscriptions_;
  std::vector<chain::BlobRecord> blobs_;
};

// Of a run, whatever its context is; one of another kind of node has no wallets. They live as long
// as the context.
Submissions& SubmissionsOf(RunContext& context);
Wallets& WalletsOf(RunContext& context);
NodeClients NodeClientsOf(const RunContext& context);

// A running cluster of Nomos nodes: what ClusterTest's cluster() is.
class Context : public chain::Context {
 public:
  using chain::Context::Context;

  NodeClients node_clients() const { return NodeClientsOf(*this); }
  Wallets& wallets() { return WalletsOf(*this); }
  Submissions& submissions() { return SubmissionsOf(*this); }
};

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_CONTEXT_H_
