// SPDX-License-Identifier: Apache-2.0
//
// Data availability of a node: its engine, and what performs that engine's actions. On the
// context's thread only.
#ifndef GTESTNET_NODE_DA_DA_SERVICE_H_
#define GTESTNET_NODE_DA_DA_SERVICE_H_

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "boost/asio/io_context.hpp"
#include "boost/asio/steady_timer.hpp"
#include "config.h"
#include "core/da_engine.h"
#include "da/da_storage.h"
#include "da/kzg_worker.h"
#include "logging.h"
#include "metrics.h"
#include "misbehaviour.h"
#include "peers/network.h"

namespace gtestnet::node {

// The rest of the node, as it is seen from here.
struct DaHooks {
  std::function<Millis()> now;
  std::function<Slot()> slot;  // 0 before the start
  std::function<absl::Status(SignedMantleTx)> submit;
  std::function<void(BlobsAvailable)> found;  // called from the loop
  std::function<void(const absl::Status&)> failed;
};

class DaService {
 public:
  using Reply = std::function<void(const DaReply&)>;

  // Serves peers from then on. Errors: of the storage, of an address in use (kAlreadyExists), of
  // the KZG parameters (kInvalidArgument). `config` has a section da.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<DaService>> Start(
      boost::asio::io_context& context, const NodeConfig& config,
      const MisbehaviourRequest& misbehaviour, const Hash& genesis_id, Logger* logger,
      DaHooks hooks);
  ~DaService();
  DaService(const DaService&) = delete;
  DaService& operator=(const DaService&) = delete;

  void Want(std::vector<BlobId> blobs) { Handle(WantBlobs{std::move(blobs)}); }

  // What the API asks; each reply comes once, from the loop or from within, unless the service ends
  // first.
  void Disperse(const ChannelId& channel, const MsgId& parent, Bytes data, Reply reply);
  void Add(const Commitment& commitment, const Share& share, Reply reply);
  void FindCommitmentOf(const BlobId& blob, Reply reply);
  void Reconstruct(const BlobId& blob, Reply reply);
  void Check(std::vector<BlobId> blobs, Reply reply);
  bool Block(const std::string& identifier);
  bool Unblock(const std::string& identifier) { return engine_->Unblock(identifier); }

  [[nodiscard]] DaEngine& engine() { return *engine_; }
  [[nodiscard]] const DaConfig& config() const { return config_; }
  [[nodiscard]] Address address() const { return network_->address(); }
  [[nodiscard]] bool resolving() const { return network_ != nullptr && network_->resolving(); }
  [[nodiscard]] std::vector<Metric> Metrics(std::uint64_t blocks_waiting) const;
  // Adds to the time that the blob path took around KZG.
  void CountWork(std::chrono::nanoseconds time) { work_ += time; }

  void Stop();

 private:
  DaService(boost::asio::io_context& context, const NodeConfig& config, Logger* logger,
            DaHooks hooks);
  absl::Status OpenEngine(const NodeConfig& config, const MisbehaviourRequest& misbehaviour,
                          const Hash& genesis_id);
  absl::Status OpenNetwork(const NodeConfig& config, const Hash& genesis_id);
  std::uint64_t Expect(Reply reply);
  void OnMessage(PeerId peer, Message message);
  void Handle(DaEvent event);
  void Perform(DaActions actions);
  void Do(DaAction& action);
  void Answer(const DaReply& reply);
  void Tick();

  boost::asio::io_context& context_;
  DaConfig config_;
  Logger* logger_;
  DaHooks hooks_;
  boost::asio::steady_timer tick_;
  std::unique_ptr<DaStorage> storage_;
  std::unique_ptr<DaEngine> engine_;
  std::unique_ptr<Network> network_;
  std::unique_ptr<KzgWorker> worker_;
  std::map<std::uint64_t, Reply> replies_;
  std::uint64_t last_token_ = 0;
  std::deque<DaEvent> events_;  // that came while actions were being performed
  bool performing_ = false;
  std::chrono::nanoseconds work_{0};
  bool stopped_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_DA_DA_SERVICE_H_
