// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_BASE_HTTP_BODY_H_
#define GTESTNET_CORE_SRC_BASE_HTTP_BODY_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace gtestnet::base {

// Takes the body of one HTTP/1.1 message in, whatever the pieces it comes in, and keeps nothing but
// its data: extensions of chunks and trailers are counted and forgotten.
//
// Boost's parser is not asked to: 1.81's aborts by an assertion on a chunked body without data
// whose end comes in three pieces (boostorg/beast#2861), and looks for the end of a chunk's
// extensions and of the trailers in a buffer that grows without a bound.
class HttpBody {
 public:
  // Without `most_bytes` the body may be of any length.
  static HttpBody Chunked(std::optional<uint64_t> most_bytes);
  static HttpBody OfLength(uint64_t length) { return HttpBody(State::kData, length, {}); }
  static HttpBody ToTheEnd(std::optional<uint64_t> most_bytes);

  // Appends the data among `bytes` to `data`; how many bytes belong to the body, which are all
  // unless it is done. kResourceExhausted: more data than allowed; kOutOfRange: a chunk's line, or
  // the trailers, are too long; kInvalidArgument: not HTTP.
  absl::StatusOr<size_t> Take(std::string_view bytes, std::string& data);
  // The connection's end.
  absl::Status End();
  bool done() const { return state_ == State::kDone; }

 private:
  enum class State {
    kToTheEnd,
    kData,  // of a length, or of a chunk
    kSize,
    kExtension,
    kSizeEnd,
    kDataCr,
    kDataLf,
    kTrailer,  // at the beginning of a line
    kTrailerLine,
    kTrailerLineEnd,
    kLastLf,
    kDone,
  };
  HttpBody(State state, uint64_t left, std::optional<uint64_t> most_bytes)
      : state_(left == 0 && state == State::kData ? State::kDone : state),
        left_(left),
        most_bytes_(most_bytes) {}

  size_t TakeData(std::string_view bytes, std::string& data);
  absl::Status TakeFraming(char c);
  absl::Status TakeSize(char c);
  absl::Status TakeTrailer(char c);
  absl::Status BeginChunk();
  absl::Status Spend(uint64_t bytes);

  State state_;
  bool chunked_ = false;
  uint64_t left_;  // of the data; while a chunk's size is read, the size so far
  std::optional<uint64_t> most_bytes_;
  uint64_t spent_ = 0;
  size_t line_bytes_ = 0;
  size_t trailer_bytes_ = 0;
};

}  // namespace gtestnet::base

#endif  // GTESTNET_CORE_SRC_BASE_HTTP_BODY_H_
