// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_SRC_OBSERVE_STREAM_WATCH_H_
#define GTESTNET_NOMOS_SRC_OBSERVE_STREAM_WATCH_H_

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "gtestnet/record.h"

namespace gtestnet::nomos {

enum class StreamKind { kBlocks, kFinality };

// Tells streams that stay open and say nothing while the same node's answers go on. For one thread
// at a time.
//
// A stream is silent when, after an answer that showed three blocks more than an answer after the
// stream's last line (or its opening) did, ten more answers came, over two seconds, and no line. So
// neither a line that is late nor a runner that stood still makes it so.
class StreamWatch {
 public:
  static constexpr int64_t kBlocks = 3;
  static constexpr int kLooks = 10;
  static constexpr RunTime kQuiet{2000};

  // What a silent stream should have told.
  struct Silence {
    RunTime since{0};  // the first answer after its last line
    int64_t from = 0;  // the height of that answer
    int64_t to = 0;    // and of the latest
  };

  void Opened(NodeIndex node, StreamKind kind);
  void Ended(NodeIndex node, StreamKind kind);
  void TakeLine(NodeIndex node, StreamKind kind);
  // The height by an answer: of the tip, or of the last final block. If that makes the stream
  // silent, it is to be reopened.
  std::optional<Silence> TakeAnswer(NodeIndex node, StreamKind kind, int64_t height, RunTime at);
  // No answer came: what answers show is counted anew.
  void TakeSilence(NodeIndex node);
  // Whether it is to be reopened; true once.
  bool MustReopen(NodeIndex node, StreamKind kind);

 private:
  struct Stream {
    bool open = false;
    bool reopen = false;
    std::optional<Silence> quiet;    // since its last line
    std::optional<RunTime> overdue;  // since the answer that showed enough blocks
    int looks = 0;                   // since then
  };
  std::map<std::pair<NodeIndex, StreamKind>, Stream> streams_;
};

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_SRC_OBSERVE_STREAM_WATCH_H_
