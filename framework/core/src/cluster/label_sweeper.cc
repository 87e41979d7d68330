// SPDX-License-Identifier: Apache-2.0
#include "core/src/cluster/label_sweeper.h"

#include <boost/json.hpp>
#include <sstream>
#include <utility>

#include "absl/strings/str_join.h"
#include "core/src/base/command.h"
#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "core/src/node/exit_status.h"
#include "gtestnet/clock.h"

namespace gtestnet {
namespace {

constexpr std::chrono::milliseconds kCommand{30000};
constexpr std::chrono::milliseconds kRetry{50};

absl::StatusOr<std::string> Output(const std::vector<std::string>& command) {
  absl::StatusOr<CommandResult> result =
      RunCommand(command, CommandOptions{.timeout = kCommand, .apart = true});
  const std::string words = absl::StrJoin(command, " ");
  if (!result.ok()) return Unavailable(words + ": " + MessageOf(result.status()));
  if (result->status == 0) return std::move(result->output);
  while (!result->errors.empty() && result->errors.back() == '\n') result->errors.pop_back();
  return Unavailable(words + ": " + DescribeExit(result->status) +
                     (result->errors.empty() ? "" : ": " + result->errors));
}

std::vector<std::string> WordsOf(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(std::move(word));
  return words;
}

absl::StatusOr<std::vector<std::string>> TextsAt(const boost::json::object& object,
                                                 const char* key) {
  const boost::json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_array())
    return InvalidArgument("a sweep without " + std::string(key));
  std::vector<std::string> texts;
  for (const boost::json::value& one : value->get_array()) {
    if (!one.is_string()) return InvalidArgument("a sweep whose command is no list of texts");
    texts.emplace_back(one.get_string());
  }
  return texts;
}

// Removes one round of what is there; what was.
absl::StatusOr<std::vector<std::string>> RunOnce(const std::vector<LabelSweep>& sweeps) {
  std::vector<std::string> found;
  absl::Status failed;
  for (const LabelSweep& sweep : sweeps) {
    GTESTNET_ASSIGN_OR_RETURN(const std::string listed, Output(sweep.list));
    const std::vector<std::string> things = WordsOf(listed);
    if (things.empty()) continue;
    std::vector<std::string> remove = sweep.remove;
    remove.insert(remove.end(), things.begin(), things.end());
    failed.Update(Output(remove).status());
    found.insert(found.end(), things.begin(), things.end());
  }
  if (!failed.ok()) return failed;
  return found;
}

}  // namespace

absl::Status CheckSweeps(const std::vector<LabelSweep>& sweeps) {
  if (sweeps.empty())
    return InvalidArgument("its backend names no sweep: nothing would be removed");
  for (const LabelSweep& sweep : sweeps) {
    if (!sweep.list.empty() && !sweep.remove.empty()) continue;
    return InvalidArgument("a sweep of its backend lacks the command " +
                           std::string(sweep.list.empty() ? "list" : "remove"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> ListBySweeps(const std::vector<LabelSweep>& sweeps) {
  std::vector<std::string> all;
  for (const LabelSweep& sweep : sweeps) {
    GTESTNET_ASSIGN_OR_RETURN(const std::string listed, Output(sweep.list));
    for (std::string& word : WordsOf(listed)) all.push_back(std::move(word));
  }
  return all;
}

absl::Status RunSweeps(const std::string& run_id, const std::vector<LabelSweep>& sweeps,
                       const LabelSweepTimes& times) {
  GTESTNET_RETURN_IF_ERROR(CheckSweeps(sweeps));
  const Clock& clock = RealClock();
  const Clock::TimePoint deadline = clock.Now() + times.timeout;
  Clock::TimePoint answered = clock.Now();
  for (int empty = 0; empty < 2;) {
    const absl::StatusOr<std::vector<std::string>> found = RunOnce(sweeps);
    if (found.ok() && found->empty()) {
      if (++empty < 2) clock.SleepFor(times.settle);
      continue;
    }
    empty = 0;
    if (found.ok()) answered = clock.Now();
    const std::string last =
        found.ok() ? "there was still " + absl::StrJoin(*found, ", ") : MessageOf(found.status());
    if (!found.ok() && clock.Now() - answered >= times.patience) {
      return Unavailable("run " + run_id + ": not removed, as for " +
                         FormatDuration(times.patience) + " there was: " + last);
    }
    if (clock.Now() >= deadline) {
      return DeadlineExceeded("run " + run_id + ": not removed in " +
                              FormatDuration(times.timeout) + "; last: " + last);
    }
    if (!found.ok()) clock.SleepFor(kRetry);
  }
  return absl::OkStatus();
}

std::string WriteSweeps(const std::vector<LabelSweep>& sweeps) {
  boost::json::array array;
  const auto texts = [](const std::vector<std::string>& command) {
    return boost::json::array(command.begin(), command.end());
  };
  for (const LabelSweep& sweep : sweeps) {
    array.push_back(
        boost::json::object{{"list", texts(sweep.list)}, {"remove", texts(sweep.remove)}});
  }
  return boost::json::serialize(array);
}

absl::StatusOr<std::vector<LabelSweep>> ReadSweeps(std::string_view text) {
  boost::json::error_code error;
  const boost::json::value value = boost::json::parse({text.data(), text.size()}, error);
  if (error || !value.is_array()) return InvalidArgument("no list of sweeps");
  std::vector<LabelSweep> sweeps;
  for (const boost::json::value& one : value.get_array()) {
    if (!one.is_object()) return InvalidArgument("a sweep that is no object");
    LabelSweep& sweep = sweeps.emplace_back();
    GTESTNET_ASSIGN_OR_RETURN(sweep.list, TextsAt(one.get_object(), "list"));
    GTESTNET_ASSIGN_OR_RETURN(sweep.remove, TextsAt(one.get_object(), "remove"));
  }
  GTESTNET_RETURN_IF_ERROR(CheckSweeps(sweeps));
  return sweeps;
}

}  // namespace gtestnet
