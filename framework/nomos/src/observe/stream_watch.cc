// SPDX-License-Identifier: Apache-2.0
#include "nomos/src/observe/stream_watch.h"

#include <utility>

namespace gtestnet::nomos {

void StreamWatch::Opened(NodeIndex node, StreamKind kind) {
  streams_[{node, kind}] = Stream();
  streams_[{node, kind}].open = true;
}

void StreamWatch::Ended(NodeIndex node, StreamKind kind) { streams_[{node, kind}] = Stream(); }

void StreamWatch::TakeLine(NodeIndex node, StreamKind kind) {
  Stream& stream = streams_[{node, kind}];
  stream.quiet.reset();
  stream.overdue.reset();
}

std::optional<StreamWatch::Silence> StreamWatch::TakeAnswer(NodeIndex node, StreamKind kind,
                                                            int64_t height, RunTime at) {
  Stream& stream = streams_[{node, kind}];
  if (!stream.open || stream.reopen) return std::nullopt;
  if (!stream.quiet || height < stream.quiet->from) {
    stream.quiet = Silence{at, height, height};
    stream.overdue.reset();
  }
  stream.quiet->to = height;
  if (height - stream.quiet->from < kBlocks) return std::nullopt;
  if (!stream.overdue) {
    stream.overdue = at;
    stream.looks = 0;
    return std::nullopt;
  }
  if (++stream.looks < kLooks || at - *stream.overdue < kQuiet) return std::nullopt;
  stream.reopen = true;
  return stream.quiet;
}

void StreamWatch::TakeSilence(NodeIndex node) {
  TakeLine(node, StreamKind::kBlocks);
  TakeLine(node, StreamKind::kFinality);
}

bool StreamWatch::MustReopen(NodeIndex node, StreamKind kind) {
  const auto stream = streams_.find({node, kind});
  return stream != streams_.end() && std::exchange(stream->second.reopen, false);
}

}  // namespace gtestnet::nomos
