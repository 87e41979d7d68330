// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <utility>

#include "core/src/observe/stock_observer.h"
#include "gtestnet/node_kind.h"
#include "gtestnet/run_context.h"

namespace gtestnet {

absl::StatusOr<std::unique_ptr<Observer>> NodeKind::Observe(RunContext& context) const {
  Watched watched;
  watched.kind = this;
  watched.clock = &context.clock();
  watched.nodes = [&context] { return context.nodes(); };
  watched.is_up = [&context](NodeIndex node) { return context.IsUp(node); };
  watched.now = [&context] { return context.now(); };
  watched.changed_at = [&context](NodeIndex node) { return context.ChangedAt(node); };
  watched.lacks = [this, &context](const NodeSample& sample, const Snapshot& snapshot) {
    return Behind(context.topology(), sample, snapshot);
  };
  watched.give_up = [&context](const absl::Status& why) { context.Break(why); };
  return StockObserver::Make(std::move(watched));
}

}  // namespace gtestnet
