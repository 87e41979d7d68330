// SPDX-License-Identifier: Apache-2.0
#include "etcd_workload.h"

#include <gtestnet/run_context.h>

#include <utility>

#include "absl/strings/escaping.h"
#include "etcd_kind.h"

namespace etcd {
namespace {

using gtestnet::NodeIndex;
using gtestnet::Operation;
using gtestnet::OperationOutcome;
using gtestnet::RunContext;
using gtestnet::WorkloadRun;

Operation Begin(const RunContext& context, NodeIndex node, const ClientOptions& options,
                const char* kind, const std::string& key) {
  Operation operation;
  operation.client = options.number;
  operation.node = node;
  operation.kind = kind;
  operation.key = key;
  operation.begun = context.now();
  return operation;
}

bool Record(RunContext& context, Operation operation, const absl::Status& status) {
  operation.ended = context.now();
  operation.outcome = status.ok() ? OperationOutcome::kOk : OperationOutcome::kUnknown;
  operation.why = status.ok() ? "" : std::string(status.message());
  context.Record(std::move(operation));
  return status.ok();
}

absl::Status PutAndGet(WorkloadRun& run, const ClientOptions& options) {
  RunContext& context = run.context();
  const std::string key = "client-" + std::to_string(options.number);
  run.Plan("a put and a get every " + std::to_string(options.every.count()) + " ms");
  int value = 0;
  while (run.SleepFor(options.every)) {
    const auto nodes = static_cast<NodeIndex>(context.nodes().size());
    const auto node = static_cast<NodeIndex>(run.random().Below(static_cast<uint64_t>(nodes)));
    if (!context.IsUp(node)) continue;
    const bool put = Put(context, node, options, key, std::to_string(++value));
    const bool got = Get(context, node, options, key);
    if (put && got) run.Acted();
  }
  return absl::OkStatus();
}

}  // namespace

ClientWorkload::ClientWorkload(RunContext& context, ClientOptions options)
    : Workload(context, {.name = "client " + std::to_string(options.number)},
               [options](WorkloadRun& run) { return PutAndGet(run, options); }) {}

bool Put(RunContext& context, NodeIndex node, const ClientOptions& options, const std::string& key,
         const std::string& value) {
  Operation operation = Begin(context, node, options, "put", key);
  operation.value = value;
  const absl::StatusOr<std::string> answer =
      Call(context.node(node), "/v3/kv/put",
           R"({"key":")" + absl::Base64Escape(key) + R"(","value":")" + absl::Base64Escape(value) +
               "\"}",
           options.patience);
  return Record(context, std::move(operation), answer.status());
}

bool Get(RunContext& context, NodeIndex node, const ClientOptions& options,
         const std::string& key) {
  Operation operation = Begin(context, node, options, "get", key);
  const absl::StatusOr<std::string> answer =
      Call(context.node(node), "/v3/kv/range",
           R"({"key":")" + absl::Base64Escape(key) + R"(","serializable":)" +
               (options.serializable ? "true" : "false") + "}",
           options.patience);
  std::string value;
  if (answer.ok() && absl::Base64Unescape(Field(*answer, "value"), &value) && !value.empty()) {
    operation.value = value;
  }
  return Record(context, std::move(operation), answer.status());
}

}  // namespace etcd
