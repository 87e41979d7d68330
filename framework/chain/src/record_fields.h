// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CHAIN_SRC_RECORD_FIELDS_H_
#define GTESTNET_CHAIN_SRC_RECORD_FIELDS_H_

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "core/src/record/record_fields.h"
#include "gtestnet/chain/node_set.h"
#include "gtestnet/chain/record.h"
#include "gtestnet/protocol_time.h"

namespace gtestnet::internal {

// As in core's record_fields.h.

template <class Visitor>
void VisitFields(Visitor& visit, OneOf<Pace> auto& v) {
  visit("slot_ms", v.slot);
  visit("active_slot_coefficient", v.active_slot_coefficient);
  visit("slots_per_epoch", v.slots_per_epoch);
}

template <class Visitor>
void VisitFields(Visitor& visit, OneOf<chain::ChainParameters> auto& v) {
  visit("pace", v.pace);
  visit("active_slot_coefficient", v.active_slot_coefficient);
  visit("security_parameter", v.security_parameter);
  visit("total_stake", v.total_stake);
  visit("min_peers", v.min_peers);
  visit("genesis", v.genesis);
}

template <class Visitor>
void VisitFields(Visitor& visit, OneOf<chain::BlockRecord> auto& v) {
  visit("id", v.id);
  visit("parent", v.parent);
  visit("slot", v.slot);
  visit("height", v.height);
  visit("leader", v.leader);
  visit("transactions", v.transactions);
  visit("first_seen_ms", v.first_seen);
}

template <class Visitor>
void VisitFields(Visitor& visit, OneOf<chain::NoteRecord> auto& v) {
  visit("id", v.id);
  visit("value", v.value);
}

template <class Visitor>
void VisitFields(Visitor& visit, OneOf<chain::TransactionRecord> auto& v) {
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
void VisitFields(Visitor& visit, OneOf<chain::InscriptionRecord> auto& v) {
  visit("transaction", v.transaction);
  visit("channel", v.channel);
  visit("workload", v.workload);
  visit("node", v.node);
  visit("submitted_at_ms", v.submitted_at);
  visit("refusal", v.refusal);
}

template <class Visitor>
void VisitFields(Visitor& visit, OneOf<chain::BlobRetrieval> auto& v) {
  visit("node", v.node);
  visit("columns", v.columns);
  visit("data", v.data);
  visit("error", v.error);
}

template <class Visitor>
void VisitFields(Visitor& visit, OneOf<chain::BlobRecord> auto& v) {
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
void VisitFields(Visitor& visit, OneOf<chain::GenesisNotes> auto& v) {
  visit("value", v.value);
  visit("owner", v.owner);
  visit("stake", v.stake);
  visit("ids", v.ids);
}

template <class Visitor>
void VisitFields(Visitor& visit, OneOf<chain::ContradictionRecord> auto& v) {
  visit("node", v.node);
  visit("told", v.told);
  visit("against", v.against);
  visit("since_ms", v.since);
  visit("until_ms", v.until);
  visit("looks", v.looks);
}

template <class Visitor>
void VisitFields(Visitor& visit, OneOf<chain::ChainRecord> auto& v) {
  visit("parameters", v.parameters);
  visit("supply", v.supply);
  visit.IfAny("genesis_notes", v.genesis_notes);
  visit("blocks", v.blocks);
  visit("transactions", v.transactions);
  visit("inscriptions", v.inscriptions);
  visit("blobs", v.blobs);
  visit.IfAny("contradictions", v.contradictions);
}

}  // namespace gtestnet::internal

namespace gtestnet::chain {

// As JSON: a text. A number, in records of before, says how many there are.
inline std::string ToJsonText(const NodeSet& nodes) { return nodes.ToString(); }
inline bool FromJsonValue(const boost::json::value& from, NodeSet& to) {
  constexpr int64_t kMost = 10'000;
  if (from.is_int64()) {
    const int64_t count = from.get_int64();
    if (count < 0 || count > kMost) return false;
    to = NodeSet::Unnamed(static_cast<int>(count));
    return true;
  }
  if (!from.is_string()) return false;
  const std::string_view text(from.get_string().data(), from.get_string().size());
  const std::optional<NodeSet> nodes = NodeSet::FromString(text);
  if (nodes.has_value()) to = *nodes;
  return nodes.has_value();
}

}  // namespace gtestnet::chain

#endif  // GTESTNET_CHAIN_SRC_RECORD_FIELDS_H_
