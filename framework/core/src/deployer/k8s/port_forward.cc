// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/k8s/port_forward.h"

#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "core/src/node/exit_status.h"
#include "core/src/node/log_tail.h"
#include "gtestnet/clock.h"

namespace gtestnet::k8s {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kHost = "127.0.0.1";
// kubectl says where the ports are in its output, which is a file.
constexpr milliseconds kLook{20};
// For it to say so: it waits a minute itself for a pod that does not run yet.
constexpr milliseconds kPatience{60000};
constexpr milliseconds kKillTimeout{5000};
constexpr size_t kMostOutput = 16 * 1024;

// The number at the beginning of the text, which loses it.
std::optional<uint16_t> TakePort(std::string_view* text) {
  uint16_t port = 0;
  const auto [rest, error] = std::from_chars(text->data(), text->data() + text->size(), port);
  if (error != std::errc() || port == 0) return {};
  text->remove_prefix(static_cast<size_t>(rest - text->data()));
  return port;
}

std::string ReadOutput(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string output(kMostOutput, '\0');
  file.read(output.data(), static_cast<std::streamsize>(output.size()));
  output.resize(static_cast<size_t>(file.gcount()));
  return output;
}

}  // namespace

std::map<uint16_t, uint16_t> ParseForwardedPorts(std::string_view output) {
  // "Forwarding from 127.0.0.1:40001 -> 18080"
  constexpr std::string_view kBeginning = "Forwarding from 127.0.0.1:";
  constexpr std::string_view kArrow = " -> ";
  std::map<uint16_t, uint16_t> ports;
  for (size_t at = 0; (at = output.find(kBeginning, at)) != output.npos;) {
    at += kBeginning.size();
    std::string_view rest = output.substr(at);
    const std::optional<uint16_t> here = TakePort(&rest);
    if (!here || rest.substr(0, kArrow.size()) != kArrow) continue;
    rest.remove_prefix(kArrow.size());
    const std::optional<uint16_t> there = TakePort(&rest);
    // A line that is whole: its number may not be.
    if (there && !rest.empty() && rest.front() == '\n') ports[*there] = *here;
  }
  return ports;
}

PortForward::PortForward(HelperCommands& helpers, std::shared_ptr<Whereabouts> whereabouts,
                         PortForwardOptions options)
    : helpers_(helpers),
      whereabouts_(std::move(whereabouts)),
      options_(std::move(options)),
      pod_(options_.pod),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

PortForward::~PortForward() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

int PortForward::command() const {
  const std::lock_guard lock(mutex_);
  return command_;
}

absl::Status PortForward::AwaitOpen(milliseconds timeout) {
  GTESTNET_RETURN_IF_ERROR(thread_.status());
  std::unique_lock lock(mutex_);
  if (changed_.wait_for(lock, timeout, [this] { return open_; })) return absl::OkStatus();
  return DeadlineExceeded("kubectl port-forward " + options_.target + ": not there in " +
                          FormatDuration(timeout) + "; last: " + MessageOf(last_));
}

void PortForward::SetPod(const std::string& uid) {
  const std::lock_guard lock(mutex_);
  // The first one that is told of may be the one there is a forward to.
  if (std::exchange(pod_, uid) == uid) return;
  changed_.notify_all();
}

std::vector<std::string> PortForward::Command() const {
  std::vector<std::string> command = {"port-forward", options_.target,
                                      "--namespace=" + options_.name_space,
                                      "--address=" + std::string(kHost)};
  const std::lock_guard lock(mutex_);
  for (const auto& [name, port] : options_.ports) {
    const auto before = last_ports_.find(port);
    const std::string here =
        before == last_ports_.end() ? std::string() : std::to_string(before->second);
    command.push_back(here + ":" + std::to_string(port));
  }
  return KubectlCommand(options_.tools, std::move(command));
}

bool PortForward::NoteOutput(const std::string& output) {
  const std::map<uint16_t, uint16_t> found = ParseForwardedPorts(output);
  NodeAddress address;
  address.host = std::string(kHost);
  for (const auto& [name, port] : options_.ports) {
    const auto here = found.find(port);
    if (here == found.end()) return false;
    address.ports[name] = here->second;
  }
  whereabouts_->Set(std::move(address));
  const std::lock_guard lock(mutex_);
  last_ports_ = found;
  open_ = true;
  changed_.notify_all();
  return true;
}

void PortForward::Run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const absl::Status end = Forward(stop);
    whereabouts_->Set(NodeAddress{.host = std::string(kHost), .ports = {}});
    {
      const std::lock_guard lock(mutex_);
      // Where the ports are somebody else's by now, it never came so far.
      if (!std::exchange(open_, false)) last_ports_.clear();
      last_ = end;
      command_ = -1;
    }
    if (!absl::IsAborted(end)) RealClock().SleepFor(options_.retry, stop);
  }
}

absl::Status PortForward::Forward(const std::stop_token& stop) {
  struct End {
    std::mutex mutex;
    std::condition_variable_any changed;
    std::optional<int> status;
  };
  // The guardian may tell of it later than anybody waits.
  const auto end = std::make_shared<End>();
  std::string pod;
  {
    const std::lock_guard lock(mutex_);
    pod = pod_;
  }
  const absl::StatusOr<int> command =
      helpers_.Begin("kubectl port-forward " + options_.target, Command(), [end](int status) {
        const std::lock_guard lock(end->mutex);
        end->status = status;
        end->changed.notify_all();
      });
  GTESTNET_RETURN_IF_ERROR(command.status());
  const Clock::TimePoint begun = RealClock().Now();
  bool is_open = false;
  absl::Status why;
  {
    const std::lock_guard lock(mutex_);
    command_ = *command;
  }
  for (;;) {
    if (!is_open) is_open = NoteOutput(ReadOutput(helpers_.LogOf(*command)));
    {
      std::unique_lock lock(end->mutex);
      // Woken by its end only; whether the pod is another one, or this is to end, is looked at.
      end->changed.wait_for(lock, stop, is_open ? 5 * kLook : kLook,
                            [&] { return end->status.has_value(); });
      if (end->status) {
        return Unavailable(DescribeExit(*end->status) + ", its last lines:\n" +
                           LastLines(helpers_.LogOf(*command)));
      }
    }
    if (stop.stop_requested()) why = absl::CancelledError("ended");
    const std::lock_guard lock(mutex_);
    // Which pod kubectl found is not known before it was told of one.
    if (pod.empty()) pod = pod_;
    if (pod != pod_) why = Aborted("its pod is another one");
    if (!is_open && RealClock().Now() - begun > kPatience) {
      why = DeadlineExceeded("it said no ports; its last lines:\n" +
                             LastLines(helpers_.LogOf(*command)));
    }
    if (!why.ok()) break;
  }
  helpers_.End(*command);
  std::unique_lock lock(end->mutex);
  end->changed.wait_for(lock, kKillTimeout, [&] { return end->status.has_value(); });
  return why;
}

}  // namespace gtestnet::k8s
