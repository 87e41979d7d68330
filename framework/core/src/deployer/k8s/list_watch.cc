// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/k8s/list_watch.h"

#include <boost/json.hpp>
#include <memory>
#include <utility>

#include "core/src/base/http.h"
#include "core/src/base/status.h"
#include "core/src/base/wait.h"

namespace gtestnet::k8s {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

constexpr milliseconds kAnswer{10000};
// After its turn a watch is closed by the API; later than this it is not alive.
constexpr milliseconds kMargin{5000};
constexpr size_t kQuoted = 200;

const json::object* ObjectAt(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_object() ? &value->get_object() : nullptr;
}

std::string TextAt(const json::object* object, const char* key) {
  const json::value* value = object == nullptr ? nullptr : object->if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

absl::StatusOr<json::object> ParseObject(std::string_view text) {
  json::error_code error;
  json::value value = json::parse(json::string_view(text.data(), text.size()), error);
  if (!error && value.is_object()) return std::move(value.get_object());
  return Unavailable("an answer that makes no sense: " + std::string(text.substr(0, kQuoted)));
}

std::string VersionOf(const json::object& object) {
  return TextAt(ObjectAt(object, "metadata"), "resourceVersion");
}

bool IsGone(const json::object& status) {
  json::error_code error;
  const json::value* code = status.if_contains("code");
  return code != nullptr && code->to_number<int>(error) == 410 && !error;
}

// What ends a watch, beside a failure.
absl::Status Forgotten() { return absl::OutOfRangeError("the API has forgotten that version"); }

absl::Status Refused(const base::HttpResponse& response) {
  const absl::StatusOr<json::object> said = ParseObject(response.body);
  std::string text = said.ok() ? TextAt(&*said, "message") : std::string();
  if (text.empty()) text = response.body.substr(0, kQuoted);
  const bool forbidden = response.status == 401 || response.status == 403;
  return MakeStatus(
      forbidden ? absl::StatusCode::kPermissionDenied : absl::StatusCode::kUnavailable,
      "HTTP " + std::to_string(response.status) + ", " + text);
}

}  // namespace

ListWatch::ListWatch(ListWatchOptions options, ListWatchHandlers handlers)
    : options_(std::move(options)),
      handlers_(std::move(handlers)),
      clock_(RealClock()),
      answered_(clock_.Now()),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

ListWatch::~ListWatch() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

absl::Status ListWatch::AwaitFirst(milliseconds timeout) {
  GTESTNET_RETURN_IF_ERROR(thread_.status());
  std::unique_lock lock(mutex_);
  if (changed_.wait_for(lock, timeout, [this] { return has_list_ || is_over_; }) && has_list_) {
    return absl::OkStatus();
  }
  const std::string what = "the Kubernetes API, " + options_.what;
  if (is_over_) return MakeStatus(last_.code(), what + ": " + MessageOf(last_));
  return DeadlineExceeded(what + ": not known in " + FormatDuration(timeout) +
                          "; last: " + MessageOf(last_));
}

void ListWatch::NoteAnswer() {
  const std::lock_guard lock(mutex_);
  answered_ = clock_.Now();
  is_away_ = false;
}

absl::Status ListWatch::Health() const {
  const std::lock_guard lock(mutex_);
  if (!is_away_) return absl::OkStatus();
  const auto silence = std::chrono::floor<milliseconds>(clock_.Now() - answered_);
  return Unavailable("the Kubernetes API has not answered for " + FormatDuration(silence) + " (" +
                     MessageOf(last_) + ")");
}

void ListWatch::Run(const std::stop_token& stop) {
  bool knows_all = false;
  while (!stop.stop_requested()) {
    const absl::Status end = knows_all ? Watch(stop) : List(stop);
    if (stop.stop_requested()) return;
    const bool forgotten = knows_all && absl::IsOutOfRange(end);
    knows_all = !forgotten && (knows_all || end.ok());
    if (end.ok()) continue;
    if (forgotten) {
      clock_.SleepFor(options_.retry, stop);
      continue;
    }
    Clock::TimePoint answered;
    {
      const std::lock_guard lock(mutex_);
      last_ = end;
      is_away_ = true;
      answered = answered_;
    }
    if (absl::IsPermissionDenied(end) || clock_.Now() - answered >= options_.patience) {
      return GiveUp(end);
    }
    clock_.SleepFor(options_.retry, stop);
  }
}

void ListWatch::GiveUp(const absl::Status& why) {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
    changed_.notify_all();
  }
  if (handlers_.on_lost) {
    handlers_.on_lost(Annotate(why, "the Kubernetes API, " + options_.what));
  }
}

absl::Status ListWatch::List(const std::stop_token& stop) {
  GTESTNET_ASSIGN_OR_RETURN(const base::Endpoint endpoint, options_.endpoint());
  const base::HttpClient client(endpoint);
  base::HttpRequest request;
  request.target = options_.target;
  GTESTNET_ASSIGN_OR_RETURN(const base::HttpResponse response,
                            client.Request(request, kAnswer, stop));
  if (response.status != 200) return Refused(response);
  GTESTNET_ASSIGN_OR_RETURN(const json::object list, ParseObject(response.body));
  const json::value* items = list.if_contains("items");
  version_ = VersionOf(list);
  if (items == nullptr || !items->is_array() || version_.empty()) {
    return Unavailable("no list: " + response.body.substr(0, kQuoted));
  }
  NoteAnswer();
  std::vector<json::object> objects;
  for (const json::value& item : items->get_array()) {
    if (item.is_object()) objects.push_back(item.get_object());
  }
  if (handlers_.on_all) handlers_.on_all(objects);
  const std::lock_guard lock(mutex_);
  has_list_ = true;
  changed_.notify_all();
  return absl::OkStatus();
}

absl::Status ListWatch::Watch(const std::stop_token& stop) {
  GTESTNET_ASSIGN_OR_RETURN(const base::Endpoint endpoint, options_.endpoint());
  base::HttpRequest request;
  request.target =
      options_.target + (options_.target.find('?') == std::string::npos ? "?" : "&") +
      "watch=1&allowWatchBookmarks=true&timeoutSeconds=" + std::to_string(options_.turn.count()) +
      "&resourceVersion=" + version_;
  absl::Status end;
  bool opened = false;
  bool ended = false;
  base::LineHandlers handlers;
  handlers.on_open = [&] {
    NoteAnswer();
    const std::lock_guard lock(mutex_);
    opened = true;
  };
  handlers.on_line = [this](std::string_view line) { return Take(line); };
  handlers.on_end = [&](const absl::Status& status) {
    const std::lock_guard lock(mutex_);
    end = status;
    ended = true;
    changed_.notify_all();
  };
  const Clock::TimePoint begun = clock_.Now();
  base::LineStream stream(endpoint, request, std::move(handlers), {.open_timeout = kAnswer});
  std::unique_lock lock(mutex_);
  const bool in_time =
      changed_.wait_for(lock, stop, options_.turn + kAnswer + kMargin, [&] { return ended; });
  if (!in_time) {
    // Its handlers use what is here, so it goes first.
    lock.unlock();
    stream.Cancel();
    lock.lock();
    changed_.wait(lock, [&] { return ended; });
    return Unavailable("a watch was not closed in time, so it is not alive");
  }
  // An answer that is no watch: a new list is needed, or says more.
  if (absl::IsInternal(end) || absl::IsNotFound(end)) return Forgotten();
  // It was closed: its turn is over, or the API goes; the next one shows that.
  const bool was_long = clock_.Now() - begun >= options_.retry;
  return opened && was_long && absl::IsUnavailable(end) ? absl::OkStatus() : end;
}

absl::Status ListWatch::Take(std::string_view line) {
  GTESTNET_ASSIGN_OR_RETURN(const json::object change, ParseObject(line));
  const std::string type = TextAt(&change, "type");
  const json::object* object = ObjectAt(change, "object");
  if (object == nullptr) return Unavailable("a change of nothing");
  if (type == "ERROR") {
    return IsGone(*object) ? Forgotten() : Unavailable(TextAt(object, "message"));
  }
  NoteAnswer();
  const std::string version = VersionOf(*object);
  if (type == "ADDED" || type == "MODIFIED") {
    if (handlers_.on_changed) handlers_.on_changed(*object);
  } else if (type == "DELETED") {
    if (handlers_.on_gone) handlers_.on_gone(*object);
  }
  // Afterwards: what a handler was told is done.
  if (!version.empty()) version_ = version;
  return absl::OkStatus();
}

}  // namespace gtestnet::k8s
