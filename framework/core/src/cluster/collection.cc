// SPDX-License-Identifier: Apache-2.0
#include "core/src/cluster/collection.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/src/base/command.h"
#include "core/src/base/status.h"
#include "core/src/cluster/ledger.h"
#include "gtestnet/variables.h"

namespace gtestnet {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMiB = uint64_t{1} << 20;
constexpr uint64_t kMostOfOneLog = 16 * kMiB;
constexpr uint64_t kMostOfAllLogs = 256 * kMiB;
constexpr uint64_t kMostOfAllCores = 256 * kMiB;
constexpr size_t kMostBacktrace = 4 * kMiB;
constexpr std::chrono::milliseconds kDebugger{15000};

// `size` bytes of `from`, or what is left of it.
bool CopyBytes(std::istream& from, std::ostream& to, uint64_t size) {
  std::array<char, 64 * 1024> room;
  while (size > 0 && from && to) {
    from.read(room.data(), static_cast<std::streamsize>(std::min<uint64_t>(size, room.size())));
    to.write(room.data(), from.gcount());
    size -= static_cast<uint64_t>(from.gcount());
  }
  return static_cast<bool>(to);
}

std::string LeftOut(uint64_t bytes) {
  return absl::StrCat("\n[... ", bytes, " bytes are left out here ...]\n");
}

absl::Status WriteError(const std::string& path) {
  return ErrnoStatus(errno == 0 ? EIO : errno, path);
}

// "core", "core.17", "core-some-node-17": by the kernel's default pattern and the usual others.
bool IsCore(const fs::directory_entry& entry) {
  std::error_code ignored;
  return entry.path().filename().string().rfind("core", 0) == 0 && entry.is_regular_file(ignored);
}

}  // namespace

Collection::Collection(std::string directory, int logs)
    : directory_(std::move(directory)),
      most_log_(std::min(kMostOfOneLog, kMostOfAllLogs / static_cast<uint64_t>(std::max(1, logs)))),
      room_for_cores_(kMostOfAllCores) {}

std::string Collection::At(const std::string& path) {
  const fs::path full = fs::path(directory_) / path;
  std::error_code error;
  fs::create_directories(full.parent_path(), error);
  if (error) Lack(ErrnoStatus(error.value(), "directory " + full.parent_path().string()));
  return full.string();
}

void Collection::Lack(const absl::Status& why) {
  if (why.ok()) return;
  const std::lock_guard lock(mutex_);
  lacking_.push_back(MessageOf(why));
}

void Collection::Write(const std::string& path, std::string_view content) {
  Lack(WriteFileAtomically(At(path), std::string(content)));
}

void Collection::Copy(const std::string& from, const std::string& path) {
  std::error_code error;
  fs::copy_file(from, At(path), fs::copy_options::overwrite_existing, error);
  if (error) Lack(ErrnoStatus(error.value(), "copy of " + from));
}

void Collection::CopyFilesOf(const std::string& from, const std::string& path) {
  std::error_code error;
  for (fs::directory_iterator it(from, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (!it->is_regular_file(ignored)) continue;
    Copy(it->path().string(), path + "/" + it->path().filename().string());
  }
  if (error) Lack(ErrnoStatus(error.value(), from));
}

void Collection::CopyLog(const std::string& from, const std::string& path) {
  errno = 0;
  std::ifstream source(from, std::ios::binary | std::ios::ate);
  if (!source) return Lack(ErrnoStatus(errno == 0 ? ENOENT : errno, "copy of " + from));
  const auto size = static_cast<uint64_t>(std::max<std::streamoff>(0, source.tellg()));
  source.seekg(0);
  const std::string to = At(path);
  std::ofstream target(to, std::ios::binary | std::ios::trunc);
  if (size <= most_log_) {
    CopyBytes(source, target, size);
  } else {
    CopyBytes(source, target, most_log_ / 4);
    target << LeftOut(size - most_log_);
    source.seekg(static_cast<std::streamoff>(size - (most_log_ - most_log_ / 4)));
    CopyBytes(source, target, most_log_ - most_log_ / 4);
  }
  target.close();
  if (!target) Lack(WriteError(to));
}

void Collection::WriteLog(const std::string& path, std::string_view content) {
  if (content.size() <= most_log_) return Write(path, content);
  Write(path,
        absl::StrCat(ToAbsl(content.substr(0, most_log_ / 4)), LeftOut(content.size() - most_log_),
                     ToAbsl(content.substr(content.size() - (most_log_ - most_log_ / 4)))));
}

void Collection::CopyCores(const std::string& from, const std::string& program,
                           const std::string& path) {
  std::error_code error;
  for (fs::directory_iterator it(from, error), end; !error && it != end; it.increment(error)) {
    if (IsCore(*it)) CopyCore(it->path(), program, path + "/" + it->path().filename().string());
  }
}

void Collection::CopyCore(const std::string& core, const std::string& program,
                          const std::string& path) {
  const absl::StatusOr<CommandResult> backtrace =
      RunCommand({"gdb", "-batch", "-nx", "-ex", "thread apply all backtrace", program, core},
                 CommandOptions{.timeout = Scaled(kDebugger), .most_output = kMostBacktrace});
  if (backtrace.ok() && backtrace->status == 0) {
    return Write(path + ".backtrace", backtrace->output);
  }
  std::error_code error;
  const uint64_t size = fs::file_size(core, error);
  uint64_t kept = 0;
  {
    const std::lock_guard lock(mutex_);
    kept = std::min(error ? 0 : size, room_for_cores_);
    room_for_cores_ -= kept;
  }
  if (kept < size) {
    Lack(Unavailable(absl::StrCat(core, " has ", size, " bytes, of which the first ", kept,
                                  " are kept; with gdb here there would be a backtrace")));
  }
  std::ifstream source(core, std::ios::binary);
  const std::string to = At(path);
  std::ofstream target(to, std::ios::binary | std::ios::trunc);
  CopyBytes(source, target, kept);
  target.close();
  if (!target) Lack(WriteError(to));
}

absl::Status Collection::status() const {
  const std::lock_guard lock(mutex_);
  if (lacking_.empty()) return absl::OkStatus();
  return Unavailable(absl::StrJoin(lacking_, "\n"));
}

}  // namespace gtestnet
