// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_SUITES_MISBEHAVIOUR_LIAR_LIES_H_
#define GTESTNET_SUITES_MISBEHAVIOUR_LIAR_LIES_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace gtestnet::liar {

// One thing that is not true: `NAME`, `NAME@H` (from the time when the node's tip reaches height
// H), `NAME=N` or `NAME@H=N`.
struct Lie {
  std::string name = {};
  int64_t from = 0;  // H
  int64_t value = 0;
};

// Of a list separated by commas. kInvalidArgument for an unknown one lists those there are.
absl::StatusOr<std::vector<Lie>> ParseLies(std::string_view text);
// Each name, with what it is, a line each.
std::string AllLies();

// What becomes of what a node says on its way to the runner. Without any I/O; one thread at a time.
class Liar {
 public:
  explicit Liar(std::vector<Lie> lies) : lies_(std::move(lies)) {}

  // An answer's body, to a request for `path` (without its query).
  std::string Answer(std::string_view path, std::string body);
  // A line of a stream; nothing when it is kept back.
  std::optional<std::string> Line(std::string_view path, std::string line);

  // The lie of that name, if it was asked for and its time has come.
  const Lie* Active(std::string_view name) const;
  // The height of the node's tip, as the node last told it.
  int64_t height() const { return height_; }

 private:
  const std::vector<Lie> lies_;
  int64_t height_ = 0;
  std::map<std::string, std::string, std::less<>> frozen_;  // by path
};

}  // namespace gtestnet::liar

#endif  // GTESTNET_SUITES_MISBEHAVIOUR_LIAR_LIES_H_
