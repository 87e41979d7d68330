// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/k8s/pod_watch.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_join.h"
#include "core/src/base/status.h"

namespace gtestnet::k8s {
namespace {

constexpr size_t kMostEvents = 1000;
// Of what is the same but for numbers and times.
constexpr size_t kBeginning = 40;
// So many pods are named in a sentence.
constexpr size_t kNamed = 5;
// Whether a failure came by time alone is looked at so often.
constexpr std::chrono::milliseconds kJudgedAnew{500};

// "gtestnet.run=x" as part of a URL.
std::string Escape(const std::string& text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string escaped;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (isalnum(byte) != 0 || c == '.' || c == '-' || c == '_') {
      escaped += c;
    } else {
      escaped += '%';
      escaped += kDigits[byte >> 4];
      escaped += kDigits[byte & 15];
    }
  }
  return escaped;
}

// Versions are numbers, whatever may be said of them; of two that are none, neither is later.
bool IsLater(const std::string& a, const std::string& b) {
  return a.size() != b.size() ? a.size() > b.size() : a > b;
}

// "a; b; c; and 4 more"
std::string Listed(std::vector<std::string> sentences) {
  const size_t all = sentences.size();
  if (all > kNamed) {
    sentences.resize(kNamed);
    sentences.push_back("and " + std::to_string(all - kNamed) + " more");
  }
  return absl::StrJoin(sentences, "; ");
}

}  // namespace

PodWatch::PodWatch(PodWatchOptions options, PodWatchHandlers handlers)
    : handlers_(std::move(handlers)), clock_(RealClock()) {
  const std::string base = "/api/v1/namespaces/" + options.name_space;
  // Quotas and their like are told of StatefulSets, which have no label in an event: so all.
  events_watch_ = std::make_unique<ListWatch>(
      ListWatchOptions{.what = "events",
                       .target = base + "/events",
                       .endpoint = options.endpoint,
                       .patience = options.patience,
                       .retry = options.retry},
      ListWatchHandlers{
          .on_all =
              [this](const std::vector<boost::json::object>& all) {
                for (const boost::json::object& event : all) TakeEvent(event);
                EndHistory();
              },
          .on_changed = [this](const boost::json::object& event) { TakeEvent(event); }});
  pods_watch_ = std::make_unique<ListWatch>(
      ListWatchOptions{.what = "pods",
                       .target = base + "/pods?labelSelector=" + Escape(options.selector),
                       .endpoint = options.endpoint,
                       .patience = options.patience,
                       .retry = options.retry},
      ListWatchHandlers{
          .on_all = [this](const std::vector<boost::json::object>& all) { TakeAll(all); },
          .on_changed = [this](const boost::json::object& pod) { TakePod(pod); },
          .on_gone = [this](const boost::json::object& pod) { DropPod(pod); },
          .on_lost =
              [this](const absl::Status& why) {
                if (handlers_.on_lost) handlers_.on_lost(why);
              }});
}

PodWatch::~PodWatch() {
  pods_watch_.reset();
  events_watch_.reset();
}

bool PodWatch::Note(const Pod& pod) {
  const std::lock_guard lock(mutex_);
  Known& known = pods_[pod.name];
  if (known.pod.uid == pod.uid && known.pod.version == pod.version) return false;
  if (known.pod.uid != pod.uid || pod.unscheduled.empty()) known.unscheduled.reset();
  if (!pod.unscheduled.empty() && !known.unscheduled) known.unscheduled = clock_.Now();
  known.pod = pod;
  ++news_;
  return true;
}

void PodWatch::TakePod(const boost::json::object& object) {
  const absl::StatusOr<Pod> pod = ReadPod(object);
  if (!pod.ok()) return;
  const std::lock_guard handling(handling_);
  // One that took the place of another, which was not seen to go.
  const std::optional<Pod> before = Find(pod->name);
  if (before && before->uid != pod->uid && handlers_.on_gone) handlers_.on_gone(*before);
  if (Note(*pod) && handlers_.on_pod) handlers_.on_pod(*pod);
}

void PodWatch::TakeAll(const std::vector<boost::json::object>& objects) {
  std::vector<std::string> names;
  for (const boost::json::object& object : objects) {
    const absl::StatusOr<Pod> pod = ReadPod(object);
    if (pod.ok()) names.push_back(pod->name);
    TakePod(object);
  }
  std::sort(names.begin(), names.end());
  for (const Pod& pod : pods()) {
    if (!std::binary_search(names.begin(), names.end(), pod.name)) Drop(pod);
  }
}

void PodWatch::DropPod(const boost::json::object& object) {
  const absl::StatusOr<Pod> pod = ReadPod(object);
  if (pod.ok()) Drop(*pod);
}

void PodWatch::Drop(const Pod& pod) {
  const std::lock_guard handling(handling_);
  {
    const std::lock_guard lock(mutex_);
    const auto found = pods_.find(pod.name);
    if (found == pods_.end() || found->second.pod.uid != pod.uid) return;
    pods_.erase(found);
    ++news_;
  }
  if (handlers_.on_gone) handlers_.on_gone(pod);
}

void PodWatch::TakeEvent(const boost::json::object& object) {
  const absl::StatusOr<Event> event = ReadEvent(object);
  if (!event.ok()) return;
  const std::lock_guard handling(handling_);
  {
    const std::lock_guard lock(mutex_);
    const std::string key =
        event->uid + " " + event->reason + " " + event->message.substr(0, kBeginning);
    const auto [known, is_new] = events_.try_emplace(key, *event);
    if (!is_new && !IsLater(event->version, known->second.version)) return;
    known->second = *event;
    ++news_;
    if (events_.size() > kMostEvents) {
      events_.erase(
          std::min_element(events_.begin(), events_.end(), [](const auto& a, const auto& b) {
            return IsLater(b.second.version, a.second.version);
          }));
    }
  }
  if (handlers_.on_event) handlers_.on_event(*event);
}

void PodWatch::EndHistory() {
  const std::vector<Event> all = events();
  const std::lock_guard lock(mutex_);
  ++news_;
  if (!history_) history_ = all.empty() ? std::string() : all.back().version;
}

bool PodWatch::IsNew(const Event& event) const {
  const std::lock_guard lock(mutex_);
  return history_ && IsLater(event.version, *history_);
}

std::vector<Pod> PodWatch::pods() const {
  const std::lock_guard lock(mutex_);
  std::vector<Pod> all;
  for (const auto& [name, known] : pods_) all.push_back(known.pod);
  return all;
}

std::optional<Pod> PodWatch::Find(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = pods_.find(name);
  return found == pods_.end() ? std::nullopt : std::optional<Pod>(found->second.pod);
}

std::vector<Event> PodWatch::events() const {
  std::vector<Event> all;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, event] : events_) all.push_back(event);
  }
  std::sort(all.begin(), all.end(),
            [](const Event& a, const Event& b) { return IsLater(b.version, a.version); });
  return all;
}

absl::Status PodWatch::Failure() const {
  uint64_t news = 0;
  {
    const std::lock_guard lock(mutex_);
    const bool is_old = clock_.Now() - judged_at_ > kJudgedAnew;
    if (judged_ && judged_news_ == news_ && !is_old) return *judged_;
    news = news_;
  }
  absl::Status failure = FindFailure();
  const std::lock_guard lock(mutex_);
  judged_ = failure;
  judged_news_ = news;
  judged_at_ = clock_.Now();
  return failure;
}

absl::Status PodWatch::FindFailure() const {
  const std::vector<Event> said = events();
  std::vector<std::string> sentences;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, known] : pods_) {
      const auto since = known.unscheduled ? clock_.Now() - *known.unscheduled
                                           : Clock::TimePoint::duration::zero();
      const auto why = WhyItNeverWill(known.pod, said,
                                      std::chrono::duration_cast<std::chrono::milliseconds>(since));
      if (why) sentences.push_back("pod " + name + " " + *why);
    }
  }
  const std::vector<Pod> all = pods();
  for (const Event& event : said) {
    const auto why = WhyItNeverWill(event);
    // It may have been made since then.
    const bool is_there = std::any_of(all.begin(), all.end(), [&](const Pod& pod) {
      return pod.name.compare(0, event.name.size() + 1, event.name + "-") == 0;
    });
    if (why && !is_there && IsNew(event)) sentences.push_back(*why);
  }
  return sentences.empty() ? absl::OkStatus() : Aborted(Listed(std::move(sentences)));
}

std::string PodWatch::Progress() const {
  const std::vector<Event> said = events();
  const std::vector<Pod> all = pods();
  std::vector<std::string> sentences;
  for (const Pod& pod : all) {
    if (!pod.ready) sentences.push_back(pod.name + " " + WhatItWaitsFor(pod, said));
  }
  if (sentences.empty() && !all.empty()) return {};
  const size_t ready = all.size() - sentences.size();
  sentences.insert(sentences.begin(),
                   std::to_string(ready) + " of " + std::to_string(all.size()) + " pods are ready");
  return Listed(std::move(sentences));
}

}  // namespace gtestnet::k8s
