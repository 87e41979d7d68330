// SPDX-License-Identifier: Apache-2.0
#include "start_file.h"

#include <fcntl.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "boost/asio/buffer.hpp"
#include "boost/asio/post.hpp"

namespace gtestnet::node {
namespace {
constexpr std::size_t kMaxBytes = 64;
// Where the kernel has no watch left to give, or the directory comes later.
constexpr std::chrono::milliseconds kPoll{20};
}  // namespace

absl::StatusOr<Millis> ParseStartTime(std::string_view text) {
  std::string_view digits = text;
  if (!digits.empty() && digits.back() == '\n') digits.remove_suffix(1);
  Millis value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size() || value < 0) {
    return absl::InvalidArgumentError(
        "must hold milliseconds since the Unix epoch, in decimal, and nothing else");
  }
  return value;
}

StartFile::StartFile(boost::asio::io_context& context, std::string path, Known known)
    : path_(std::move(path)), known_(std::move(known)), inotify_(context), timer_(context) {}

std::shared_ptr<StartFile> StartFile::Watch(boost::asio::io_context& context, std::string path,
                                            Known known) {
  std::shared_ptr<StartFile> file(new StartFile(context, std::move(path), std::move(known)));
  const bool watching = file->Open();
  boost::asio::post(context, [file, watching] {
    if (watching) file->WaitForChange();
    file->Look();  // it may have been there before the watch was
    if (!watching && file->known_) file->WaitForTime();
  });
  return file;
}

bool StartFile::Open() {
  const int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (fd < 0) return false;
  std::string directory = std::filesystem::path(path_).parent_path().string();
  if (directory.empty()) directory = ".";
  if (inotify_add_watch(fd, directory.c_str(), IN_MOVED_TO | IN_CLOSE_WRITE) < 0) {
    close(fd);
    return false;
  }
  inotify_.assign(fd);
  return true;
}

void StartFile::Stop() {
  known_ = nullptr;
  boost::system::error_code ignored;
  inotify_.close(ignored);
  timer_.cancel();
}

std::optional<absl::StatusOr<Millis>> StartFile::Read() const {
  const int fd = open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    return absl::UnavailableError(
        absl::StrCat("cannot read the start file ", path_, ": ", std::strerror(errno)));
  }
  std::array<char, kMaxBytes> buffer;
  const ssize_t bytes = read(fd, buffer.data(), buffer.size());
  close(fd);
  absl::StatusOr<Millis> start =
      ParseStartTime({buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(bytes, 0))});
  if (start.ok()) return start;
  return absl::InvalidArgumentError(
      absl::StrCat("the start file ", path_, " ", start.status().message()));
}

void StartFile::Look() {
  if (!known_) return;
  std::optional<absl::StatusOr<Millis>> start = Read();
  if (!start.has_value()) return;
  const Known known = std::move(known_);
  Stop();
  known(*std::move(start));
}

void StartFile::WaitForChange() {
  inotify_.async_read_some(
      boost::asio::buffer(events_),
      [self = shared_from_this()](boost::system::error_code error, std::size_t) {
        if (error || !self->known_) return;
        self->Look();
        if (self->known_) self->WaitForChange();
      });
}

void StartFile::WaitForTime() {
  timer_.expires_after(kPoll);
  timer_.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
    if (cancelled || !self->known_) return;
    self->Look();
    if (self->known_) self->WaitForTime();
  });
}

}  // namespace gtestnet::node
