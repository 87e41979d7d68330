// SPDX-License-Identifier: Apache-2.0
#include "data_availability/da_test.h"

#include <algorithm>

namespace gtestnet {

std::string DaTest::Data(size_t size, int kind) {
  std::string data(size, '\0');
  for (size_t i = 0; i < size; ++i) data[i] = static_cast<char>(i * 7 + i / 31 + kind * 13 + 1);
  return data;
}

std::vector<NodeIndex> DaTest::Validators() {
  std::vector<NodeIndex> nodes;
  for (const NodeClient& client : cluster().node_clients().validators()) {
    nodes.push_back(client.node().index);
  }
  return nodes;
}

absl::StatusOr<SentBlob> DaTest::Disperse(const std::string& data) {
  const DaClient executor = Executor();
  if (channel_.empty()) {
    const std::string channel(64, 'd');
    const absl::StatusOr<nomos::SignedTransaction> opening =
        nomos::Transfer()
            .Inscribe({.channel = channel, .bytes = "blobs"}, nomos::DispersalKey())
            .Build();
    if (!opening.ok()) return opening.status();
    const absl::Status taken = NodeClient(executor.node()).Submit(*opening);
    if (!taken.ok()) return taken;
    channel_ = channel;
    last_ = opening->messages.front();
  }
  const absl::StatusOr<std::string> id =
      executor.Disperse({channel_, last_, data}, Scaled(std::chrono::seconds(30)));
  if (!id.ok()) return id.status();
  const absl::StatusOr<nomos::SignedTransaction> transaction =
      nomos::MakeBlobTransaction(channel_, last_, *id, data.size(), nomos::DispersalKey());
  if (!transaction.ok()) return transaction.status();
  last_ = transaction->messages.front();
  return SentBlob{*id, transaction->hash, data};
}

void DaTest::AwaitIncluded(const std::string& transaction) {
  AssertEventually(
      [&] {
        for (const NodeInfo& node : cluster().nodes()) {
          if (!cluster().IsUp(node.index)) continue;
          const auto status = NodeClient(node).GetStatus({transaction});
          GTESTNET_ASSERT_OK(status);
          EXPECT_EQ(status->front().kind, nomos::TransactionStatus::Kind::kInBlock) << node.name;
        }
      },
      {.timeout = std::chrono::seconds(30)});
}

std::string DaTest::Retrieve(const DaClient& node, const SentBlob& blob) {
  const auto answer = node.Reconstruct(blob.id, Scaled(std::chrono::seconds(20)));
  if (!answer.ok()) return std::string(answer.status().message());
  if (!answer->has_value()) return "too few columns";
  return (*answer)->data.substr(0, blob.data.size());
}

std::vector<int> DaTest::ColumnsAt(const DaClient& node, const std::string& blob) {
  std::vector<int> columns;
  const auto shares = node.GetShares(blob, {.return_available = true});
  if (!shares.ok()) return columns;
  for (const nomos::Share& share : *shares) columns.push_back(share.column);
  std::sort(columns.begin(), columns.end());
  return columns;
}

}  // namespace gtestnet
