// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_K8S_LIST_WATCH_H_
#define GTESTNET_CORE_SRC_DEPLOYER_K8S_LIST_WATCH_H_

#include <boost/json/object.hpp>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/src/base/socket.h"
#include "core/src/base/thread.h"
#include "gtestnet/clock.h"

namespace gtestnet::k8s {

struct ListWatchOptions {
  std::string what = {};  // for errors: "pods"
  std::string target =
      {};  // "/api/v1/namespaces/x/pods?labelSelector=a%3Db", without what a watch adds
  // Where the API is. Asked before each try: it may see to it that a proxy is there.
  std::function<absl::StatusOr<base::Endpoint>()> endpoint = {};
  // How long the API may not answer before it is lost.
  std::chrono::milliseconds patience{30000};
  // After which the API closes a watch, and it is opened again: so it is known to be alive.
  std::chrono::seconds turn{10};
  std::chrono::milliseconds retry{200};
};

// Called on threads of the watch, one at a time.
struct ListWatchHandlers {
  // All that there is, at the beginning, and where changes may have been missed.
  std::function<void(const std::vector<boost::json::object>&)> on_all = {};
  std::function<void(const boost::json::object&)> on_changed = {};  // or new
  std::function<void(const boost::json::object&)> on_gone = {};     // as it was last
  // The API did not answer for `patience`, or does not allow it (kPermissionDenied). Last.
  std::function<void(const absl::Status&)> on_lost = {};
};

// Follows the objects of one list of the Kubernetes API until it is destroyed: a list, then a watch
// from there on, which is opened again from where it was when it breaks; a new list where the API
// has forgotten that (410).
class ListWatch {
 public:
  ListWatch(ListWatchOptions options, ListWatchHandlers handlers);
  // Waits until no handler runs.
  ~ListWatch();
  ListWatch(const ListWatch&) = delete;
  ListWatch& operator=(const ListWatch&) = delete;

  // Returns when the first list was taken in: what happens from then on is seen.
  absl::Status AwaitFirst(std::chrono::milliseconds timeout);
  // kUnavailable while the API does not answer, and for how long it has not.
  absl::Status Health() const;

 private:
  void Run(const std::stop_token& stop);
  absl::Status List(const std::stop_token& stop);
  // Follows one watch to its end. OK: its turn was over.
  absl::Status Watch(const std::stop_token& stop);
  absl::Status Take(std::string_view line);
  void NoteAnswer();
  void GiveUp(const absl::Status& why);

  const ListWatchOptions options_;
  const ListWatchHandlers handlers_;
  const Clock& clock_;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  bool has_list_ = false;
  bool is_over_ = false;
  absl::Status last_;  // why there is no answer
  Clock::TimePoint answered_;
  bool is_away_ = false;  // the last try was in vain
  std::string version_;   // up to which all is known; of the thread at work
  Thread thread_;
};

}  // namespace gtestnet::k8s

#endif  // GTESTNET_CORE_SRC_DEPLOYER_K8S_LIST_WATCH_H_
