// SPDX-License-Identifier: Apache-2.0
#include "node.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "metrics.h"

namespace gtestnet::node {
namespace {

using std::chrono::milliseconds;

constexpr Millis kLongestTick = 500;  // between two of the engine's ticks

// The one place where the node reads the time.
Millis Now() {
  return std::chrono::duration_cast<milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

EngineOptions ToEngineOptions(const NodeConfig& config, const MisbehaviourRequest& request) {
  EngineOptions options;
  options.consensus = config.consensus;
  options.genesis = config.genesis;
  options.leader_seeds = config.leader_seeds;
  options.neighbours = config.neighbours.size();
  options.min_peers = config.min_peers;
  options.max_pool_transactions = config.max_transactions;
  options.misbehaviour.stall_at = request.stall_at;
  options.misbehaviour.fork_at = request.fork_at;
  options.misbehaviour.revert_finality_at = request.revert_finality_at;
  options.misbehaviour.refuse_sync = request.refuse_sync;
  options.misbehaviour.censor = request.censor;
  options.misbehaviour.double_spend_at = request.double_spend_at;
  options.misbehaviour.replay_at = request.replay_at;
  options.misbehaviour.lose_transactions = request.lose_transactions;
  options.misbehaviour.accept_invalid = request.accept_invalid;
  options.misbehaviour.wrong_state = request.wrong_state;
  options.misbehaviour.include_without_data = request.include_without_data;
  options.data_availability = config.da.has_value();
  if (config.da.has_value()) options.check_slots = config.da->check_slots;
  return options;
}

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;  // clang 14 does not find it by itself

}  // namespace

Node::Node(boost::asio::io_context& context, NodeConfig config, MisbehaviourRequest misbehaviour,
           Logger* logger, Failure on_failure)
    : context_(context),
      config_(std::move(config)),
      misbehaviour_(misbehaviour),
      logger_(logger),
      on_failure_(std::move(on_failure)),
      tick_(context) {}

Node::~Node() { Stop(); }

absl::StatusOr<std::unique_ptr<Node>> Node::Start(boost::asio::io_context& context,
                                                  NodeConfig config,
                                                  MisbehaviourRequest misbehaviour, Logger* logger,
                                                  Failure on_failure) {
  std::unique_ptr<Node> node(
      new Node(context, std::move(config), misbehaviour, logger, std::move(on_failure)));
  absl::Status status = node->Open();
  if (!status.ok()) return status;
  return node;
}

absl::Status Node::Open() {
  const HeaderId genesis_id = MakeGenesisBlock(config_.genesis)->id;
  absl::StatusOr<std::unique_ptr<Storage>> storage =
      Storage::Open(config_.storage_path, genesis_id);
  if (!storage.ok()) return storage.status();
  storage_ = *std::move(storage);
  engine_ = std::make_unique<Engine>(ToEngineOptions(config_, misbehaviour_), storage_.get());

  absl::Status status = Restore();
  if (status.ok() && config_.da.has_value()) status = OpenDa(genesis_id);
  if (status.ok()) status = OpenApi();
  if (status.ok()) status = OpenNetwork(genesis_id);
  if (!status.ok()) return status;
  OpenTelemetry();
  Log(LogLevel::kInfo, "node",
      absl::StrCat(config_.identifier, " serves its API at ", api_address().ToString(),
                   " and peers at ", network_address().ToString(), "; genesis ", genesis_id.Hex(),
                   ", tip at height ", engine_->Info().height));
  if (const std::optional<Millis> start = storage_->start_time()) {
    Handle(StartTimeKnown{*start});
  } else {
    WaitForStart();
  }
  ScheduleTick();
  return absl::OkStatus();
}

absl::Status Node::Restore() {
  absl::Status status =
      storage_->ForEach([this](const BlockPtr& block) { return engine_->Restore(block); });
  if (status.ok()) MisbehaveAt(engine_->Info().height);
  return status;
}

absl::Status Node::OpenNetwork(const HeaderId& genesis_id) {
  NetworkOptions options{
      .identity = {config_.identifier, genesis_id, KeyPair::FromSeed(config_.node_key)},
      .listen = config_.network_listen,
      .peers = config_.peers,
  };
  NetworkEvents events;
  events.connected = [this](PeerId peer, const std::string& name) {
    Handle(PeerConnected{peer, name});
  };
  events.disconnected = [this](PeerId peer) { Handle(PeerDisconnected{peer}); };
  events.message = [this](PeerId peer, Message message) {
    Handle(MessageReceived{peer, std::move(message)});
  };
  absl::StatusOr<std::unique_ptr<Network>> network =
      Network::Start(context_, std::move(options), std::move(events), logger_);
  if (!network.ok()) return network.status();
  network_ = *std::move(network);
  return absl::OkStatus();
}

absl::Status Node::OpenDa(const HeaderId& genesis_id) {
  DaHooks hooks;
  hooks.now = Now;
  hooks.slot = [this] { return CurrentSlot(); };
  hooks.submit = [this](SignedMantleTx tx) { return Submit(std::move(tx)); };
  hooks.found = [this](BlobsAvailable found) { Handle(found); };
  hooks.failed = [this](const absl::Status& status) { Fail(status); };
  absl::StatusOr<std::unique_ptr<DaService>> da =
      DaService::Start(context_, config_, misbehaviour_, genesis_id, logger_, std::move(hooks));
  if (!da.ok()) return da.status();
  da_ = *std::move(da);
  da_api_ = std::make_unique<DaApi>(config_.role, da_.get(), engine_.get());
  return absl::OkStatus();
}

Slot Node::CurrentSlot() const {
  const std::optional<Millis> start = storage_->start_time();
  const Millis now = Now();
  if (!start.has_value() || now < *start) return 0;
  return static_cast<Slot>((now - *start) / config_.consensus.slot_duration_ms);
}

absl::Status Node::OpenApi() {
  ApiSources sources;
  sources.role = config_.role;
  sources.engine = engine_.get();
  sources.submit = [this](SignedMantleTx tx) { return Submit(std::move(tx)); };
  sources.network = [this] { return network_->counts(); };
  sources.network_address = [this] { return network_->address(); };
  sources.metrics = [this] { return MetricsText(Metrics()); };
  if (da_api_ != nullptr) {
    sources.more = [this](const HttpRequest& request) { return da_api_->Handle(request); };
  }
  api_ = std::make_unique<Api>(std::move(sources));

  HttpOptions options;
  options.listen = config_.api_listen;
  options.max_body_bytes = config_.max_body_bytes;
  options.max_connections = config_.max_connections;
  options.delay = misbehaviour_.api_delay;
  options.garbage = misbehaviour_.garbage_api;
  options.silent = misbehaviour_.never_ready;
  absl::StatusOr<std::unique_ptr<HttpServer>> server =
      HttpServer::Listen(context_, std::move(options),
                         [this](const HttpRequest& request) { return api_->Handle(request); });
  if (!server.ok()) return server.status();
  server_ = *std::move(server);
  return absl::OkStatus();
}

std::vector<Metric> Node::Metrics() const {
  const EngineMetrics engine = engine_->Metrics();
  std::vector<Metric> all =
      NodeMetrics(engine_->Info(), engine, network_->counts(), server_->requests());
  const auto add = [&](const std::vector<Metric>& more) {
    all.insert(all.end(), more.begin(), more.end());
  };
  if (da_ != nullptr) add(da_->Metrics(engine.blocks_waiting));
  if (telemetry_ != nullptr) add(telemetry_->OwnMetrics());
  return all;
}

void Node::OpenTelemetry() {
  TelemetryHooks hooks;
  hooks.now = Now;
  hooks.metrics = [this] { return Metrics(); };
  hooks.problem = [this](const std::string& problem) { Log(LogLevel::kWarn, "node", problem); };
  telemetry_ = Telemetry::Start(context_, config_, std::move(hooks));
}

void Node::WaitForStart() {
  Log(LogLevel::kInfo, "node", absl::StrCat("waits for ", config_.start_file));
  start_file_ =
      StartFile::Watch(context_, config_.start_file,
                       [this](const absl::StatusOr<Millis>& start) { OnStartTime(start); });
}

void Node::OnStartTime(const absl::StatusOr<Millis>& start) {
  if (!start.ok()) return Fail(start.status());
  const absl::Status status = storage_->SetStartTime(*start);
  if (!status.ok()) return Fail(status);
  Log(LogLevel::kInfo, "node",
      absl::StrCat("the chain starts at ", *start, ", in ", *start - Now(), " ms"));
  Handle(StartTimeKnown{*start});
  ScheduleTick();
}

// A wake-up that comes late is the current slot's, whichever that is; the next one is reckoned from
// the clock, so that nothing drifts.
void Node::ScheduleTick() {
  const Millis now = Now();
  Millis wait = kLongestTick;
  if (const std::optional<Millis> next = engine_->NextSlotTime(now)) {
    wait = std::clamp<Millis>(*next - now, 1, kLongestTick);
  }
  tick_.expires_after(milliseconds(wait));
  tick_.async_wait([this, alive = std::weak_ptr(alive_)](boost::system::error_code cancelled) {
    if (cancelled || alive.expired() || stopped_) return;
    if (misbehaviour_.log_flood > 0) FloodLog();
    Handle(Tick{});
    if (!stopped_) ScheduleTick();
  });
}

absl::Status Node::Submit(SignedMantleTx tx) {
  const Millis now = Now();
  Submission submission = engine_->Submit(std::move(tx), now);
  if (telemetry_ != nullptr) telemetry_->Submitted(submission.actions, now);
  Perform(submission.actions);
  return submission.status;
}

void Node::Handle(const Event& event) {
  if (stopped_) return;
  const Millis now = Now();
  const Actions actions = engine_->Handle(event, now);
  if (telemetry_ != nullptr && telemetry_->traces()) {
    telemetry_->Handled(event, actions, engine_->Metrics(), now);
  }
  Perform(actions);
}

void Node::Perform(const Actions& actions) {
  std::vector<StoreBlock> blocks;
  std::vector<HeaderId> pruned;
  for (const Action& action : actions) {
    if (const auto* store = std::get_if<StoreBlock>(&action)) blocks.push_back(*store);
    if (const auto* prune = std::get_if<PruneBlocks>(&action)) {
      pruned.insert(pruned.end(), prune->ids.begin(), prune->ids.end());
    }
  }
  // Before anything is told to others, and all at once.
  const absl::Status status = storage_->Write(blocks, pruned);
  if (!status.ok()) return Fail(status);

  for (const Action& action : actions) {
    std::visit(Overloaded{
                   [&](const Send& send) { network_->Send(send.peer, send.message); },
                   [&](const Broadcast& cast) { network_->Broadcast(cast.message, cast.except); },
                   [&](const BlockApplied& applied) { api_->OnBlock(applied); },
                   [&](const Finalised& finalised) { api_->OnFinalised(finalised); },
                   [&](const DropPeer& drop) { network_->Drop(drop.peer, drop.reason); },
                   [&](const node::Log& log) { logger_->Log(log.level, log.topic, log.text); },
                   [&](const TipChanged& tip) { MisbehaveAt(tip.height); },
                   [&](const SampleBlobs& sample) {
                     if (da_ != nullptr) da_->Want(sample.blobs);
                   },
                   [](const auto&) {},
               },
               action);
  }
}

void Node::FloodLog() {
  constexpr std::size_t kLine = 1000;
  const Millis now = Now();
  const Millis since = std::exchange(flooded_at_, now);
  if (since == 0) return;
  const std::string line(kLine, '.');
  for (std::uint64_t left = misbehaviour_.log_flood * (now - since) / 1000; left >= kLine;
       left -= kLine) {
    Log(LogLevel::kInfo, "node", line);
  }
}

void Node::MisbehaveAt(Height height) {
  if (misbehaviour_.log_panic_at.has_value() && height >= *misbehaviour_.log_panic_at) {
    misbehaviour_.log_panic_at.reset();
    logger_->Flush();
    // As a thread of its own would that nobody misses.
    std::fputs("thread 'sync' panicked at src/sync.rs:17:5:\nas asked\n", stdout);
    std::fflush(stdout);
  }
  if (misbehaviour_.crash_at.has_value() && height >= *misbehaviour_.crash_at) {
    Log(LogLevel::kError, "node", absl::StrCat("crashes at height ", height, ", as asked"));
    logger_->Flush();
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
    std::abort();
  }
  if (misbehaviour_.exit_at.has_value() && height >= *misbehaviour_.exit_at) {
    Log(LogLevel::kError, "node",
        absl::StrCat("exits with status ", misbehaviour_.exit_status, " at height ", height,
                     ", as asked"));
    logger_->Flush();
    std::_Exit(misbehaviour_.exit_status);
  }
}

void Node::Fail(const absl::Status& status) {
  if (stopped_) return;
  Log(LogLevel::kError, "node", std::string(status.message()));
  Stop();
  on_failure_(status);
}

void Node::Stop() {
  if (std::exchange(stopped_, true)) return;
  tick_.cancel();
  if (start_file_ != nullptr) start_file_->Stop();
  if (server_ != nullptr) server_->Stop();
  if (network_ != nullptr) network_->Stop();
  if (da_ != nullptr) da_->Stop();
  if (telemetry_ != nullptr) telemetry_->Stop();
}

}  // namespace gtestnet::node
