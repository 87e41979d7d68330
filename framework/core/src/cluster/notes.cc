// SPDX-License-Identifier: Apache-2.0
#include "core/src/cluster/notes.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cerrno>
#include <filesystem>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "core/src/base/command.h"
#include "core/src/base/json_at.h"
#include "core/src/base/program.h"
#include "core/src/base/status.h"
#include "core/src/cluster/label_sweeper.h"
#include "core/src/cluster/ledger.h"
#include "gtestnet/clock.h"

namespace gtestnet {
namespace {

constexpr char kPlace[] = "/var/tmp";
constexpr char kPrefix[] = "gtestnet-notes.";
constexpr char kSuffix[] = ".json";
constexpr size_t kLongestNote = 64 * 1024;

std::string Place() {
  if (access(kPlace, W_OK | X_OK) == 0) return kPlace;
  return std::filesystem::path(RunDirectory("x")).parent_path();
}

// What is no part of a path.
bool IsRunId(const std::string& text) {
  return !text.empty() && text.size() <= 64 &&
         text.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") ==
             std::string::npos;
}

std::string FileOf(const std::string& run_id) { return NotesDirectory() + "/" + run_id + kSuffix; }

// A regular file, and no link, with its owner.
std::optional<std::pair<std::string, uid_t>> ReadOwned(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return std::nullopt;
  struct stat info {};
  std::optional<std::pair<std::string, uid_t>> found;
  if (fstat(file, &info) == 0 && S_ISREG(info.st_mode)) {
    std::string text(kLongestNote, '\0');
    const ssize_t size = read(file, text.data(), text.size());
    text.resize(size < 0 ? 0 : static_cast<size_t>(size));
    found.emplace(std::move(text), info.st_uid);
  }
  close(file);
  return found;
}

std::optional<Note> ReadNote(const std::string& path) {
  const auto found = ReadOwned(path);
  if (!found) return std::nullopt;
  boost::json::error_code error;
  const boost::json::value value = boost::json::parse(found->first, error);
  if (error || !value.is_object()) return std::nullopt;
  const boost::json::object& object = value.get_object();
  using base::TextAt;
  Note note = {.run_id = TextAt(object, "run_id"),
               .deployer = TextAt(object, "deployer"),
               .host = TextAt(object, "host"),
               .kubectl = TextAt(object, "kubectl"),
               .kubeconfig = TextAt(object, "kubeconfig"),
               .context = TextAt(object, "context"),
               .name_space = TextAt(object, "namespace"),
               .sweeps = {},
               .why = TextAt(object, "why"),
               .file = path,
               .own = found->second == geteuid()};
  if (!IsRunId(note.run_id) || std::filesystem::path(path).stem() != note.run_id) {
    return std::nullopt;
  }
  if (const std::string sweeps = TextAt(object, "sweeps"); !sweeps.empty()) {
    note.sweeps = ReadSweeps(sweeps).value_or(std::vector<LabelSweep>());
  }
  return note;
}

std::vector<std::string> AllDirectories() {
  std::vector<std::string> directories;
  std::error_code error;
  for (std::filesystem::directory_iterator it(Place(), error), end; !error && it != end;
       it.increment(error)) {
    if (absl::StartsWith(it->path().filename().string(), kPrefix))
      directories.push_back(it->path());
  }
  return directories;
}

}  // namespace

std::string Note::Where() const {
  if (deployer == "compose") return "the Docker Engine at " + host;
  if (deployer != "k8s") return "the backend of the deployer " + deployer;
  return "namespace " + name_space +
         (context.empty() ? " of the cluster" : " of the context " + context);
}

std::string WhatBecomesOfIt(const std::string& run_id) {
  return "; what it has of the run is removed when it answers again within " +
         std::to_string(std::chrono::minutes(kSweepLinger / std::chrono::minutes(1)).count()) +
         " min, else by the next run, or by: gtestnet clean " + run_id;
}

std::string NotesDirectory() { return Place() + "/" + kPrefix + std::to_string(geteuid()); }

absl::Status WriteNote(const Note& note) {
  if (!IsRunId(note.run_id)) return InvalidArgument("\"" + note.run_id + "\" is no run's id");
  const std::string directory = NotesDirectory();
  if (mkdir(directory.c_str(), 0755) != 0 && errno != EEXIST) return ErrnoStatus(errno, directory);
  struct stat info {};
  // Nobody else may have made it, or lead it elsewhere.
  if (lstat(directory.c_str(), &info) != 0 || !S_ISDIR(info.st_mode) || info.st_uid != geteuid()) {
    return FailedPrecondition(directory + " is not this user's; remove it");
  }
  boost::json::object object = {{"run_id", note.run_id},
                                {"deployer", note.deployer},
                                {"host", note.host},
                                {"kubectl", note.kubectl},
                                {"kubeconfig", note.kubeconfig},
                                {"context", note.context},
                                {"namespace", note.name_space},
                                {"why", note.why}};
  if (!note.sweeps.empty()) object["sweeps"] = WriteSweeps(note.sweeps);
  return WriteFileAtomically(FileOf(note.run_id), boost::json::serialize(object) + "\n");
}

std::vector<Note> ReadNotes() {
  std::vector<Note> notes;
  for (const std::string& directory : AllDirectories()) {
    std::error_code error;
    for (std::filesystem::directory_iterator it(directory, error), end; !error && it != end;
         it.increment(error)) {
      if (it->path().extension() != kSuffix) continue;
      if (std::optional<Note> note = ReadNote(it->path())) notes.push_back(*std::move(note));
    }
  }
  return notes;
}

bool AnyNotes() {
  for (const std::string& directory : AllDirectories()) {
    std::error_code error;
    for (std::filesystem::directory_iterator it(directory, error), end; !error && it != end;
         it.increment(error)) {
      if (it->path().extension() == kSuffix) return true;
    }
  }
  return false;
}

void RemoveNote(const std::string& run_id) {
  if (!IsRunId(run_id)) return;
  unlink(FileOf(run_id).c_str());
  rmdir(NotesDirectory().c_str());  // if that was the last one
}

void TakeUpNotes(std::chrono::milliseconds again) {
  static std::mutex mutex;
  static std::optional<Clock::TimePoint> last;
  {
    const std::lock_guard lock(mutex);
    const Clock::TimePoint now = RealClock().Now();
    if (last && now - *last < again) return;
    last = now;
  }
  if (!AnyNotes()) return;
  const absl::StatusOr<std::string> sweep = FindHelperProgram("gtestnet-sweep");
  // It goes into the background at once.
  if (sweep.ok()) static_cast<void>(RunCommand({*sweep, "notes"}, std::chrono::seconds(10)));
}

}  // namespace gtestnet
