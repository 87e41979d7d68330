// SPDX-License-Identifier: Apache-2.0
// K8sCluster: its logs, and what a bundle has of it.
#include <algorithm>
#include <boost/json.hpp>
#include <set>
#include <utility>

#include "core/src/base/json_at.h"
#include "core/src/base/status.h"
#include "core/src/cluster/cfgsync_file.h"
#include "core/src/cluster/collection.h"
#include "core/src/cluster/in_parallel.h"
#include "core/src/deployer/container/timed_log.h"
#include "core/src/deployer/k8s/k8s_cluster.h"
#include "core/src/node/log_tail.h"
#include "gtestnet/variables.h"

namespace gtestnet::k8s {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

constexpr int kMostLines = 100'000;
// Of a log in one answer. What the API is asked for may be that of a whole second.
constexpr char kMostAtOnce[] = "8388608";
constexpr milliseconds kDescribe{20'000};

// What there is, or why there is nothing.
std::string TextOr(const absl::StatusOr<std::string>& text) {
  return text.ok() ? *text : "(" + MessageOf(text.status()) + ")\n";
}

// Of a list of events, in the order of time: "2026-01-31T12:00:00Z Warning Pod/member-0-0
// FailedMount (3 times): …". What the API has of a time depends on who reported.
std::string EventLines(const json::value& list) {
  std::vector<std::pair<std::string, std::string>> lines;
  for (const json::value& item : base::ArrayAt(list, "/items")) {
    if (!item.is_object()) continue;
    const absl::StatusOr<Event> event = ReadEvent(item.get_object());
    if (!event.ok()) continue;
    std::string time = base::TextAt(item, "/lastTimestamp");
    if (time.empty()) time = base::TextAt(item, "/eventTime");
    if (time.empty()) time = base::TextAt(item, "/metadata/creationTimestamp");
    const std::string times =
        event->count > 1 ? " (" + std::to_string(event->count) + " times)" : "";
    lines.emplace_back(time, time + (event->warning ? " Warning " : " Normal ") + event->kind +
                                 "/" + event->name + " " + event->reason + times + ": " +
                                 event->message + "\n");
  }
  std::stable_sort(lines.begin(), lines.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string text;
  for (const auto& [time, line] : lines) text += line;
  return text;
}

}  // namespace

// Of its pod's container that runs or ran last.
absl::StatusOr<std::string> K8sCluster::EndOf(const std::string& pod, int lines,
                                              bool previous) const {
  return api_->GetText("the log of " + pod,
                       PathOf("pods/" + pod + "/log?tailLines=" + std::to_string(lines) +
                              (previous ? "&previous=true" : "")));
}

absl::StatusOr<std::string> K8sCluster::Log(NodeIndex node, size_t bytes) const {
  GTESTNET_ASSIGN_OR_RETURN(const ManagedNode* const found, Find(node));
  GTESTNET_ASSIGN_OR_RETURN(std::string text,
                            EndOf(PodOf(found->info), static_cast<int>(bytes / 20 + 10)));
  return TailBytesOf(std::move(text), bytes);
}

// A cursor is the container's id, a blank and a place in its log.
absl::StatusOr<LogPart> K8sCluster::ReadLog(NodeIndex node, const std::string& cursor) const {
  GTESTNET_ASSIGN_OR_RETURN(const ManagedNode* const found, Find(node));
  const std::string name = found->info.name;
  Pod pod;
  for (Pod& one : pods_ ? pods_->pods() : std::vector<Pod>()) {
    if (one.node == name) pod = std::move(one);
  }
  const bool from_now = cursor == "end";
  if (pod.container.empty()) return LogPart{"", from_now ? "" : cursor};
  const std::string log = PathOf("pods/" + pod.name + "/log?timestamps=true&");
  const std::string what = "the log of " + pod.name;
  const std::string head = pod.container + " ";
  if (from_now) {
    GTESTNET_ASSIGN_OR_RETURN(const std::string last, api_->GetText(what, log + "tailLines=1"));
    return LogPart{"", head + ToCursor(PlaceBehind(last))};
  }
  const size_t blank = cursor.find(' ');
  TimedPlace place;
  if (blank != std::string::npos) {
    place = PlaceFromCursor(std::string_view(cursor).substr(blank + 1)).value_or(place);
  }
  const std::string since = place.ns == 0 ? "" : "&sinceTime=" + DateOf(place);
  const bool is_another = blank != std::string::npos && cursor.compare(0, blank + 1, head) != 0;
  if (is_another) {
    // What the container before it still said. It may be gone, with its pod or without.
    const absl::StatusOr<std::string> rest =
        api_->GetText(what, log + "previous=true&limitBytes=" + kMostAtOnce + since);
    return LogPart{rest.ok() ? LinesBehind(*rest, place) : std::string(),
                   head + ToCursor(TimedPlace{})};
  }
  GTESTNET_ASSIGN_OR_RETURN(const std::string lines,
                            api_->GetText(what, log + "limitBytes=" + kMostAtOnce + since));
  std::string text = LinesBehind(lines, place);
  return LogPart{std::move(text), head + ToCursor(place)};
}

absl::Status K8sCluster::Collect(const std::string& directory) const {
  Collection collection(directory, static_cast<int>(nodes().size()));
  CollectNodeFiles(cluster_spec(), placement(), nodes(), collection);
  CollectRelease(collection);
  CollectPods(collection);
  return collection.status();
}

// In a directory of its node's or part's name: its log, that of the container before it, and what
// `kubectl describe` says.
void K8sCluster::CollectPods(Collection& collection) const {
  const std::vector<Pod> all = pods_ ? pods_->pods() : std::vector<Pod>();
  // Also for a node without a pod, so that nobody looks for it in vain.
  std::set<std::string> without;
  for (const ManagedNode* node : AllNodes()) without.insert(node->info.name);
  for (const Pod& pod : all) without.erase(pod.node);
  for (const std::string& name : without) collection.Write(name + "/log", "(it has no pod)\n");
  static_cast<void>(InParallel(all.size(), [&](size_t i) {
    const Pod& pod = all[i];
    const std::string name = !pod.node.empty() ? pod.node : pod.part.empty() ? pod.name : pod.part;
    collection.WriteLog(name + "/log", TextOr(EndOf(pod.name, kMostLines)));
    if (pod.ends() > 0) {
      // It may be gone: the cluster's machine keeps it as it likes.
      collection.WriteLog(name + "/log.previous", TextOr(EndOf(pod.name, kMostLines, true)));
    }
    collection.Write(name + "/describe",
                     TextOr(Kubectl(target_.tools, "kubectl describe pod " + pod.name,
                                    {"describe", "pod", pod.name, "--namespace=" + name_space()},
                                    Scaled(kDescribe))));
    return absl::OkStatus();
  }));
}

// What was installed, what the tools said, and what happened in the namespace.
void K8sCluster::CollectRelease(Collection& collection) const {
  const absl::StatusOr<json::value> events = api_->Get("the events", PathOf("events"));
  collection.Write("k8s/events", events.ok() ? EventLines(*events) : TextOr(events.status()));
  collection.CopyFilesOf(directory_, "k8s");
}

}  // namespace gtestnet::k8s
