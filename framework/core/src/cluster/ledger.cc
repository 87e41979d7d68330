// SPDX-License-Identifier: Apache-2.0
#include "core/src/cluster/ledger.h"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "core/src/base/status.h"
#include "core/src/base/temporary_directory.h"
#include "core/src/cluster/label_sweeper.h"
#include "core/src/guardian/run_processes.h"
#include "core/src/node/log_tail.h"

namespace gtestnet {
namespace {

constexpr size_t kLongestLedger = 64 * 1024;

std::string TextOf(const boost::json::object& object, const char* key) {
  const boost::json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

uint64_t NumberOf(const boost::json::object& object, const char* key) {
  const boost::json::value* value = object.if_contains(key);
  boost::json::error_code error;
  const auto number = value == nullptr ? 0 : value->to_number<uint64_t>(error);
  return error ? 0 : number;
}

}  // namespace

std::string RunDirectory(const std::string& run_id) {
  return TemporaryDirectory().value_or("/tmp") + "/gtestnet." + run_id;
}

absl::Status WriteFileAtomically(const std::string& path, const std::string& content) {
  const std::string temporary = path + ".new";
  {
    std::ofstream file(temporary, std::ios::binary);
    file << content;
    file.close();
    if (!file) return ErrnoStatus(errno == 0 ? EIO : errno, temporary);
  }
  if (std::rename(temporary.c_str(), path.c_str()) != 0) return ErrnoStatus(errno, path);
  return absl::OkStatus();
}

Ledger LedgerOf(const ClusterSpec& spec, pid_t guardian, bool preserved) {
  const std::optional<ProcessStat> stat = StatOf(guardian);
  return {.run_id = spec.run_id,
          .test = spec.test,
          .topology = spec.topology.Name(),
          .guardian = guardian,
          .guardian_start = stat ? stat->start_time : 0,
          .preserved = preserved};
}

absl::Status WriteLedger(const std::string& directory, const Ledger& ledger) {
  boost::json::object object = {{"run_id", ledger.run_id},
                                {"test", ledger.test},
                                {"topology", ledger.topology},
                                {"guardian", ledger.guardian},
                                {"guardian_start", ledger.guardian_start},
                                {"preserved", ledger.preserved}};
  if (!ledger.deployer.empty()) {
    object["deployer"] = ledger.deployer;
    object["sweeps"] = WriteSweeps(ledger.sweeps);
  }
  return WriteFileAtomically(directory + "/ledger.json", boost::json::serialize(object) + "\n");
}

absl::StatusOr<Ledger> ReadLedger(const std::string& directory) {
  const std::string path = directory + "/ledger.json";
  GTESTNET_ASSIGN_OR_RETURN(const std::string text, TailBytes(path, kLongestLedger));
  boost::json::error_code error;
  const boost::json::value value = boost::json::parse(text, error);
  if (error || !value.is_object()) return InvalidArgument(path + ": is no ledger");
  const boost::json::object& object = value.get_object();
  Ledger ledger;
  ledger.run_id = TextOf(object, "run_id");
  ledger.test = TextOf(object, "test");
  ledger.topology = TextOf(object, "topology");
  ledger.guardian = static_cast<pid_t>(NumberOf(object, "guardian"));
  ledger.guardian_start = NumberOf(object, "guardian_start");
  const boost::json::value* preserved = object.if_contains("preserved");
  ledger.preserved = preserved != nullptr && preserved->is_bool() && preserved->get_bool();
  if (ledger.run_id.empty()) return InvalidArgument(path + ": names no run");
  struct stat info {};
  ledger.own = lstat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == geteuid();
  ledger.deployer = TextOf(object, "deployer");
  if (!ledger.deployer.empty()) {
    GTESTNET_ASSIGN_OR_RETURN(ledger.sweeps, ReadSweeps(TextOf(object, "sweeps")));
  }
  return ledger;
}

bool GuardianLives(const Ledger& ledger) {
  if (ledger.guardian <= 0) return false;
  const std::optional<ProcessStat> stat = StatOf(ledger.guardian);
  return stat && !stat->is_over() && stat->start_time == ledger.guardian_start;
}

}  // namespace gtestnet
