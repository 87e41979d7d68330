// SPDX-License-Identifier: Apache-2.0
#include "da/kzg_worker.h"

#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <mutex>
#include <new>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "boost/asio/executor_work_guard.hpp"
#include "boost/asio/post.hpp"
#include "thread_time.h"
#if GTESTNET_NODE_WITH_DA
#include "kzg/kzg_setup.h"
#endif

namespace gtestnet::node {
namespace {

constexpr int kNiceness = 5;

#if !GTESTNET_NODE_WITH_DA
struct KzgParameters {};
absl::StatusOr<KzgParameters> ReadKzgParameters(const std::string&) {
  return absl::InvalidArgumentError(
      "the config has the section da, and this node was built without data availability "
      "(GTESTNET_WITH_DA)");
}
absl::StatusOr<std::unique_ptr<Kzg>> LoadKzg(const KzgParameters&, const std::string&, bool*) {
  return absl::UnimplementedError("built without data availability");
}
#endif

std::string CacheBeside(const std::string& parameters) {
  std::error_code ignored;
  const std::filesystem::path path(parameters);
  const bool folder = std::filesystem::is_directory(path, ignored);
  return (folder ? path / "kzgrs_test_params" : path).string() + ".cache";
}

}  // namespace

class KzgWorker::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(boost::asio::io_context& context, KzgParameters parameters, std::string cache_path,
       Logger* logger, OnDone on_done, OnFailure on_failure)
      : context_(context),
        parameters_(std::move(parameters)),
        cache_path_(std::move(cache_path)),
        logger_(logger),
        on_done_(std::move(on_done)),
        on_failure_(std::move(on_failure)) {}

  void Start() {
    thread_ = std::thread([this] { Run(); });
  }

  void Stop() {
    stopped_ = true;  // for what was posted to the context already
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }

  void Post(KzgJob job) {
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back(std::make_unique<KzgJob>(std::move(job)));
    }
    wake_.notify_one();
  }

  std::uint64_t microseconds() const { return microseconds_; }

 private:
  void Run() {
    try {
      RunJobs();
    } catch (const std::bad_alloc&) {
      Tell([](Impl& self) {
        self.on_failure_(absl::ResourceExhaustedError("no more memory is to be had for KZG"));
      });
    }
  }

  void RunJobs() {
    setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNiceness);
    const std::unique_ptr<Kzg> kzg = Load();
    while (kzg != nullptr) {
      const std::unique_ptr<KzgJob> job = Next();
      if (job == nullptr) return;
      const std::chrono::nanoseconds begin = ThreadTime();
      KzgDone done = RunKzgJob(*kzg, std::move(*job));
      microseconds_ += static_cast<std::uint64_t>(
          std::chrono::duration_cast<std::chrono::microseconds>(ThreadTime() - begin).count());
      Tell([held = std::move(done)](Impl& self) mutable { self.on_done_(std::move(held)); });
    }
  }

  std::unique_ptr<Kzg> Load() {
    bool from_cache = false;
    absl::StatusOr<std::unique_ptr<Kzg>> kzg = LoadKzg(parameters_, cache_path_, &from_cache);
    if (!kzg.ok()) {
      Tell([status = kzg.status()](Impl& self) { self.on_failure_(status); });
      return nullptr;
    }
    Tell([from_cache](Impl& self) {
      self.logger_->Log(from_cache ? LogLevel::kInfo : LogLevel::kWarn, "da",
                        from_cache
                            ? absl::StrCat("the KZG tables are mapped from ", self.cache_path_)
                            : absl::StrCat("the KZG tables were computed, as ", self.cache_path_,
                                           " is missing or does not fit"));
    });
    return *std::move(kzg);
  }

  // Null when it is time to end.
  std::unique_ptr<KzgJob> Next() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
    if (ending_) return nullptr;
    std::unique_ptr<KzgJob> job = std::move(jobs_.front());
    jobs_.pop_front();
    return job;
  }

  template <class What>
  void Tell(What what) {
    boost::asio::post(context_, [weak = weak_from_this(), held = std::move(what)]() mutable {
      const auto self = weak.lock();
      if (self != nullptr && !self->stopped_) held(*self);
    });
  }

  boost::asio::io_context& context_;
  KzgParameters parameters_;
  std::string cache_path_;
  Logger* logger_;
  OnDone on_done_;
  OnFailure on_failure_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::unique_ptr<KzgJob>> jobs_;  // under mutex_, as is the next
  bool ending_ = false;
  bool stopped_ = false;  // of the context's thread
  std::atomic<std::uint64_t> microseconds_ = 0;
};

absl::StatusOr<std::unique_ptr<KzgWorker>> KzgWorker::Start(boost::asio::io_context& context,
                                                            const std::string& parameters_path,
                                                            const std::string& cache_path,
                                                            Logger* logger, OnDone on_done,
                                                            OnFailure on_failure) {
  const std::string path = parameters_path.empty() ? DefaultKzgParameters() : parameters_path;
  absl::StatusOr<KzgParameters> parameters = ReadKzgParameters(path);
  if (!parameters.ok()) return parameters.status();
  auto impl = std::make_shared<Impl>(context, *std::move(parameters),
                                     cache_path.empty() ? CacheBeside(path) : cache_path, logger,
                                     std::move(on_done), std::move(on_failure));
  impl->Start();
  return std::unique_ptr<KzgWorker>(new KzgWorker(std::move(impl)));
}

KzgWorker::KzgWorker(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
KzgWorker::~KzgWorker() { impl_->Stop(); }
void KzgWorker::Post(KzgJob job) { impl_->Post(std::move(job)); }
std::uint64_t KzgWorker::microseconds() const { return impl_->microseconds(); }

std::string DefaultKzgParameters() {
  std::error_code ignored;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  const std::filesystem::path name = "share/gtestnet/kzgrs_test_params/kzgrs_test_params";
  const std::filesystem::path above = program.parent_path().parent_path();  // of bin/
  const std::filesystem::path installed = above.parent_path() / name;       // of libexec/gtestnet/
  const bool there = !std::filesystem::exists(above / name, ignored) &&
                     std::filesystem::exists(installed, ignored);
  return (there ? installed : above / name).string();
}

}  // namespace gtestnet::node
