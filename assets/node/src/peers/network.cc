// SPDX-License-Identifier: Apache-2.0
#include "peers/network.h"

#include <sodium.h>

#include <map>
#include <unordered_map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "boost/asio/post.hpp"
#include "boost/asio/steady_timer.hpp"
#include "listen.h"
#include "peers/connection.h"
#include "peers/dialler.h"

namespace gtestnet::node {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;

Hash FreshNonce() {
  Hash nonce;
  randombytes_buf(nonce.bytes.data(), nonce.bytes.size());
  return nonce;
}

SharedFrame MessageFrame(const Message& message) {
  return std::make_shared<const Bytes>(EncodeFrame(FrameKind::kMessage, EncodeMessage(message)));
}

}  // namespace

class Network::Impl : public Connection::Owner, public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& context, NetworkOptions options, NetworkEvents events, Logger* logger)
      : context_(context),
        options_(std::move(options)),
        events_(std::move(events)),
        logger_(logger),
        acceptor_(context),
        retry_(context),
        tick_(context),
        ping_(std::make_shared<const Bytes>(EncodeFrame(FrameKind::kPing, {}))) {}

  absl::Status Start();
  void Stop();
  void Send(PeerId peer, const Message& message);
  void Broadcast(const Message& message, std::optional<PeerId> except);
  void Drop(PeerId peer, const std::string& reason);
  Address address() const;
  NetworkCounts counts() const;
  bool Dialled(PeerId peer) const {
    const auto found = connections_.find(peer);
    return found != connections_.end() && found->second->dialled();
  }
  bool resolving() const;

  bool OnEstablished(Connection& connection) override;
  void OnMessage(Connection& connection, Message message) override;
  void OnClosed(Connection& connection, const std::string& reason) override;

 private:
  struct Peer {
    std::shared_ptr<Dialler> dialler;
    std::string last_failure;  // said already
  };

  void Accept();
  void Begin(tcp::socket socket, std::optional<std::string> expected);
  void MakeDialler(const PeerConfig& peer, std::uint64_t seed);
  bool Wanted(const std::string& identifier) const;
  void GiveUpHandshake(const std::string& identifier);
  std::shared_ptr<Connection> Established(const PublicKey& key) const;
  bool SurvivesDuplicate(const Connection& connection, Connection& other) const;
  void Tick();
  void OnTick();
  Peer* Dialled(const Connection& connection);
  void SayDialFailure(const std::string& identifier, const std::string& reason);
  void Log(LogLevel level, const std::string& text) { logger_->Log(level, options_.topic, text); }

  asio::io_context& context_;
  NetworkOptions options_;
  NetworkEvents events_;
  Logger* logger_;
  tcp::acceptor acceptor_;
  asio::steady_timer retry_;
  asio::steady_timer tick_;
  SharedFrame ping_;
  std::map<std::string, Peer> peers_;  // those that are dialled
  std::unordered_map<PeerId, std::shared_ptr<Connection>> connections_;
  std::size_t inbound_ = 0;
  std::size_t established_ = 0;
  std::uint64_t dial_failures_ = 0;
  PeerId last_id_ = 0;
  Clock::time_point last_tick_ = Clock::now();
  bool stopped_ = false;
};

absl::Status Network::Impl::Start() {
  absl::Status status = OpenListener(acceptor_, options_.listen, "peers");
  if (!status.ok()) return status;
  Accept();
  Tick();
  std::uint64_t seed = 0;
  std::memcpy(&seed, options_.identity.key.public_key().bytes.data(), sizeof seed);
  for (const PeerConfig& peer : options_.peers) MakeDialler(peer, ++seed);
  // From the loop, as what a dial tells its owner must not come from within this call.
  asio::post(context_, [self = shared_from_this()] {
    for (auto& [identifier, peer] : self->peers_) {
      if (!self->stopped_) peer.dialler->Start();
    }
  });
  return absl::OkStatus();
}

void Network::Impl::MakeDialler(const PeerConfig& peer, std::uint64_t seed) {
  DiallerOptions dial;
  dial.peer = peer;
  if (options_.listen.IsSpecific()) dial.source = asio::ip::make_address(options_.listen.host);
  dial.first_backoff = options_.first_backoff;
  dial.last_backoff = options_.last_backoff;
  dial.seed = seed;
  const std::string name = peer.identifier;
  const std::weak_ptr<Impl> weak = weak_from_this();
  Dialler::Events events;
  events.wanted = [weak, name] {
    const auto self = weak.lock();
    return self != nullptr && self->Wanted(name);
  };
  events.connected = [weak, name](tcp::socket socket) {
    if (const auto self = weak.lock()) self->Begin(std::move(socket), name);
  };
  events.unanswered = [weak, name] {
    if (const auto self = weak.lock()) self->GiveUpHandshake(name);
  };
  events.failed = [weak, name](const std::string& reason) {
    if (const auto self = weak.lock()) self->SayDialFailure(name, reason);
  };
  peers_[name].dialler = std::make_shared<Dialler>(context_, std::move(dial), std::move(events));
}

// The first failure of each kind is news; the same again is not.
void Network::Impl::SayDialFailure(const std::string& identifier, const std::string& reason) {
  ++dial_failures_;
  Peer& peer = peers_[identifier];
  const bool news = peer.last_failure != reason;
  peer.last_failure = reason;
  Log(news ? LogLevel::kInfo : LogLevel::kDebug,
      absl::StrCat("dial of ", identifier, " failed: ", reason));
}

void Network::Impl::Stop() {
  stopped_ = true;
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  retry_.cancel();
  tick_.cancel();
  for (auto& [identifier, peer] : peers_) peer.dialler->Stop();
  const auto connections = std::exchange(connections_, {});
  for (const auto& [id, connection] : connections) connection->Detach();
}

void Network::Impl::Accept() {
  auto self = shared_from_this();
  acceptor_.async_accept([self](boost::system::error_code error, tcp::socket socket) {
    if (self->stopped_) return;
    if (!error) self->Begin(std::move(socket), std::nullopt);
    if (!error || error == asio::error::connection_aborted) return self->Accept();
    self->retry_.expires_after(std::chrono::milliseconds(100));
    self->retry_.async_wait([self](boost::system::error_code cancelled) {
      if (!cancelled) self->Accept();
    });
  });
}

void Network::Impl::Begin(tcp::socket socket, std::optional<std::string> expected) {
  const bool dialled = expected.has_value();
  auto connection =
      std::make_shared<Connection>(std::move(socket), ++last_id_, options_.identity, dialled,
                                   FreshNonce(), std::move(expected), options_.max_queue, this);
  connections_[connection->id()] = connection;
  if (!dialled && ++inbound_ > options_.max_inbound) {
    return connection->Refuse("there are too many connections already");
  }
  connection->Start();
}

bool Network::Impl::Wanted(const std::string& identifier) const {
  for (const auto& [id, connection] : connections_) {
    if (connection->expected() == identifier) return false;
    if (connection->established() && connection->peer().identifier == identifier) return false;
  }
  return !stopped_;
}

void Network::Impl::GiveUpHandshake(const std::string& identifier) {
  for (const auto& [id, connection] : connections_) {
    if (connection->expected() != identifier || connection->established()) continue;
    const std::shared_ptr<Connection> held = connection;  // closing takes it out
    return held->Close("no answer to the handshake in time");
  }
}

std::shared_ptr<Connection> Network::Impl::Established(const PublicKey& key) const {
  for (const auto& [id, connection] : connections_) {
    if (connection->established() && connection->peer().public_key == key) return connection;
  }
  return nullptr;
}

// Whether `connection` stays beside `other`, the one to the same node that stands already. Both
// sides decide alike: of two that were dialled by one side the newer stays, as its dialler has lost
// the older; of two that were dialled by both, that of the lower key.
bool Network::Impl::SurvivesDuplicate(const Connection& connection, Connection& other) const {
  if (connection.dialled() == other.dialled()) return true;
  const bool mine_is_lower = options_.identity.key.public_key() < connection.peer().public_key;
  return connection.dialled() == mine_is_lower;
}

bool Network::Impl::OnEstablished(Connection& connection) {
  if (stopped_) return false;
  for (const auto& [id, other] : connections_) {
    if (other->established() && other->peer().identifier == connection.peer().identifier &&
        other->peer().public_key != connection.peer().public_key) {
      connection.Refuse("another node has this identifier");
      return false;
    }
  }
  if (const std::shared_ptr<Connection> other = Established(connection.peer().public_key)) {
    if (!SurvivesDuplicate(connection, *other)) {
      connection.Refuse("a connection to this node stands already");
      return false;
    }
    other->Refuse("a newer connection to this node replaces it");
    if (!other->closed()) other->Close("a newer connection to this node replaces it");
  }
  ++established_;
  if (Peer* peer = Dialled(connection)) {
    peer->last_failure.clear();
    if (connection.dialled()) peer->dialler->Stands();
  }
  Log(LogLevel::kInfo, absl::StrCat("connected to ", connection.Name(),
                                    connection.dialled() ? ", dialled" : ", which dialled"));
  asio::post(context_, [self = shared_from_this(), id = connection.id(),
                        name = connection.peer().identifier] {
    if (!self->stopped_) self->events_.connected(id, name);
  });
  return true;
}

void Network::Impl::OnMessage(Connection& connection, Message message) {
  if (stopped_) return;
  asio::post(context_, [self = shared_from_this(), id = connection.id(),
                        held = std::move(message)]() mutable {
    const auto found = self->connections_.find(id);
    if (self->stopped_ || found == self->connections_.end()) return;
    self->events_.message(id, std::move(held));
  });
}

void Network::Impl::OnClosed(Connection& connection, const std::string& reason) {
  const std::shared_ptr<Connection> held = connections_[connection.id()];  // until the end
  connections_.erase(connection.id());
  if (!connection.dialled()) --inbound_;
  const auto dialler = [&](const std::string& identifier) -> Dialler* {
    const auto found = peers_.find(identifier);
    return found == peers_.end() ? nullptr : found->second.dialler.get();
  };
  if (!connection.established()) {
    if (connection.dialled()) {
      dialler(*connection.expected())->Failed(reason);
    } else {
      Log(LogLevel::kInfo, absl::StrCat("refused ", connection.Name(), ": ", reason));
    }
    return;
  }
  --established_;
  Log(LogLevel::kInfo, absl::StrCat("lost ", connection.Name(), ": ", reason));
  if (stopped_) return;
  asio::post(context_, [self = shared_from_this(), id = connection.id()] {
    if (!self->stopped_) self->events_.disconnected(id);
  });
  if (Dialler* again = dialler(connection.peer().identifier)) again->Lost();
}

Network::Impl::Peer* Network::Impl::Dialled(const Connection& connection) {
  const auto found = peers_.find(connection.peer().identifier);
  return found == peers_.end() ? nullptr : &found->second;
}

void Network::Impl::Tick() {
  tick_.expires_after(options_.ping);
  tick_.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
    if (cancelled || self->stopped_) return;
    self->OnTick();
    self->Tick();
  });
}

// Pings everyone and drops the silent. After a pause of this process everyone seems silent: what
// has arrived meanwhile is read first.
void Network::Impl::OnTick() {
  const Clock::time_point now = Clock::now();
  const bool paused = now - last_tick_ > 2 * options_.ping;
  if (paused) {
    const auto away = std::chrono::duration_cast<std::chrono::milliseconds>(now - last_tick_);
    Log(LogLevel::kInfo,
        absl::StrCat("did nothing for ", away.count(), " ms: it was paused, or held up"));
  }
  last_tick_ = now;
  const auto connections = connections_;  // dropping one takes it out
  for (const auto& [id, connection] : connections) {
    if (connection->closed()) continue;
    if (!paused && now - connection->last_heard() >= options_.silence) {
      connection->Close(absl::StrCat("silent for ", options_.silence.count(), " ms"));
    } else if (connection->established()) {
      connection->Send(ping_);
    }
  }
}

void Network::Impl::Send(PeerId peer, const Message& message) {
  const auto found = connections_.find(peer);
  if (found == connections_.end() || !found->second->established()) return;
  found->second->Send(MessageFrame(message));
}

void Network::Impl::Broadcast(const Message& message, std::optional<PeerId> except) {
  SharedFrame frame;
  for (const auto& [id, connection] : connections_) {
    if (!connection->established() || id == except) continue;
    if (frame == nullptr) frame = MessageFrame(message);
    connection->Send(frame);
  }
}

void Network::Impl::Drop(PeerId peer, const std::string& reason) {
  const auto found = connections_.find(peer);
  if (found == connections_.end()) return;
  const std::shared_ptr<Connection> connection = found->second;
  connection->Refuse(reason);
}

Address Network::Impl::address() const {
  boost::system::error_code ignored;
  return {options_.listen.host, acceptor_.local_endpoint(ignored).port()};
}

NetworkCounts Network::Impl::counts() const {
  NetworkCounts counts;
  counts.connected = established_;
  counts.pending = connections_.size() - established_;
  for (const auto& [identifier, peer] : peers_) counts.pending += peer.dialler->under_way() ? 1 : 0;
  counts.dial_failures = dial_failures_;
  return counts;
}

bool Network::Impl::resolving() const {
  for (const auto& [identifier, peer] : peers_) {
    if (peer.dialler->resolving()) return true;
  }
  return false;
}

absl::StatusOr<std::unique_ptr<Network>> Network::Start(asio::io_context& context,
                                                        NetworkOptions options,
                                                        NetworkEvents events, Logger* logger) {
  if (sodium_init() < 0) return absl::InternalError("libsodium cannot be initialised");
  auto impl = std::make_shared<Impl>(context, std::move(options), std::move(events), logger);
  absl::Status status = impl->Start();
  if (!status.ok()) {
    impl->Stop();
    return status;
  }
  return std::unique_ptr<Network>(new Network(std::move(impl)));
}

Network::Network(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Network::~Network() { impl_->Stop(); }
void Network::Send(PeerId peer, const Message& message) { impl_->Send(peer, message); }
void Network::Broadcast(const Message& message, std::optional<PeerId> except) {
  impl_->Broadcast(message, except);
}
void Network::Drop(PeerId peer, const std::string& reason) { impl_->Drop(peer, reason); }
Address Network::address() const { return impl_->address(); }
NetworkCounts Network::counts() const { return impl_->counts(); }
bool Network::Dialled(PeerId peer) const { return impl_->Dialled(peer); }
bool Network::resolving() const { return impl_->resolving(); }
void Network::Stop() { impl_->Stop(); }

}  // namespace gtestnet::node
