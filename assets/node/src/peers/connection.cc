// SPDX-License-Identifier: Apache-2.0
#include "peers/connection.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "boost/asio/post.hpp"
#include "boost/asio/write.hpp"
#include "listen.h"

namespace gtestnet::node {
namespace {
namespace asio = boost::asio;
constexpr std::size_t kFramesAtOnce = 32;
}  // namespace

Connection::Connection(Socket socket, PeerId id, const Identity& self, bool dialled,
                       const Hash& nonce, std::optional<std::string> expected,
                       std::size_t max_queue, Owner* owner)
    : socket_(std::move(socket)),
      id_(id),
      expected_(expected),
      handshake_(self, dialled, nonce, std::move(expected)),
      max_queue_(max_queue),
      owner_(owner) {
  boost::system::error_code ignored;
  remote_ = ToAddress(socket_.remote_endpoint(ignored)).ToString();
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
}

std::string Connection::Name() const {
  const std::string& name = handshake_.peer().identifier;
  if (!name.empty()) return absl::StrCat(name, " at ", remote_);
  return expected_.has_value() ? absl::StrCat(*expected_, " at ", remote_) : remote_;
}

void Connection::Start() {
  Send(std::make_shared<const Bytes>(handshake_.Start()));
  Read();
}

void Connection::Send(SharedFrame frame) {
  if (closed_ || refusal_.has_value() || frame->empty()) return;
  queued_bytes_ += frame->size();
  if (queued_bytes_ > max_queue_) {
    // The owner may be in the midst of its peers: it is told afterwards.
    queued_bytes_ = 0;
    refusal_ = "";
    asio::post(socket_.get_executor(), [self = shared_from_this(), limit = max_queue_] {
      self->Close(absl::StrCat("it does not read: more than ", limit, " bytes wait for it"));
    });
    return;
  }
  queue_.push_back(std::move(frame));
  WriteOut();
}

void Connection::Refuse(const std::string& reason) {
  if (closed_ || refusal_.has_value()) return;
  Send(std::make_shared<const Bytes>(EncodeRefusal(reason)));
  refusal_ = reason;
  if (writing_.empty()) Close(reason);
}

void Connection::Close(const std::string& reason) {
  if (closed_) return;
  closed_ = true;
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_both, ignored);
  socket_.close(ignored);
  queue_.clear();
  if (Owner* owner = std::exchange(owner_, nullptr)) owner->OnClosed(*this, reason);
}

void Connection::Detach() {
  owner_ = nullptr;
  Close("");
}

void Connection::Read() {
  const std::span<std::uint8_t> space = reader_.Prepare();
  socket_.async_read_some(
      asio::buffer(space.data(), space.size()),
      [self = shared_from_this()](boost::system::error_code error, std::size_t bytes) {
        if (self->closed_) return;
        if (error == asio::error::eof) return self->Close("it closed");
        if (error) return self->Close(error.message());
        self->OnRead(bytes);
      });
}

void Connection::OnRead(std::size_t bytes) {
  // A handshake has its time from the beginning, whatever is said meanwhile.
  if (established_) last_heard_ = std::chrono::steady_clock::now();
  reader_.Commit(bytes);
  while (!closed_ && !refusal_.has_value()) {
    const absl::StatusOr<std::optional<Frame>> frame = reader_.Next();
    if (!frame.ok()) return Refuse(std::string(frame.status().message()));
    if (!frame->has_value()) return Read();
    if (!HandleFrame(**frame)) return;
  }
}

bool Connection::HandleFrame(const Frame& frame) {
  if (!established_) return HandleHandshake(frame);
  if (frame.kind == FrameKind::kPing) return true;
  if (frame.kind == FrameKind::kRefusal) {
    Close(absl::StrCat("it refused: ", RefusalText(frame.payload)));
    return false;
  }
  if (frame.version != kProtocolVersion || frame.kind != FrameKind::kMessage) {
    Refuse("a frame that does not belong here");
    return false;
  }
  absl::StatusOr<Message> message = DecodeMessage(frame.payload);
  if (!message.ok()) {
    Refuse(absl::StrCat("a malformed message: ", message.status().message()));
    return false;
  }
  if (owner_ != nullptr) owner_->OnMessage(*this, *std::move(message));
  return !closed_ && !refusal_.has_value();
}

bool Connection::HandleHandshake(const Frame& frame) {
  absl::StatusOr<Bytes> answer = handshake_.Handle(frame);
  if (!answer.ok()) {
    const std::string reason(answer.status().message());
    if (frame.kind == FrameKind::kRefusal) {
      Close(reason);
    } else {
      Refuse(reason);
    }
    return false;
  }
  Send(std::make_shared<const Bytes>(*std::move(answer)));
  if (!handshake_.done()) return !closed_;
  if (owner_ == nullptr || !owner_->OnEstablished(*this)) return false;
  established_ = true;
  reader_.set_max_payload(kMaxPayload);
  return !closed_;
}

void Connection::WriteOut() {
  if (!writing_.empty() || closed_) return;
  if (queue_.empty()) {
    if (refusal_.has_value() && !refusal_->empty()) Close(*refusal_);
    return;
  }
  std::vector<asio::const_buffer> buffers;
  std::size_t bytes = 0;
  while (!queue_.empty() && writing_.size() < kFramesAtOnce) {
    bytes += queue_.front()->size();
    buffers.push_back(asio::buffer(*queue_.front()));
    writing_.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  asio::async_write(
      socket_, buffers,
      [self = shared_from_this(), bytes](boost::system::error_code error, std::size_t) {
        self->writing_.clear();
        if (self->closed_) return;
        if (error) return self->Close(error.message());
        self->queued_bytes_ -= std::min(bytes, self->queued_bytes_);
        self->WriteOut();
      });
}

}  // namespace gtestnet::node
