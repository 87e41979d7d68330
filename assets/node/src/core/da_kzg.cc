// SPDX-License-Identifier: Apache-2.0
#include "da_kzg.h"

#include <utility>

namespace gtestnet::node {
namespace {

// All at once, as nearly always all are right; when they are not, one by one, to tell which.
Verified RightOnes(const Kzg& kzg, VerifyJob job) {
  if (job.shares.empty() || kzg.Verify(job.commitment, job.shares)) return std::move(job.shares);
  Verified right;
  if (job.shares.size() == 1) return right;
  for (Share& share : job.shares) {
    if (kzg.Verify(job.commitment, {share})) right.push_back(share);
  }
  return right;
}

}  // namespace

KzgDone RunKzgJob(const Kzg& kzg, KzgJob job) {
  KzgDone done;
  done.id = job.id;
  if (auto* extend = std::get_if<ExtendJob>(&job.what)) {
    done.result.emplace<0>(kzg.Extend(extend->data));
  } else if (auto* verify = std::get_if<VerifyJob>(&job.what)) {
    done.result.emplace<1>(RightOnes(kzg, std::move(*verify)));
  } else {
    done.result.emplace<2>(kzg.Recover(std::get<RecoverJob>(job.what).shares));
  }
  return done;
}

}  // namespace gtestnet::node
