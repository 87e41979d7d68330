// SPDX-License-Identifier: Apache-2.0
// One client of etcd: it puts numbers under a key of its own and gets them back, of one member
// after the other, and every operation is in the record.
#ifndef ETCD_WORKLOAD_H_
#define ETCD_WORKLOAD_H_

#include <gtestnet/workload.h>

#include <string>

namespace etcd {

struct ClientOptions {
  int number = 0;
  std::chrono::milliseconds every{20};
  // Gets are answered by a member alone, without asking the others: they may be stale.
  bool serializable = false;
  std::chrono::milliseconds patience{1000};
};

class ClientWorkload : public gtestnet::Workload {
 public:
  explicit ClientWorkload(gtestnet::RunContext& context, ClientOptions options = {});
};

// One operation, which is recorded. An answer that is no success may come after it was done.
bool Put(gtestnet::RunContext& context, gtestnet::NodeIndex node, const ClientOptions& options,
         const std::string& key, const std::string& value);
bool Get(gtestnet::RunContext& context, gtestnet::NodeIndex node, const ClientOptions& options,
         const std::string& key);

}  // namespace etcd

#endif  // ETCD_WORKLOAD_H_
