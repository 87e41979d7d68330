// SPDX-License-Identifier: Apache-2.0
#include "telemetry/otlp_sender.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/post.hpp"
#include "boost/beast/core.hpp"
#include "boost/beast/http.hpp"
#include "bounds.h"
#include "http_message.h"
#include "telemetry/otlp_json.h"

namespace gtestnet::node {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;
using std::chrono::milliseconds;

// How long a request takes to end whose connection was closed under it.
constexpr milliseconds kCutOff{1000};

// What became of one request.
struct Outcome {
  unsigned status = 0;  // 0: there was no answer
  std::string problem;  // then, why
  std::string body;

  bool taken() const { return status == 200; }
  bool may_try_again() const {
    return status == 0 || status == 429 || status == 502 || status == 503 || status == 504;
  }
};

}  // namespace

class OtlpSender::Worker : public std::enable_shared_from_this<Worker> {
 public:
  explicit Worker(OtlpSenderOptions options)
      : options_(std::move(options)), pause_(options_.first_pause) {}

  void Start() {
    thread_ = std::thread([self = shared_from_this()] { self->Run(); });
  }

  OtlpCounts counts() const { return {sent_, dropped_, failures_}; }
  bool resolving() const { return resolving_; }

  void Stop() {
    std::unique_lock lock(mutex_);
    if (std::exchange(stopping_, true)) return;
    wake_.notify_all();
    if (!ended_wake_.wait_for(lock, options_.farewell, [this] { return ended_; })) {
      cut_off_ = true;
      asio::post(context_, [this] { CloseStream(); });
    }
    const bool ended = ended_wake_.wait_for(lock, kCutOff, [this] { return ended_; });
    lock.unlock();
    if (ended) return thread_.join();
    // A name server's silence cannot be cut off. When it is over, nothing is called any more.
    const std::lock_guard none(calling_);
    abandoned_ = true;
    thread_.detach();
  }

 private:
  void Run() {
    std::optional<OtlpBatch> batch;
    while (true) {
      const bool last = Wait(batch.has_value() ? pause_ : options_.period);
      while (!cut_off_ && Refill(batch)) {
        if (!SendOne(batch)) break;
      }
      if (last) break;
    }
    if (batch) dropped_ += batch->items;
    CloseStream();
    const std::lock_guard lock(mutex_);
    ended_ = true;
    ended_wake_.notify_all();
  }

  // True when this is the end.
  bool Wait(milliseconds time) {
    std::unique_lock lock(mutex_);
    return wake_.wait_for(lock, time, [this] { return stopping_; });
  }

  bool Refill(std::optional<OtlpBatch>& batch) {
    const std::lock_guard lock(calling_);
    if (!batch && !abandoned_) batch = options_.next();
    return batch.has_value();
  }

  // False when there is no sense in going on now.
  bool SendOne(std::optional<OtlpBatch>& batch) {
    const Outcome outcome = Post(batch->body);
    if (outcome.taken()) {
      const OtlpRejected rejected = ReadPartialSuccess(outcome.body);
      const auto lost = static_cast<std::uint64_t>(std::max<std::int64_t>(rejected.items, 0));
      dropped_ += std::min(lost, batch->items);
      sent_ += batch->items - std::min(lost, batch->items);
      batch.reset();
      pause_ = options_.first_pause;
      if (lost > 0) {
        Tell(absl::StrCat("it rejects ", lost, " items: ", rejected.why));
      } else {
        told_ = false;
      }
      return true;
    }
    ++failures_;
    Tell(outcome.status == 0 ? outcome.problem
                             : absl::StrCat("it answers with HTTP status ", outcome.status));
    if (!options_.keeps || !outcome.may_try_again()) {
      dropped_ += batch->items;
      batch.reset();
      return false;
    }
    pause_ = std::min(pause_ * 2, options_.last_pause);
    return false;
  }

  // Once, until all is well again.
  void Tell(const std::string& problem) {
    const std::lock_guard lock(calling_);
    if (std::exchange(told_, true) || cut_off_ || abandoned_) return;
    options_.on_problem(absl::StrCat("the OTLP collector ", options_.url.ToString(),
                                     " does not take what is sent to it: ", problem));
  }

  Outcome Post(const std::string& body) try {
    // A connection that was kept may be gone by now: then a fresh one.
    const bool kept = stream_ != nullptr;
    Outcome outcome = Exchange(body);
    if (outcome.status == 0 && kept && !cut_off_) outcome = Exchange(body);
    return outcome;
  } catch (const std::exception& failure) {
    in_run_ = false;
    CloseStream();
    return {0, failure.what(), ""};
  }

  Outcome Exchange(const std::string& body) {
    Outcome outcome;
    error_code error;
    if (stream_ == nullptr) Connect(error);
    if (error) return Failed("no connection", error);

    http::request<http::string_body> request(http::verb::post, options_.url.target, 11);
    request.set(http::field::host, options_.url.HostAndPort());
    request.set(http::field::content_type, "application/json");
    request.set(http::field::user_agent, "gtestnet-node");
    request.body() = body;
    request.prepare_payload();
    Arm();
    http::async_write(*stream_, request, [&](error_code e, std::size_t) { error = e; });
    Complete();
    if (error) return Failed("the request was not sent", error);

    HttpMessage answer(HttpMessage::Kind::kAnswer, {.body_bytes = kMostCollectorBytes});
    Arm();
    absl::Status read;
    bool keep = true;
    ReadSome(answer, read, keep, error);
    Complete();
    if (error) return Failed("no answer", error);
    if (!read.ok()) {
      CloseStream();
      return {0, absl::StrCat("no answer: ", read.message()), ""};
    }
    if (!keep) CloseStream();
    outcome.status = static_cast<unsigned>(answer.head().status);
    outcome.body = answer.TakeBody();
    return outcome;
  }

  // Until the answer is there, or `read` or `error` says why not.
  void ReadSome(HttpMessage& answer, absl::Status& read, bool& keep, error_code& error) {
    stream_->async_read_some(asio::buffer(room_), [&](error_code e, std::size_t size) {
      if (e == asio::error::eof) {
        keep = false;
        read = answer.End();
        return;
      }
      if (error = e; error) return;
      const absl::StatusOr<std::size_t> taken = answer.Take({room_.data(), size});
      read = taken.status();
      if (!taken.ok()) return;
      keep = answer.head().keep_alive && *taken == size;
      if (!answer.done()) ReadSome(answer, read, keep, error);
    });
  }

  void Connect(error_code& error) {
    asio::ip::tcp::resolver resolver(context_);
    resolving_ = true;
    const auto endpoints = resolver.resolve(options_.url.host, absl::StrCat(options_.url.port),
                                            asio::ip::tcp::resolver::numeric_service, error);
    resolving_ = false;
    if (error) return;
    stream_ = std::make_unique<beast::tcp_stream>(context_);
    Arm();
    stream_->async_connect(endpoints,
                           [&](error_code e, const asio::ip::tcp::endpoint&) { error = e; });
    Complete();
  }

  // Before an operation begins.
  void Arm() {
    stream_->expires_after(options_.timeout);
    context_.restart();
  }
  // Until it is over.
  void Complete() {
    in_run_ = true;
    context_.run();
    in_run_ = false;
  }

  Outcome Failed(const char* what, const error_code& error) {
    CloseStream();
    const bool late = error == beast::error::timeout;
    return {0,
            absl::StrCat(what, ": ",
                         late ? absl::StrCat("nothing in ", options_.timeout.count(), " ms")
                              : error.message()),
            ""};
  }

  void CloseStream() {
    if (stream_ == nullptr) return;
    error_code ignored;
    stream_->socket().close(ignored);
    if (!in_run_) stream_.reset();
  }

  const OtlpSenderOptions options_;
  asio::io_context context_{1};
  std::unique_ptr<beast::tcp_stream> stream_;
  std::array<char, std::size_t{16} * 1024> room_;  // of what is read
  milliseconds pause_;
  bool told_ = false;
  bool in_run_ = false;
  std::atomic<bool> resolving_{false};
  std::atomic<std::uint64_t> sent_{0};
  std::atomic<std::uint64_t> dropped_{0};
  std::atomic<std::uint64_t> failures_{0};

  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable ended_wake_;
  bool stopping_ = false;
  bool ended_ = false;
  std::atomic<bool> cut_off_{false};
  std::mutex calling_;      // held while the outside is called
  bool abandoned_ = false;  // guarded by calling_
  std::thread thread_;
};

OtlpSender::OtlpSender(OtlpSenderOptions options)
    : worker_(std::make_shared<Worker>(std::move(options))) {
  worker_->Start();
}

OtlpCounts OtlpSender::counts() const { return worker_->counts(); }
bool OtlpSender::resolving() const { return worker_->resolving(); }
void OtlpSender::Stop() { worker_->Stop(); }

}  // namespace gtestnet::node
