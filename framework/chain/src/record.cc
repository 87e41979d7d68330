// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/chain/record.h"

#include <ostream>
#include <string_view>

#include "gtestnet/protocol_time.h"

namespace gtestnet::chain {
namespace {

// Enough of an id to tell it from others.
std::string_view Short(std::string_view id) { return id.substr(0, 8); }

}  // namespace

std::ostream& operator<<(std::ostream& os, const BlockRecord& b) {
  return os << "BlockRecord{" << Short(b.id) << ", height=" << b.height << ", slot=" << b.slot
            << ", leader=" << b.leader << ", parent=" << Short(b.parent) << ", "
            << b.transactions.size() << " transactions, first_seen=" << InSeconds(b.first_seen)
            << "}";
}

std::ostream& operator<<(std::ostream& os, const NoteRecord& n) {
  return os << "NoteRecord{" << Short(n.id) << ", value=" << n.value << "}";
}

std::ostream& operator<<(std::ostream& os, const TransactionRecord& t) {
  os << "TransactionRecord{" << Short(t.hash) << ", workload=" << t.workload << ", node=" << t.node
     << ", submitted_at=" << InSeconds(t.submitted_at);
  if (!t.refusal.empty()) os << ", refused: " << t.refusal;
  return os << ", spends " << t.spends.size() << ", makes " << t.makes.size() << "}";
}

std::ostream& operator<<(std::ostream& os, const GenesisNotes& n) {
  return os << "GenesisNotes{" << n.ids.size() << " of value " << n.value
            << (n.stake ? ", stake of " : ", of ") << Short(n.owner) << "}";
}

std::ostream& operator<<(std::ostream& os, const InscriptionRecord& i) {
  os << "InscriptionRecord{" << Short(i.transaction) << ", channel=" << Short(i.channel)
     << ", workload=" << i.workload << ", node=" << i.node
     << ", submitted_at=" << InSeconds(i.submitted_at);
  if (!i.refusal.empty()) os << ", refused: " << i.refusal;
  return os << "}";
}

std::ostream& operator<<(std::ostream& os, const BlobRetrieval& r) {
  os << "BlobRetrieval{node=" << r.node << ", " << r.columns << " columns";
  if (!r.data.empty()) os << ", data " << Short(r.data);
  if (!r.error.empty()) os << ", " << r.error;
  return os << "}";
}

std::ostream& operator<<(std::ostream& os, const BlobRecord& b) {
  os << "BlobRecord{" << (b.id.empty() ? "no id" : Short(b.id)) << ", " << b.size
     << " bytes, channel=" << Short(b.channel) << ", workload=" << b.workload << ", node=" << b.node
     << ", submitted_at=" << InSeconds(b.submitted_at);
  if (!b.refusal.empty()) os << ", refused: " << b.refusal;
  if (b.retrieval) os << ", " << *b.retrieval;
  return os << "}";
}

std::ostream& operator<<(std::ostream& os, const ContradictionRecord& c) {
  return os << "ContradictionRecord{node=" << c.node << " told " << c.told << ", but " << c.against
            << ", " << c.looks << " looks from " << InSeconds(c.since) << " to "
            << InSeconds(c.until) << "}";
}

}  // namespace gtestnet::chain
