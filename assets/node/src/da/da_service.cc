// SPDX-License-Identifier: Apache-2.0
#include "da/da_service.h"

#include <cstring>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "boost/asio/post.hpp"
#include "thread_time.h"

namespace gtestnet::node {
namespace {

constexpr std::chrono::milliseconds kTick{100};

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;  // clang 14 does not find it by itself

DaOptions ToDaOptions(const NodeConfig& config, const MisbehaviourRequest& request) {
  const DaConfig& da = *config.da;
  DaOptions options;
  options.identifier = config.identifier;
  for (const PeerConfig& member : da.members) options.members.push_back(member.identifier);
  options.replication = da.replication;
  options.samples = da.samples;
  options.sampling_timeout_ms = da.sampling_timeout_ms;
  options.dispersal_timeout_ms = da.dispersal_timeout_ms;
  options.retention_slots = da.retention_slots;
  std::memcpy(&options.random_seed, config.node_key.bytes.data(), sizeof options.random_seed);
  options.misbehaviour.include_without_data = request.include_without_data;
  options.misbehaviour.withhold_shares = request.withhold_shares;
  options.misbehaviour.corrupt_shares = request.corrupt_shares;
  options.misbehaviour.corrupt_proofs = request.corrupt_proofs;
  return options;
}

// A node dials every member; a member those before it, so that no two dial each other.
std::vector<PeerConfig> Dialled(const NodeConfig& config) {
  std::vector<PeerConfig> dialled;
  for (const PeerConfig& member : config.da->members) {
    if (member.identifier == config.identifier) break;
    dialled.push_back(member);
  }
  return dialled;
}

}  // namespace

DaService::DaService(boost::asio::io_context& context, const NodeConfig& config, Logger* logger,
                     DaHooks hooks)
    : context_(context),
      config_(*config.da),
      logger_(logger),
      hooks_(std::move(hooks)),
      tick_(context) {}

DaService::~DaService() { Stop(); }

absl::StatusOr<std::unique_ptr<DaService>> DaService::Start(boost::asio::io_context& context,
                                                            const NodeConfig& config,
                                                            const MisbehaviourRequest& misbehaviour,
                                                            const Hash& genesis_id, Logger* logger,
                                                            DaHooks hooks) {
  std::unique_ptr<DaService> service(new DaService(context, config, logger, std::move(hooks)));
  DaService* const self = service.get();
  absl::StatusOr<std::unique_ptr<KzgWorker>> worker = KzgWorker::Start(
      context, self->config_.params_path, self->config_.cache_path, logger,
      [self](KzgDone done) { self->Handle(std::move(done)); },
      [self](const absl::Status& status) { self->hooks_.failed(status); });
  if (!worker.ok()) return worker.status();
  self->worker_ = *std::move(worker);
  absl::Status status = self->OpenEngine(config, misbehaviour, genesis_id);
  if (status.ok()) status = self->OpenNetwork(config, genesis_id);
  if (!status.ok()) return status;
  self->Tick();
  return service;
}

absl::Status DaService::OpenEngine(const NodeConfig& config,
                                   const MisbehaviourRequest& misbehaviour,
                                   const Hash& genesis_id) {
  absl::StatusOr<std::unique_ptr<DaStorage>> storage =
      DaStorage::Open(config.storage_path + ".da", genesis_id);
  if (!storage.ok()) return storage.status();
  storage_ = *std::move(storage);
  engine_ = std::make_unique<DaEngine>(ToDaOptions(config, misbehaviour), storage_.get());
  return engine_->Restore();
}

absl::Status DaService::OpenNetwork(const NodeConfig& config, const Hash& genesis_id) {
  NetworkOptions options;
  options.identity = {config.identifier, genesis_id, KeyPair::FromSeed(config.node_key)};
  options.listen = config_.listen;
  options.peers = Dialled(config);
  options.topic = "da";
  NetworkEvents events;
  events.connected = [this](PeerId peer, const std::string& name) {
    Handle(DaPeerConnected{peer, name, network_->Dialled(peer)});
  };
  events.disconnected = [this](PeerId peer) { Handle(DaPeerDisconnected{peer}); };
  events.message = [this](PeerId peer, Message message) { OnMessage(peer, std::move(message)); };
  absl::StatusOr<std::unique_ptr<Network>> network =
      Network::Start(context_, std::move(options), std::move(events), logger_);
  if (!network.ok()) return network.status();
  network_ = *std::move(network);
  return absl::OkStatus();
}

void DaService::OnMessage(PeerId peer, Message message) {
  if (auto* data = std::get_if<DataMessage>(&message)) {
    return Handle(DaBytesReceived{peer, std::move(data->bytes)});
  }
  network_->Drop(
      peer, absl::StrCat("a message ", MessageName(message), " is none of data availability's"));
}

std::uint64_t DaService::Expect(Reply reply) {
  replies_.emplace(++last_token_, std::move(reply));
  return last_token_;
}

void DaService::Disperse(const ChannelId& channel, const MsgId& parent, Bytes data, Reply reply) {
  Handle(DisperseBlob{Expect(std::move(reply)), channel, parent, std::move(data)});
}
void DaService::Add(const Commitment& commitment, const Share& share, Reply reply) {
  Handle(AddShare{Expect(std::move(reply)), commitment, share});
}
void DaService::FindCommitmentOf(const BlobId& blob, Reply reply) {
  Handle(FindCommitment{Expect(std::move(reply)), blob});
}
void DaService::Reconstruct(const BlobId& blob, Reply reply) {
  Handle(ReconstructBlob{Expect(std::move(reply)), blob});
}
void DaService::Check(std::vector<BlobId> blobs, Reply reply) {
  Handle(CheckBlobs{Expect(std::move(reply)), std::move(blobs)});
}

bool DaService::Block(const std::string& identifier) {
  DaActions actions;
  const bool changed = engine_->Block(identifier, &actions);
  for (DaAction& action : actions) Do(action);
  return changed;
}

// What an action brings about may be an event of its own: it waits for the other actions.
void DaService::Handle(DaEvent event) {
  if (stopped_) return;
  events_.push_back(std::move(event));
  if (performing_) return;
  performing_ = true;
  while (!events_.empty() && !stopped_) {
    DaEvent next = std::move(events_.front());
    events_.pop_front();
    const std::chrono::nanoseconds begin = ThreadTime();
    DaActions actions = engine_->Handle(std::move(next), hooks_.now());
    Perform(std::move(actions));
    work_ += ThreadTime() - begin;
  }
  performing_ = false;
}

void DaService::Perform(DaActions actions) {
  for (DaAction& action : actions) {
    if (!stopped_) Do(action);
  }
}

void DaService::Do(DaAction& action) {
  std::visit(
      Overloaded{
          [&](DaSend& send) { network_->Send(send.peer, DataMessage{std::move(send.bytes)}); },
          [&](DaDrop& drop) { network_->Drop(drop.peer, drop.reason); },
          [&](KzgJob& job) { worker_->Post(std::move(job)); },
          [&](BlobFound& found) {
            boost::asio::post(context_, [this, alive = std::weak_ptr(alive_), blob = found.blob] {
              if (!alive.expired() && !stopped_) hooks_.found(BlobsAvailable{{blob}});
            });
          },
          [&](SubmitBlobTx& submit) {
            absl::Status status = hooks_.submit(std::move(submit.tx));
            Handle(BlobTxSubmitted{submit.token, std::move(status)});
          },
          [&](DaReply& reply) { Answer(reply); },
          [&](node::Log& log) { logger_->Log(log.level, log.topic, log.text); },
      },
      action);
}

void DaService::Answer(const DaReply& reply) {
  const auto found = replies_.find(reply.token);
  if (found == replies_.end()) return;
  const Reply answer = std::move(found->second);
  replies_.erase(found);
  answer(reply);
}

void DaService::Tick() {
  tick_.expires_after(kTick);
  tick_.async_wait([this, alive = std::weak_ptr(alive_)](boost::system::error_code cancelled) {
    if (cancelled || alive.expired() || stopped_) return;
    Handle(DaTick{hooks_.slot()});
    if (!stopped_) Tick();
  });
}

std::vector<Metric> DaService::Metrics(std::uint64_t blocks_waiting) const {
  const auto micros = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(work_).count());
  return MetricsOf(engine_->Metrics(), network_->counts().connected, blocks_waiting,
                   worker_->microseconds(), micros);
}

void DaService::Stop() {
  if (std::exchange(stopped_, true)) return;
  tick_.cancel();
  if (network_ != nullptr) network_->Stop();
  replies_.clear();
  worker_.reset();
}

}  // namespace gtestnet::node
