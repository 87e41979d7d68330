// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_CONTAINER_ENGINE_H_
#define GTESTNET_CORE_SRC_DEPLOYER_CONTAINER_ENGINE_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/src/base/http.h"
#include "core/src/deployer/container/engine_host.h"
#include "core/src/deployer/container/timed_log.h"

namespace gtestnet::docker {

using Labels = std::map<std::string, std::string>;

// A container as a listing has it.
struct Container {
  std::string id;
  std::string name;    // without the slash
  std::string state;   // "created", "running", "paused", "exited", "dead", …
  std::string status;  // for people: "Up 3 seconds (healthy)"
  Labels labels;
  // Where a port of it (TCP) is published on this host; 0 if it is not, or does not run.
  std::map<uint16_t, uint16_t> ports;
};

// More of one container.
struct ContainerState {
  std::string id;
  std::string name;
  std::string state;
  int exit_code = 0;
  bool oom_killed = false;
  std::string error;     // why it could not be started
  std::string health;    // "healthy", "starting", "unhealthy"; "" without a check
  int pid = 0;           // of its first process, as the engine's machine has it; 0: none
  std::string started;   // when: "2026-11-03T10:00:00.123456789Z"
  int64_t restarts = 0;  // by the engine itself
  std::map<uint16_t, uint16_t> ports;
};

// What a container uses.
struct ContainerUsage {
  int64_t memory = 0;  // bytes, without what is only cached
  int64_t cpu_ms = 0;
};

// A network (by its id) or a volume (by its name).
struct Resource {
  std::string id;
  Labels labels;
};

struct Image {
  std::string id;
  Labels labels;
  int64_t size = 0;
};

struct EngineVersion {
  std::string api;                        // "1.41"
  std::string min_api;                    // "1.12"
  std::string engine;                     // "20.10.24"
  std::string product = "Docker Engine";  // or "Podman Engine", "balenaEngine", …
  bool is_podman() const { return product.rfind("Podman", 0) == 0; }
};

// How an engine is set up.
struct EngineInfo {
  bool keeps_containers = false;   // they run on without it: live-restore
  std::string cgroup_driver = {};  // "systemd", "cgroupfs"; "none": it cannot pause containers
  bool can_pause() const { return cgroup_driver != "none"; }
};

// What happened to a container.
struct ContainerEvent {
  std::string action;  // "start", "die", "oom", "pause", …
  std::string id;
  Labels attributes;    // its labels, and "exitCode", "name"
  int64_t time_ns = 0;  // since the Unix epoch, by the engine's clock
};

// A client of one Docker Engine over its API: what is asked often, and a hundred times quicker than
// by the docker command. Any thread may call.
//
// Errors are one sentence that names the engine, what was asked and what it said; kUnavailable: no
// engine answers; kPermissionDenied: the socket may not be opened; kNotFound, kFailedPrecondition
// (a conflict with the state that something is in), kResourceExhausted (the disk is full),
// kInvalidArgument, kDeadlineExceeded, kInternal.
class Engine {
 public:
  explicit Engine(EngineHost host);

  const EngineHost& host() const { return host_; }
  // Asks for the version; from then on requests are of that version of the API.
  absl::StatusOr<EngineVersion> Negotiate(std::chrono::milliseconds timeout);

  // Whether an engine is there, asked by a connection of its own: one that is being stopped takes
  // no new ones, but serves those that it has.
  absl::Status Ping(std::chrono::milliseconds timeout) const;
  absl::StatusOr<EngineInfo> Info() const;

  // All that carry each of the labels ("" as a value: any), also those that do not run.
  absl::StatusOr<std::vector<Container>> List(const Labels& labels) const;
  absl::StatusOr<ContainerState> Inspect(const std::string& container) const;
  // What it uses now. kUnimplemented of engines of before version 1.41 of the API, which would take
  // seconds.
  absl::StatusOr<ContainerUsage> Usage(const std::string& container) const;
  // Whether the kernel killed it for its memory: an engine tells a container's end a moment before
  // it knows that, so this asks until it is so, for a while. Its state may never say so, when the
  // end was noted first; then an event of the last seconds does.
  bool AwaitOomKilled(const std::string& container, std::chrono::milliseconds patience) const;
  // A container that runs already is no error; nor is one that has ended already, for Kill.
  absl::Status Start(const std::string& container) const;
  absl::Status Kill(const std::string& container, std::string_view signal) const;
  // A runtime gives up where a thread of the container cannot be frozen just now, as it waits for a
  // disk; then the container runs on, and it is asked again for as long as `patience`.
  absl::Status Pause(const std::string& container,
                     std::chrono::milliseconds patience = std::chrono::milliseconds(0)) const;
  absl::Status Unpause(const std::string& container) const;
  // Waits until it does not run: its exit code.
  absl::StatusOr<int> Wait(const std::string& container, std::chrono::milliseconds timeout) const;
  // With its anonymous volumes, also if it runs. One that is not there is no error, nor for the
  // other removals.
  absl::Status Remove(const std::string& container) const;
  // The last lines of its output, both streams; "" before its first start.
  absl::StatusOr<std::string> Logs(const std::string& container, int lines) const;
  // What it wrote behind that place, which goes to where that ends.
  absl::StatusOr<std::string> LogsBehind(const std::string& container, TimedPlace& place) const;
  // Where its log ends.
  absl::StatusOr<TimedPlace> EndOfLogs(const std::string& container) const;

  absl::StatusOr<std::vector<Resource>> Networks(const Labels& labels) const;
  absl::Status RemoveNetwork(const std::string& id) const;
  // The address (IPv4) of the engine's machine on its default bridge, which is what it calls
  // "host-gateway". kNotFound without such a bridge.
  absl::StatusOr<std::string> BridgeAddress() const;
  absl::StatusOr<std::vector<Resource>> Volumes(const Labels& labels) const;
  absl::Status RemoveVolume(const std::string& name) const;
  absl::StatusOr<Image> FindImage(const std::string& tag) const;

  struct EventHandlers {
    std::function<void()> on_open = {};
    std::function<void(const ContainerEvent&)> on_event = {};
    std::function<void(const absl::Status&)> on_end = {};  // once, and last
  };
  // Events of containers with the label, from now on, or from an earlier instant (nanoseconds since
  // the Unix epoch). Handlers run on the stream's own thread. The engine must outlive the stream.
  std::unique_ptr<base::LineStream> Events(const std::string& label, const std::string& value,
                                           int64_t since_ns, EventHandlers handlers) const;

 private:
  absl::StatusOr<base::HttpResponse> Ask(std::string_view what, std::string method,
                                         std::string target,
                                         std::chrono::milliseconds timeout) const;
  // For what has no answer but its status; those in `fine` are no errors.
  absl::Status Do(std::string_view what, std::string method, std::string target,
                  std::initializer_list<int> fine) const;
  absl::Status Refused(std::string_view what, const base::HttpResponse& response) const;
  // Whether there was an event of full memory in the last seconds.
  bool HadOom(const std::string& container) const;

  const EngineHost host_;
  const base::HttpClient http_;
  std::string prefix_;  // "/v1.41"
  bool is_podman_ = false;
};

// Whether version a of the API ("1.9") is below b ("1.41").
bool IsOlder(std::string_view a, std::string_view b);

}  // namespace gtestnet::docker

#endif  // GTESTNET_CORE_SRC_DEPLOYER_CONTAINER_ENGINE_H_
