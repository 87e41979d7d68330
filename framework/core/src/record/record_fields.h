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
// the member's, it says the unit. What IfAny is called of is left out when it is empty.

template <class Visitor>
void VisitFields(Visitor& visit, OneOf<NodeRecord> auto& v) {
  visit("name", v.name);
  visit("role", v.role);
  visit.IfAny("numbers", v.numbers);
  visit.IfAny("words", v.words);
  visit("neighbours", v.neighbours);
  visit.IfAny("persists", v.persists);
  visit.IfAny("log_lines", v.log_lines);
  visit.IfAny("log_lines_left_out", v.log_lines_left_out);
  visit("up_at_end", v.up_at_end);
}

template <class Visitor>
void VisitFields(Visitor& visit, OneOf<NodeEvent> auto& v) {
  visit("at_ms", v.at);
  visit("node", v.node);
  visit("kind", v.kind);
  visit("cause", v.cause);
  visit("detail", v.detail);
  visit.IfAny("took_ms", v.took);
}

template <class Visitor>
void VisitFields(Visitor& visit, OneOf<NodeSample> auto& v) {
  visit("at_ms", v.at);
  visit("node", v.node);
  visit("reachable", v.reachable);
  visit("status", v.status);
  visit.IfAny("numbers", v.numbers);
  visit.IfAny("words", v.words);
}

template <class Visitor>
void VisitFields(Visitor& visit, OneOf<MetricSample> auto& v) {
  visit("at_ms", v.at);
  visit("node", v.node);
  visit("series", v.series);
  visit("value", v.value);
}

template <class Visitor>
void VisitFields(Visitor& visit, OneOf<ResourceSample> auto& v) {
  visit("at_ms", v.at);
  visit("node", v.node);
  visit("values", v.values);
}

template <class Visitor>
void VisitFields(Visitor& visit, OneOf<LogLine> auto& v) {
  visit("at_ms", v.at);
  visit("node", v.node);
  visit("level", v.level);
  visit("text", v.text);
}

template <class Visitor>
void VisitFields(Visitor& visit, OneOf<WorkloadRecord> auto& v) {
  visit("name", v.name);
  visit("started_ms", v.started);
  visit("stopped_ms", v.stopped);
  visit("actions", v.actions);
  visit("plan", v.plan);
  visit("error", v.error);
  visit.IfAny("due", v.due);
  visit.IfAny("owes", v.owes);
  visit.IfAny("left_out", v.left_out);
  visit.IfAny("at_least", v.at_least);
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
void VisitFields(Visitor& visit, OneOf<VerdictRecord> auto& v) {
  visit("expectation", v.expectation);
  visit("where", v.where);
  visit("judged", v.judged);
  visit("met", v.met);
  visit("required", v.required);
  visit("observed", v.observed);
  visit.IfAny("nothing", v.nothing);
  visit.IfAny("standing", v.standing);
  visit.IfAny("allowed", v.allowed);
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
  visit.IfAny("resources", v.resources);
  visit.IfAny("logs", v.logs);
  visit("workloads", v.workloads);
  visit("faults", v.faults);
  visit.IfAny("operations", v.operations);
  visit.IfAny("clock", v.clock);
  visit.Sections(v.sections);
  visit("verdicts", v.verdicts);
}

}  // namespace gtestnet::internal

#endif  // GTESTNET_CORE_SRC_RECORD_RECORD_FIELDS_H_
