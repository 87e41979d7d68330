// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_SUITES_DATA_AVAILABILITY_DA_TEST_H_
#define GTESTNET_SUITES_DATA_AVAILABILITY_DA_TEST_H_

#include <gtestnet/gtestnet.h>

#include <string>
#include <vector>

namespace gtestnet {

// A blob that a test dispersed.
struct SentBlob {
  std::string id;
  std::string transaction;
  std::string data;
};

// A cluster that a test disperses blobs to, one after the other on one channel.
class DaTest : public ClusterTest {
 protected:
  // So many bytes, other ones for each `kind`.
  static std::string Data(size_t size, int kind = 0);

  DaClient Client(NodeIndex node) { return DaClient(cluster().node(node)); }
  // The first executor.
  DaClient Executor() { return DaClient(cluster().node_clients().executors().at(0).node()); }
  std::vector<NodeIndex> Validators();

  // Opens the test's channel at its first call, and adds to it.
  absl::StatusOr<SentBlob> Disperse(const std::string& data);
  // Waits until the transaction is in the chain of every node that is up.
  void AwaitIncluded(const std::string& transaction);
  // What a node brings back of it: its data, "too few columns", or an error.
  static std::string Retrieve(const DaClient& node, const SentBlob& blob);
  // The columns that a node has of it, in order; none where the blob is unknown to it.
  static std::vector<int> ColumnsAt(const DaClient& node, const std::string& blob);

 private:
  std::string channel_;
  std::string last_;  // message on it
};

}  // namespace gtestnet

#endif  // GTESTNET_SUITES_DATA_AVAILABILITY_DA_TEST_H_
