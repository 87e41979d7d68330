// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_RUN_LOG_WATCH_H_
#define GTESTNET_CORE_SRC_RUN_LOG_WATCH_H_

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/src/base/thread.h"
#include "core/src/run/log_book.h"
#include "gtestnet/clock.h"
#include "gtestnet/deployer.h"
#include "gtestnet/record.h"

namespace gtestnet {

// What a LogWatch reads; it must outlive the watch.
struct WatchedLogs {
  const BackendCluster* cluster = nullptr;
  const Clock* clock = &RealClock();
  std::function<RunTime()> now;
  // Of a cluster that other runs had before: what it logged so far is theirs.
  bool from_now = false;
  // This process lacks what it needs to go on.
  std::function<void(const absl::Status&)> give_up;
};

// Reads the logs of all nodes of a run while it goes on, about twice a second, and once a second
// where that takes long. A log that grows faster than it can be read is read behind, and at the end
// as far as that is done soon. Any thread.
class LogWatch {
 public:
  // Without any thread where logs cannot be read in parts.
  static absl::StatusOr<std::unique_ptr<LogWatch>> Begin(WatchedLogs watched);
  ~LogWatch();

  // The lines that were read since the last call, in order of time. Of what nobody asked for in
  // time much is forgotten, first lines below warn; the record has what it keeps all the same.
  std::vector<LogLine> TakeNew();
  // Reads the rest, and ends. Idempotent.
  void Finish();
  // After Finish: lines, their counts in the record's nodes, and resources.
  void Fill(RunRecord& record) const;

 private:
  enum class Left { kNothing, kMore, kUnknown };
  struct Log {
    using Start = std::chrono::system_clock::time_point;
    Log(NodeIndex node, const NodeKind& kind, Start start) : book(node, kind, start) {}
    LogBook book;
    std::string cursor;
    bool readable = true;               // as a whole only, if not
    Left left = Left::kNothing;         // as of the last reading
    std::optional<uint64_t> told = {};  // of its bytes, in the last of the resources
    std::optional<RunTime> same = {};   // until then it was that, which is not told
  };

  explicit LogWatch(WatchedLogs watched) : watched_(std::move(watched)) {}
  void Run(const std::stop_token& stop);
  // Those that were added have a log, too.
  void FindNodes(const std::string& cursor);
  // Of what is there now, or a good part of it.
  void Read(NodeIndex node, Log& log);
  void Offer(std::vector<LogLine> lines);
  void NoteSizes(bool last);

  const WatchedLogs watched_;
  std::map<NodeIndex, Log> logs_;  // of the thread, and of whoever has joined it
  std::vector<ResourceSample> sizes_;
  Clock::TimePoint begun_{};
  Clock::TimePoint next_sizes_{};

  std::mutex mutex_;
  std::vector<LogLine> fresh_;
  size_t fresh_bytes_ = 0;
  Thread thread_;
  bool finished_ = false;
};

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_RUN_LOG_WATCH_H_
