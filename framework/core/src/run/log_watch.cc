// SPDX-License-Identifier: Apache-2.0
#include "core/src/run/log_watch.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace gtestnet {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kInterval{500};
constexpr milliseconds kLongInterval{1000};
// A reading of all takes at most one part of so many of the time.
constexpr int kShareOfTime = 20;
// Of one node at a time, so that all get their turn.
constexpr int kMostParts = 4;
// A part that is as long may not be the last.
constexpr size_t kLongPart = 256 * 1024;
// For what is left at the end.
constexpr milliseconds kPatience{5000};
constexpr int kTries = 3;
// What waits to be asked for: above the first only what is grave is kept, above the second nothing.
constexpr size_t kMostFresh = 1024 * 1024;
constexpr size_t kMostGraveFresh = 4 * 1024 * 1024;
// How often the size of a log is noted, and in how many parts of a long run at most.
constexpr milliseconds kSizes{2000};
constexpr int kMostSizes = 300;

constexpr char kUnreadWord[] = "unread";
// As BackendCluster::ReadLog has it.
constexpr char kEnd[] = "end";

void SortByTime(std::vector<LogLine>& lines) {
  std::stable_sort(lines.begin(), lines.end(),
                   [](const LogLine& a, const LogLine& b) { return a.at < b.at; });
}

}  // namespace

absl::StatusOr<std::unique_ptr<LogWatch>> LogWatch::Begin(WatchedLogs watched) {
  std::unique_ptr<LogWatch> watch(new LogWatch(std::move(watched)));
  const WatchedLogs& all = watch->watched_;
  watch->begun_ = all.clock->Now();
  const std::vector<NodeInfo> nodes = all.cluster->nodes();
  const bool readable =
      !nodes.empty() && !absl::IsUnimplemented(all.cluster->ReadLog(nodes[0].index, kEnd).status());
  if (!readable) return watch;
  watch->FindNodes(all.from_now ? kEnd : "");
  if (all.from_now) {
    for (auto& [node, log] : watch->logs_) watch->Read(node, log);
  }
  watch->thread_ = Thread([self = watch.get()](const std::stop_token& stop) { self->Run(stop); },
                          [self = watch.get()](const absl::Status& why) {
                            if (self->watched_.give_up) self->watched_.give_up(why);
                          });
  if (!watch->thread_.status().ok()) return watch->thread_.status();
  return watch;
}

LogWatch::~LogWatch() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void LogWatch::FindNodes(const std::string& cursor) {
  for (const NodeInfo& node : watched_.cluster->nodes()) {
    const auto [log, is_new] =
        logs_.try_emplace(node.index, node.index, *watched_.cluster->spec().topology.kind,
                          watched_.cluster->chain_start());
    if (is_new) log->second.cursor = cursor;
  }
}

void LogWatch::Run(const std::stop_token& stop) {
  const Clock& clock = *watched_.clock;
  while (!stop.stop_requested()) {
    const Clock::TimePoint begun = clock.Now();
    FindNodes("");
    for (auto& [node, log] : logs_) Read(node, log);
    NoteSizes(/*last=*/false);
    const auto took = std::chrono::ceil<milliseconds>(clock.Now() - begun);
    clock.SleepUntil(begun + std::clamp(kShareOfTime * took, kInterval, kLongInterval), stop);
  }
}

void LogWatch::Read(NodeIndex node, Log& log) {
  for (int i = 0; i < kMostParts && log.readable; ++i) {
    const absl::StatusOr<LogPart> part = watched_.cluster->ReadLog(node, log.cursor);
    log.readable = !absl::IsUnimplemented(part.status());
    log.left = part.ok() ? Left::kMore : Left::kUnknown;
    if (!part.ok()) return;
    log.cursor = part->cursor;
    std::vector<LogLine> lines;
    log.book.Take(part->text, watched_.now(), lines);
    Offer(std::move(lines));
    if (part->text.size() >= kLongPart) continue;
    log.left = Left::kNothing;
    return;
  }
}

void LogWatch::Offer(std::vector<LogLine> lines) {
  const std::lock_guard lock(mutex_);
  for (LogLine& line : lines) {
    const size_t most = line.level >= LogLevel::kWarn ? kMostGraveFresh : kMostFresh;
    const size_t cost = line.text.size() + LogBook::kBytesBesides;
    if (fresh_bytes_ + cost > most) continue;
    fresh_bytes_ += cost;
    fresh_.push_back(std::move(line));
  }
}

void LogWatch::NoteSizes(bool last) {
  const Clock::TimePoint now = watched_.clock->Now();
  if (!last && now < next_sizes_) return;
  next_sizes_ = now + std::max<Clock::TimePoint::duration>(kSizes, (now - begun_) / kMostSizes);
  const RunTime at = watched_.now();
  for (auto& [node, log] : logs_) {
    if (!log.readable) continue;
    const bool changed = log.told != log.book.bytes();
    if (!changed && !last) {
      log.same = at;
      continue;
    }
    if (changed && log.same) {
      sizes_.push_back({*log.same, node, {{"log", static_cast<double>(log.told.value_or(0))}}});
    }
    log.same.reset();
    log.told = log.book.bytes();
    sizes_.push_back({at, node, {{"log", static_cast<double>(*log.told)}}});
  }
}

std::vector<LogLine> LogWatch::TakeNew() {
  std::vector<LogLine> lines;
  {
    const std::lock_guard lock(mutex_);
    if (fresh_.empty()) return lines;
    lines = std::exchange(fresh_, {});
    fresh_bytes_ = 0;
  }
  SortByTime(lines);
  return lines;
}

void LogWatch::Finish() {
  if (std::exchange(finished_, true)) return;
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
  FindNodes("");
  const Clock::TimePoint end = watched_.clock->Now() + kPatience;
  for (auto& [node, log] : logs_) {
    int failures = 0;
    do {
      Read(node, log);
      if (log.left == Left::kUnknown && ++failures == kTries) break;
    } while (log.left != Left::kNothing && log.readable && watched_.clock->Now() < end);
  }
  NoteSizes(/*last=*/true);
}

void LogWatch::Fill(RunRecord& record) const {
  for (const auto& [node, log] : logs_) {
    const auto i = static_cast<size_t>(node);
    if (!log.readable || node < 0 || i >= record.nodes.size()) continue;
    log.book.AddTo(record.logs);
    record.nodes[i].log_lines = log.book.Counts();
    record.nodes[i].log_lines_left_out = log.book.LeftOut();
    if (log.left != Left::kNothing) record.nodes[i].log_lines_left_out[kUnreadWord] = 1;
  }
  SortByTime(record.logs);
  // A backend may know the size of a log better.
  std::set<NodeIndex> known;
  for (const ResourceSample& sample : record.resources) {
    if (sample.values.Find("log") != nullptr) known.insert(sample.node);
  }
  std::ranges::copy_if(sizes_, std::back_inserter(record.resources),
                       [&](const ResourceSample& size) { return !known.contains(size.node); });
  std::stable_sort(record.resources.begin(), record.resources.end(),
                   [](const ResourceSample& a, const ResourceSample& b) { return a.at < b.at; });
}

}  // namespace gtestnet
