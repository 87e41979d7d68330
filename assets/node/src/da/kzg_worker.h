// SPDX-License-Identifier: Apache-2.0
//
// Runs the jobs of KZG, each up to half a second long, on a thread of low priority, so that
// consensus never waits for one.
//
//   auto worker = KzgWorker::Start(context, parameters_path, "", logger, on_done);
//   worker->Post(job);  // later, from the context: on_done(KzgDone)
#ifndef GTESTNET_NODE_DA_KZG_WORKER_H_
#define GTESTNET_NODE_DA_KZG_WORKER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "boost/asio/io_context.hpp"
#include "core/da_kzg.h"
#include "logging.h"

namespace gtestnet::node {

class KzgWorker {
 public:
  using OnDone = std::function<void(KzgDone)>;
  using OnFailure = std::function<void(const absl::Status&)>;

  // kInvalidArgument when the parameters are not what they must be, or this node was built without
  // KZG. They are read, or their tables mapped, by the thread; an empty path of a cache is that
  // beside the parameters. The callbacks come from the context. `logger` must outlive it, and is
  // used on the context's thread only.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<KzgWorker>> Start(
      boost::asio::io_context& context, const std::string& parameters_path,
      const std::string& cache_path, Logger* logger, OnDone on_done, OnFailure on_failure);

  // Waits for the job that is being run; no callback comes any more.
  ~KzgWorker();
  KzgWorker(const KzgWorker&) = delete;
  KzgWorker& operator=(const KzgWorker&) = delete;

  // In the order of the calls.
  void Post(KzgJob job);
  [[nodiscard]] std::uint64_t microseconds() const;  // spent in jobs that are done

 private:
  class Impl;
  explicit KzgWorker(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

// Where the parameters are when nothing names them: beside the program's folder.
[[nodiscard]] std::string DefaultKzgParameters();

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_DA_KZG_WORKER_H_
