// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_RECORD_RECORD_FIELDS_H_
#define GTESTNET_CORE_SRC_RECORD_RECORD_FIELDS_H_

#include <concepts>
#include <type_traits>

#include "gtestnet/record.h"

namespace gtestnet::internal {

// Either `T` or `const T`.
template <class U, class T>
concept OneOf = std::same_as<std::remove_const_t<U>, T>;

// The fields of each part of a record, in the order in which they are written. Writer and reader
// both visit these, so that what one writes the other reads. Where the name in JSON differs from
// the member's, it says the unit. A list of which IfAny is called is left out when it is empty.

template <class Visitor>
void VisitFields(Visitor& visit, OneOf<NodeRecord> auto& v) {
  visit("name", v.name);
  visit("role", v.role);
  visit("stake", v.stake);
  visit("public_key", v.public_key);
  visit("neighbours", v.neighbours);
  visit("up_at_end", v.up_at_end);
}

template <class Visitor>
void VisitFields(Visitor& visit, OneOf<NodeEvent> auto& v) {
  visit("at_ms", v.at);
  visit("node", v.node);
  visit("kind", v.kind);
  visit("cause", v.cause);
  visit("detail", v.detail);
}

template <class Visitor>
void VisitFields(Visitor& visit, OneOf<NodeSample> auto& v) {
  visit("at_ms", v.at);
  visit("node", v.node);
  visit("reachable", v.reachable);
  visit("mode", v.mode);
  visit("tip", v.tip);
  visit("slot", v.slot);
  visit("height", v.height);
  visit("finalised", v.finalised);
  visit("finalised_height", v.finalised_height);
  visit("peers", v.peers);
  visit("mempool", v.mempool);
}

template <class Visitor>
void VisitFields(Visitor& visit, OneOf<MetricSample> auto& v) {
  visit("at_ms", v.at);
  visit("node", v.node);
  visit("series", v.series);
  visit("value", v.value);
}

template <class Visitor>
void VisitFields(Visitor& visit, OneOf<WorkloadRecord> auto& v) {
  visit("name", v.name);
  visit("started_ms", v.started);
  visit("stopped_ms", v.stopped);
  visit("actions", v.actions);
  visit("plan", v.plan);
  visit("error", v.error);
}

template <class Visitor>
void VisitFields(Visitor& visit, OneOf<FaultRecord> auto& v) {
  visit("workload", v.workload);
  visit("fault", v.fault);
  visit("node", v.node);
  visit("at_ms", v.at);
  visit("down_for_ms", v.down_for);
  visit("recovered_after_ms", v.recovered_after);
}

template <class Visitor>
void VisitFields(Visitor& visit, OneOf<Operation> auto& v) {
  visit("workload", v.workload);
  visit("client", v.client);
  visit("node", v.node);
  visit("kind", v.kind);
  visit("key", v.key);
  visit("value", v.value);
  visit("begun_ms", v.begun);
  visit("ended_ms", v.ended);
  visit("outcome", v.outcome);
  visit("why", v.why);
}

template <class Visitor>
void VisitFields(Visitor& visit, OneOf<ClockEvent> auto& v) {
  visit("since_ms", v.since);
  visit("at_ms", v.at);
  visit("kind", v.kind);
  visit("by_ms", v.by);
}

template <class Visitor>
void VisitFields(Visitor& visit, OneOf<Pace> auto& v) {
  visit("slot_ms", v.slot);
  visit("active_slot_coefficient", v.active_slot_coefficient);
  visit("slots_per_epoch", v.slots_per_epoch);
}

template <class Visitor>
void VisitFields(Visitor& visit, OneOf<ChainParameters> auto& v) {
  visit("pace", v.pace);
  visit("active_slot_coefficient", v.active_slot_coefficient);
  visit("security_parameter", v.security_parameter);
  visit("total_stake", v.total_stake);
  visit("min_peers", v.min_peers);
  visit("genesis", v.genesis);
}

template <class Visitor>
void VisitFields(Visitor& visit, OneOf<BlockRecord> auto& v) {
  visit("id", v.id);
  visit("parent", v.parent);
  visit("slot", v.slot);
  visit("height", v.height);
  visit("leader", v.leader);
  visit("transactions", v.transactions);
  visit("first_seen_ms", v.first_seen);
}

template <class Visitor>
void VisitFields(Visitor& visit, OneOf<NoteRecord> auto& v) {
  visit("id", v.id);
  visit("value", v.value);
}

template <class Visitor>
void VisitFields(Visitor& visit, OneOf<TransactionRecord> auto& v) {
  visit("hash", v.hash);
  visit("workload", v.workload);
  visit("node", v.node);
  visit("submitted_at_ms", v.submitted_at);
  visit("refusal", v.refusal);
  visit("spends", v.spends);
  visit("makes", v.makes);
  visit("flaw", v.flaw);
  visit("seen_by", v.seen_by);
  visit("first_seen_ms", v.first_seen);
  visit("last_seen_ms", v.last_seen);
  visit("lost", v.lost);
}

template <class Visitor>
void VisitFields(Visitor& visit, OneOf<InscriptionRecord> auto& v) {
  visit("transaction", v.transaction);
  visit("channel", v.channel);
  visit("workload", v.workload);
  visit("node", v.node);
  visit("submitted_at_ms", v.submitted_at);
  visit("refusal", v.refusal);
}

template <class Visitor>
void VisitFields(Visitor& visit, OneOf<BlobRetrieval> auto& v) {
  visit("node", v.node);
  visit("columns", v.columns);
  visit("data", v.data);
  visit("error", v.error);
}

template <class Visitor>
void VisitFields(Visitor& visit, OneOf<BlobRecord> auto& v) {
  visit("id", v.id);
  visit("channel", v.channel);
  visit("transaction", v.transaction);
  visit("workload", v.workload);
  visit("size", v.size);
  visit("data", v.data);
  visit("node", v.node);
  visit("submitted_at_ms", v.submitted_at);
  visit("answered_after_ms", v.answered_after);
  visit("refusal", v.refusal);
  visit("retrieval", v.retrieval);
}

template <class Visitor>
void VisitFields(Visitor& visit, OneOf<ChainRecord> auto& v) {
  visit("parameters", v.parameters);
  visit("supply", v.supply);
  visit("blocks", v.blocks);
  visit("transactions", v.transactions);
  visit("inscriptions", v.inscriptions);
  visit("blobs", v.blobs);
}

template <class Visitor>
void VisitFields(Visitor& visit, OneOf<VerdictRecord> auto& v) {
  visit("expectation", v.expectation);
  visit("where", v.where);
  visit("judged", v.judged);
  visit("met", v.met);
  visit("required", v.required);
  visit("observed", v.observed);
}

template <class Visitor>
void VisitFields(Visitor& visit, OneOf<RunRecord> auto& v) {
  visit("run_id", v.run_id);
  visit("test", v.test);
  visit("deployer", v.deployer);
  visit("topology", v.topology);
  visit("layout", v.layout);
  visit("seed", v.seed);
  visit("begun_ms", v.begun);
  visit("ended_ms", v.ended);
  visit("closed_ms", v.closed);
  visit("broken", v.broken);
  visit("nodes", v.nodes);
  visit("events", v.events);
  visit("samples", v.samples);
  visit("metrics", v.metrics);
  visit("workloads", v.workloads);
  visit("faults", v.faults);
  visit.IfAny("operations", v.operations);
  visit.IfAny("clock", v.clock);
  visit("chain", v.chain);
  visit("verdicts", v.verdicts);
}

}  // namespace gtestnet::internal

#endif  // GTESTNET_CORE_SRC_RECORD_RECORD_FIELDS_H_
