// SPDX-License-Identifier: Apache-2.0
//
// The file that says when the chain starts: waits for it without polling, as it is renamed into
// place.
#ifndef GTESTNET_NODE_START_FILE_H_
#define GTESTNET_NODE_START_FILE_H_

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "boost/asio/io_context.hpp"
#include "boost/asio/posix/stream_descriptor.hpp"
#include "boost/asio/steady_timer.hpp"
#include "core/types.h"

namespace gtestnet::node {

// Milliseconds since the Unix epoch in decimal, and at most a line's end.
[[nodiscard]] absl::StatusOr<Millis> ParseStartTime(std::string_view text);

class StartFile : public std::enable_shared_from_this<StartFile> {
 public:
  using Known = std::function<void(absl::StatusOr<Millis>)>;

  // Calls `known` once, from the context's thread: with the time, or with what is wrong about the
  // file. Nothing when it does not appear.
  [[nodiscard]] static std::shared_ptr<StartFile> Watch(boost::asio::io_context& context,
                                                        std::string path, Known known);
  void Stop();

 private:
  StartFile(boost::asio::io_context& context, std::string path, Known known);
  bool Open();
  void Look();
  void WaitForChange();
  void WaitForTime();
  // What the file says; nothing while there is none.
  [[nodiscard]] std::optional<absl::StatusOr<Millis>> Read() const;

  std::string path_;
  Known known_;
  boost::asio::posix::stream_descriptor inotify_;
  boost::asio::steady_timer timer_;
  std::array<char, 4096> events_{};
};

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_START_FILE_H_
