// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/workload.h"

#include <exception>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/src/base/thread.h"
#include "core/src/run/run_state.h"
#include "gtestnet/run_context.h"

namespace gtestnet {
namespace {

absl::Status WithName(const std::string& name, const absl::Status& status) {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat("workload ", name, ": ", status.message()));
}

// A user's function may throw; the run must learn of it.
absl::Status Call(const Workload::Drive& drive, WorkloadRun& run) {
  try {
    return drive(run);
  } catch (const std::exception& e) {
    return absl::InternalError(absl::StrCat("an exception left its function: ", e.what()));
  } catch (...) {
    return absl::InternalError("an exception of an unknown type left its function");
  }
}

}  // namespace

WorkloadRun::WorkloadRun(RunContext& context, std::string name, std::stop_token stop)
    : context_(context),
      name_(std::move(name)),
      stop_(std::move(stop)),
      random_(context.random("workload/" + name_)) {}

bool WorkloadRun::SleepFor(std::chrono::nanoseconds duration) {
  return !stop_.stop_requested() && context_.clock().SleepFor(duration, stop_);
}

bool WorkloadRun::run_broke() const { return !context_.state_->broken().ok(); }

void WorkloadRun::Acted(int64_t times) { context_.state_->Acted(name_, times); }

void WorkloadRun::Owed(int64_t due, Numbers left_out, double at_least, std::string what) {
  context_.state_->Owed(name_, due, std::move(left_out), at_least, std::move(what));
}

void WorkloadRun::Plan(std::string words) { context_.state_->Plan(name_, std::move(words)); }

// After Stop has returned once, nothing of the context is touched any more.
class Workload::Impl final : public RunningWorkload {
 public:
  Impl(RunContext& context, WorkloadOptions options, Drive drive)
      : context_(context),
        state_(*context.state_),
        options_(std::move(options)),
        drive_(std::move(drive)) {}
  ~Impl() override { Join(); }

  void Start(std::string name) {
    name_ = std::move(name);
    const Capabilities missing = options_.required - state_.capabilities();
    if (!missing.empty()) {
      return Refuse(absl::FailedPreconditionError(
          absl::StrCat("it needs ", missing.ToString(), ", which this deployer does not have")));
    }
    if (!state_.takes_workloads()) {
      return Refuse(absl::FailedPreconditionError("it was started after the end of the run"));
    }
    state_.Started(name_);
    thread_ = Thread([this](const std::stop_token&) { RunThread(); });
    if (!thread_.status().ok()) Refuse(thread_.status());
  }

  const std::string& name() const { return name_; }

  void RequestStop() override { stop_.request_stop(); }

  absl::Status Stop() override {
    std::lock_guard lock(stop_mutex_);
    if (stopped_) return stop_result_;
    stopped_ = true;
    RequestStop();
    // Asleep until the function has returned: that ends the sleep.
    const bool expired = context_.clock().SleepFor(options_.stop_timeout, done_.get_token());
    if (!expired || done_.stop_requested()) {
      thread_.join();
      stop_result_ = result_;
      return stop_result_;
    }
    stop_result_ = WithName(
        name_, absl::DeadlineExceededError(absl::StrCat(
                   "it was told to stop and has not returned after ", options_.stop_timeout.count(),
                   " ms; it must watch stop_requested() or SleepFor()")));
    state_.Stopped(name_, stop_result_);
    state_.Break(stop_result_);
    return stop_result_;
  }

  void Join() override {
    if (thread_.joinable() && thread_.get_id() != std::this_thread::get_id()) thread_.join();
  }

 private:
  void Refuse(const absl::Status& why) {
    stop_result_ = WithName(name_, why);
    stopped_ = true;
    state_.Started(name_);
    state_.Stopped(name_, stop_result_);
    state_.Break(stop_result_);
  }

  void RunThread() {
    ScopedCause cause(name_);
    WorkloadRun run(context_, name_, stop_.get_token());
    result_ = WithName(name_, Call(drive_, run));
    state_.Stopped(name_, result_);
    state_.Break(result_);
    done_.request_stop();
  }

  RunContext& context_;
  RunContext::State& state_;
  const WorkloadOptions options_;
  const Workload::Drive drive_;
  std::string name_;
  std::stop_source stop_;
  std::stop_source done_;  // requested once the function has returned
  absl::Status result_;    // written by the thread, read after it is done
  std::mutex stop_mutex_;
  bool stopped_ = false;
  absl::Status stop_result_;
  Thread thread_;
};

Workload::Workload(RunContext& context, WorkloadOptions options, Drive drive) {
  std::string name = options.name;
  impl_ = std::make_shared<Impl>(context, std::move(options), std::move(drive));
  impl_->Start(context.state_->Register(impl_, std::move(name)));
}

Workload::~Workload() { (void)Stop(); }

const std::string& Workload::name() const { return impl_->name(); }

absl::Status Workload::Stop() { return impl_->Stop(); }

}  // namespace gtestnet
