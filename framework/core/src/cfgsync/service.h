// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_CFGSYNC_SERVICE_H_
#define GTESTNET_CORE_SRC_CFGSYNC_SERVICE_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "core/src/base/http_server.h"
#include "core/src/cfgsync/plan.h"
#include "core/src/cfgsync/setup_json.h"
#include "core/src/cfgsync/start_book.h"
#include "gtestnet/clock.h"

namespace gtestnet::cfgsync {

using ReadPlanFunction = std::function<absl::StatusOr<Plan>(const std::string& path)>;

struct ServiceOptions {
  std::string plan_file;
  // Reads it. For plans that are written in another form than WritePlan's.
  ReadPlanFunction read = ReadPlanFile;
  // Where the chain's start is kept for the next process, and beside it, with ".addresses" at its
  // end, the nodes' addresses; empty: nowhere.
  std::string state_file = {};
  const Clock* clock = &RealClock();
  // Calls a task later, on the thread that calls Handle.
  std::function<void(std::chrono::milliseconds, std::function<void()>)> after = {};
  std::function<void(const std::string&)> log = {};
};

// What cfgsync answers (assets/stack/README.md, "cfgsync"): a function of the plan, which is
// read again when it has changed, and of the request; all that it remembers is the chain's start,
// for Prometheus the nodes' addresses, and for nodes that say where they find others what they
// said. One thread.
class Service {
 public:
  explicit Service(ServiceOptions options) : options_(std::move(options)) {}

  // Reads both files for the first time.
  absl::Status Load();
  void Handle(const base::HttpRequest& request, const base::HttpServer::Reply& reply);

  const Plan& plan() const { return plan_; }

 private:
  struct Stamp {
    uint64_t device = 0, inode = 0;
    int64_t size = 0, modified = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  struct Waiter {
    uint64_t number = 0;
    base::HttpServer::Reply reply;
  };

  absl::Status LoadState();
  std::string AddressesFile() const { return options_.state_file + ".addresses"; }
  void LoadAddresses();
  void KeepAddresses() const;
  // OK when plan_ is what the file says now.
  absl::Status Refresh();
  base::HttpResponse Register(const std::string& role, const std::string& body);
  base::HttpResponse Shared(const std::string& hash) const;
  base::HttpResponse Health() const;
  base::HttpResponse Targets() const;
  void Start(const std::string& target, const base::HttpServer::Reply& reply);
  base::HttpResponse BeginChain();
  int64_t NowMilliseconds() const;
  absl::Status Learn(int64_t start, const std::string& who);
  void StartIsKnown();
  base::HttpResponse StartAnswer() const;
  void Log(const std::string& line) const {
    if (options_.log) options_.log(line);
  }

  const ServiceOptions options_;
  Plan plan_;
  SharedFiles shared_;
  Stamp stamp_;
  absl::Status plan_status_;
  StartBook book_;
  std::map<std::string, std::string> addresses_;  // by name, as the nodes said when they came
  std::map<std::string, std::string> hosts_;      // by name, where nodes said that they find it
  std::vector<Waiter> waiters_;
  uint64_t next_waiter_ = 0;
};

}  // namespace gtestnet::cfgsync

#endif  // GTESTNET_CORE_SRC_CFGSYNC_SERVICE_H_
