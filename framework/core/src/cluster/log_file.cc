// SPDX-License-Identifier: Apache-2.0
#include "core/src/cluster/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <system_error>

#include "absl/cleanup/cleanup.h"
#include "core/src/base/status.h"

namespace gtestnet {
namespace {

constexpr size_t kMostAtOnce = 1024 * 1024;
// How far back the beginning of the last line is looked for.
constexpr size_t kLongestLine = 64 * 1024;

absl::StatusOr<std::string> ReadAt(const std::string& path, uint64_t offset, size_t bytes) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return ErrnoStatus(errno, path);
  const auto closed = absl::MakeCleanup([file] { close(file); });
  std::string text(bytes, '\0');
  size_t had = 0;
  while (had < bytes) {
    const ssize_t got =
        pread(file, text.data() + had, bytes - had, static_cast<off_t>(offset + had));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoStatus(errno, path);
    if (got == 0) break;
    had += static_cast<size_t>(got);
  }
  text.resize(had);
  return text;
}

// Where the last line begins, as far as that is to be seen.
absl::StatusOr<uint64_t> LastLine(const std::string& path, uint64_t begin, uint64_t size) {
  const size_t back = static_cast<size_t>(std::min<uint64_t>(size - begin, kLongestLine));
  GTESTNET_ASSIGN_OR_RETURN(const std::string text, ReadAt(path, size - back, back));
  const size_t newline = text.rfind('\n');
  if (newline != std::string::npos) return size - back + newline + 1;
  return back == size - begin ? begin : size;
}

}  // namespace

uint64_t SizeOfFile(const std::string& path) {
  struct stat about {};
  if (stat(path.c_str(), &about) != 0 || !S_ISREG(about.st_mode)) return 0;
  return static_cast<uint64_t>(about.st_size);
}

absl::StatusOr<LogPart> ReadLogFile(const std::string& path, const std::string& cursor,
                                    uint64_t begin, bool ended) {
  const uint64_t size = SizeOfFile(path);
  begin = std::min(begin, size);
  uint64_t offset = begin;
  if (cursor == kLogEnd) {
    GTESTNET_ASSIGN_OR_RETURN(offset, LastLine(path, begin, size));
    return LogPart{"", std::to_string(offset)};
  }
  if (!cursor.empty()) {
    const auto [at, error] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), offset);
    if (error != std::errc() || at != cursor.data() + cursor.size()) {
      return InvalidArgument(path + ": \"" + cursor.substr(0, 40) + "\" is no place in it");
    }
  }
  if (offset > size) offset = 0;
  if (offset == size) return LogPart{"", std::to_string(offset)};
  const size_t want = static_cast<size_t>(std::min<uint64_t>(size - offset, kMostAtOnce));
  GTESTNET_ASSIGN_OR_RETURN(std::string text, ReadAt(path, offset, want));
  const bool to_its_end = ended && offset + text.size() >= size;
  const size_t newline = text.rfind('\n');
  if (newline != std::string::npos && !to_its_end) {
    text.resize(newline + 1);
  } else if (!to_its_end && text.size() < kMostAtOnce) {
    text.clear();  // the line is still being written
  }
  offset += text.size();
  return LogPart{std::move(text), std::to_string(offset)};
}

}  // namespace gtestnet
