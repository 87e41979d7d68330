// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_K8S_POD_WATCH_H_
#define GTESTNET_CORE_SRC_DEPLOYER_K8S_POD_WATCH_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/src/base/socket.h"
#include "core/src/deployer/k8s/list_watch.h"
#include "core/src/deployer/k8s/pod.h"
#include "gtestnet/clock.h"

namespace gtestnet::k8s {

struct PodWatchOptions {
  std::function<absl::StatusOr<base::Endpoint>()> endpoint =
      {};  // of the API (see ListWatchOptions)
  std::string name_space = {};
  std::string selector = {};  // of labels: "gtestnet.run=x"
  std::chrono::milliseconds patience{30000};
  std::chrono::milliseconds retry{200};
};

// Called on threads of the watch, one at a time; they must not destroy it.
struct PodWatchHandlers {
  std::function<void(const Pod&)> on_pod = {};   // new, or changed
  std::function<void(const Pod&)> on_gone = {};  // as it was last
  std::function<void(const Event&)> on_event = {};
  std::function<void(const absl::Status&)> on_lost = {};  // the API; last
};

// Follows a run's pods, and the events of its namespace, until it is destroyed, and knows what each
// pod waits for. Any thread may ask. To be made before what it is to follow.
//
//   PodWatch watch({.endpoint = …, .name_space = "gtestnet-x", .selector = "gtestnet.run=x"},
//                  {.on_pod = …});
//   GTESTNET_RETURN_IF_ERROR(watch.AwaitOpen(10s));
//   … until all are ready: GTESTNET_RETURN_IF_ERROR(watch.Failure()); watch.Progress()
class PodWatch {
 public:
  PodWatch(PodWatchOptions options, PodWatchHandlers handlers);
  // Waits until no handler runs.
  ~PodWatch();

  // Returns when all pods that there are were told of.
  absl::Status AwaitOpen(std::chrono::milliseconds timeout) {
    return pods_watch_->AwaitFirst(timeout);
  }

  absl::Status Health() const { return pods_watch_->Health(); }

  std::vector<Pod> pods() const;  // by name
  std::optional<Pod> Find(const std::string& name) const;
  // The latest of each kind, in their order; at most 1000.
  std::vector<Event> events() const;

  // kAborted when a pod will never come to be: "pod member-0-0 …", or several of them. May be
  // asked often.
  absl::Status Failure() const;
  // "3 of 5 pods are ready; member-0-0 pulls its image x; cfgsync …", of those that are there.
  // Empty: all of these are ready.
  std::string Progress() const;

 private:
  struct Known {
    Pod pod;
    std::optional<Clock::TimePoint> unscheduled;  // since
  };
  void TakeAll(const std::vector<boost::json::object>& objects);
  void TakePod(const boost::json::object& object);
  void DropPod(const boost::json::object& object);
  void Drop(const Pod& pod);
  void TakeEvent(const boost::json::object& object);
  // Events up to now may be of what had the same names in the namespace before.
  void EndHistory();
  bool IsNew(const Event& event) const;
  absl::Status FindFailure() const;
  // Whether it is new or another than before.
  bool Note(const Pod& pod);

  const PodWatchHandlers handlers_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::mutex handling_;  // one handler at a time, of two watches
  std::map<std::string, Known> pods_;
  std::map<std::string, Event> events_;  // by uid of the object, reason and beginning of message
  uint64_t news_ = 0;                    // counts what was taken in
  // What Failure found last.
  mutable std::optional<absl::Status> judged_;
  mutable uint64_t judged_news_ = 0;
  mutable Clock::TimePoint judged_at_;
  std::optional<std::string> history_;  // the last version in the first list
  std::unique_ptr<ListWatch> pods_watch_;
  std::unique_ptr<ListWatch> events_watch_;
};

}  // namespace gtestnet::k8s

#endif  // GTESTNET_CORE_SRC_DEPLOYER_K8S_POD_WATCH_H_
