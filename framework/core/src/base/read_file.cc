// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/read_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "core/src/base/no_throw.h"
#include "core/src/base/status.h"

namespace gtestnet::base {
namespace {

absl::StatusOr<std::string> ReadAll(int file, const std::string& path, size_t most_bytes) {
  const auto too_long = [&](size_t bytes) {
    return InvalidArgument(
        absl::StrCat(path, ": it has ", bytes, " bytes; at most ", most_bytes, " are read"));
  };
  struct stat about {};
  if (fstat(file, &about) != 0) return ErrnoStatus(errno, path);
  if (S_ISDIR(about.st_mode)) return InvalidArgument(path + ": it is a directory");
  if (!S_ISREG(about.st_mode)) return InvalidArgument(path + ": it is no regular file");
  const auto size = static_cast<size_t>(about.st_size);
  if (size > most_bytes) return too_long(size);
  std::string text;
  // One more, for the end to be seen without room for more of it.
  text.reserve(size + 1);
  while (true) {
    const size_t had = text.size();
    // Files of /proc have no size; others may grow meanwhile.
    const size_t room = text.capacity() > had ? text.capacity() - had : 64 * 1024;
    text.resize(had + room);
    const ssize_t got = read(file, text.data() + had, room);
    text.resize(had + (got > 0 ? static_cast<size_t>(got) : 0));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoStatus(errno, path);
    if (got == 0) return text;
    if (text.size() > most_bytes) return too_long(text.size());
  }
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path, size_t most_bytes) {
  // A pipe that nobody writes to would be waited for.
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return ErrnoStatus(errno, path);
  const auto closed = absl::MakeCleanup([file] { close(file); });
  return NoThrow([&] { return ReadAll(file, path, most_bytes); }, path);
}

}  // namespace gtestnet::base
