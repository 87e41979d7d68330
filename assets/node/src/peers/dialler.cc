// SPDX-License-Identifier: Apache-2.0
#include "peers/dialler.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace gtestnet::node {
namespace {
using boost::asio::ip::tcp;
using std::chrono::milliseconds;
}  // namespace

Dialler::Dialler(boost::asio::io_context& context, DiallerOptions options, Events events)
    : context_(context),
      options_(std::move(options)),
      events_(std::move(events)),
      resolver_(context),
      wait_(context),
      deadline_(context),
      look_(context),
      backoff_(options_.first_backoff),
      patience_(options_.first_patience),
      random_(options_.seed) {}

void Dialler::Start() { Attempt(); }

void Dialler::Stop() {
  stopped_ = true;
  wait_.cancel();
  deadline_.cancel();
  look_.cancel();
  resolver_.cancel();
  boost::system::error_code ignored;
  if (socket_ != nullptr) socket_->close(ignored);
}

void Dialler::Stands() {
  deadline_.cancel();
  patience_ = options_.first_patience;
}

void Dialler::Lost() {
  if (stopped_ || under_way_) return;
  backoff_ = options_.first_backoff;
  Wait();
}

void Dialler::Failed(const std::string& reason) {
  if (stopped_) return;
  under_way_ = false;
  deadline_.cancel();
  events_.failed(reason);
  Wait();
  backoff_ = std::min(backoff_ * 2, options_.last_backoff);
}

// Between three and five quarters of the backoff, so that nodes that lost each other at once do not
// dial each other at once for ever.
void Dialler::Wait() {
  if (waiting_) return;
  waiting_ = true;
  const std::uint64_t base = static_cast<std::uint64_t>(backoff_.count()) * 3 / 4;
  wait_.expires_after(milliseconds(base + random_() % (base * 2 / 3 + 1)));
  wait_.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
    self->waiting_ = false;
    if (!cancelled && !self->stopped_) self->Attempt();
  });
}

void Dialler::AwaitAnswer(std::function<void()> none) {
  deadline_.expires_after(patience_);
  deadline_.async_wait(
      [self = shared_from_this(), none = std::move(none)](boost::system::error_code cancelled) {
        if (cancelled || self->stopped_) return;
        self->patience_ = std::min(self->patience_ * 2, self->options_.last_patience);
        none();
      });
}

void Dialler::Attempt() {
  if (under_way_ || !events_.wanted()) return;
  under_way_ = true;
  boost::system::error_code error;
  const auto literal = boost::asio::ip::make_address(options_.peer.address.host, error);
  if (!error) return ConnectTo({tcp::endpoint(literal, options_.peer.address.port)}, 0, "");
  Resolve([self = shared_from_this()](const std::string& failure, DiallerEndpoints found) {
    if (!failure.empty()) {
      return self->Failed(
          absl::StrCat("cannot resolve ", self->options_.peer.address.host, ": ", failure));
    }
    self->ConnectTo(found, 0, "its name has no address");
    if (self->socket_ != nullptr) self->LookAgain(self->dial_, std::move(found));
  });
}

void Dialler::Resolve(DiallerOptions::Resolved resolved) {
  resolving_ = true;
  auto done = [self = shared_from_this(), resolved = std::move(resolved)](const std::string& error,
                                                                          DiallerEndpoints found) {
    self->resolving_ = false;
    if (!self->stopped_) resolved(error, std::move(found));
  };
  if (options_.resolve) return options_.resolve(options_.peer.address, std::move(done));
  resolver_.async_resolve(options_.peer.address.host, absl::StrCat(options_.peer.address.port),
                          tcp::resolver::numeric_service,
                          [done = std::move(done)](boost::system::error_code error,
                                                   const tcp::resolver::results_type& found) {
                            done(error ? error.message() : "",
                                 DiallerEndpoints(found.begin(), found.end()));
                          });
}

void Dialler::LookAgain(std::uint64_t dial, DiallerEndpoints endpoints) {
  look_.expires_after(options_.look_again);
  look_.async_wait([self = shared_from_this(), dial,
                    endpoints = std::move(endpoints)](boost::system::error_code cancelled) mutable {
    const auto is_over = [self, dial] {
      return self->stopped_ || self->socket_ == nullptr || self->dial_ != dial;
    };
    if (cancelled || is_over() || self->resolving_) return;
    self->Resolve([self, dial, is_over, endpoints = std::move(endpoints)](
                      const std::string& failure, DiallerEndpoints found) mutable {
      if (is_over()) return;
      // Their order may change from one answer to the next.
      if (!failure.empty() ||
          std::is_permutation(found.begin(), found.end(), endpoints.begin(), endpoints.end())) {
        return self->LookAgain(dial, std::move(endpoints));
      }
      // Of the dial before, nothing is heard any more.
      boost::system::error_code ignored;
      self->socket_->close(ignored);
      self->patience_ = self->options_.first_patience;
      self->ConnectTo(found, 0, "its name has no address any more");
      if (self->socket_ != nullptr) self->LookAgain(self->dial_, std::move(found));
    });
  });
}

void Dialler::ConnectTo(DiallerEndpoints endpoints, std::size_t index, const std::string& reason) {
  socket_.reset();
  if (index >= endpoints.size()) return Failed(reason);
  const tcp::endpoint endpoint = endpoints[index];
  auto socket = std::make_shared<Socket>(context_);
  boost::system::error_code error;
  socket->open(endpoint.protocol(), error);
  if (!error && options_.source.has_value() &&
      options_.source->is_v4() == endpoint.address().is_v4()) {
    // The port is then chosen on connecting, and need be unique for that destination only.
    const int on = 1;
    setsockopt(socket->native_handle(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    socket->bind(tcp::endpoint(*options_.source, 0), error);
  }
  if (error) return ConnectTo(std::move(endpoints), index + 1, error.message());
  socket_ = socket;
  const std::uint64_t dial = ++dial_;
  AwaitAnswer([socket] {
    boost::system::error_code ignored;
    socket->close(ignored);
  });
  socket->async_connect(
      endpoint, [self = shared_from_this(), socket, index, dial,
                 endpoints = std::move(endpoints)](boost::system::error_code failure) mutable {
        if (self->stopped_ || self->dial_ != dial) return;
        self->deadline_.cancel();
        self->look_.cancel();
        self->socket_.reset();
        if (!failure && socket->is_open()) {
          self->under_way_ = false;
          self->AwaitAnswer(self->events_.unanswered);
          return self->events_.connected(std::move(*socket));
        }
        const std::string why = failure == boost::asio::error::operation_aborted
                                    ? "no answer in time"
                                    : failure.message();
        self->ConnectTo(endpoints, index + 1, why);
        if (self->socket_ != nullptr) self->LookAgain(self->dial_, std::move(endpoints));
      });
}

}  // namespace gtestnet::node
