// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CHAIN_RECORD_H_
#define GTESTNET_CHAIN_RECORD_H_

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "gtestnet/chain/node_set.h"
#include "gtestnet/protocol_time.h"
#include "gtestnet/record.h"

namespace gtestnet::chain {

// A block that at least one node showed, on whichever branch.
struct BlockRecord {
  std::string id = {};
  std::string parent = {};
  int64_t slot = 0;
  int64_t height = 0;                          // parent's + 1; genesis is 0 and has no BlockRecord
  NodeIndex leader = -1;                       // −1: no node of the topology
  std::vector<std::string> transactions = {};  // hashes, in order
  RunTime first_seen{0};

  friend bool operator==(const BlockRecord&, const BlockRecord&) = default;
};

// A note, as far as transactions of a workload made or spent it.
struct NoteRecord {
  std::string id = {};
  uint64_t value = 0;
  friend bool operator==(const NoteRecord&, const NoteRecord&) = default;
};

// A transaction that a workload submitted. Whether and where it is in the chain is asked of
// ChainIndex: it follows from the blocks.
struct TransactionRecord {
  std::string hash = {};
  std::string workload = {};
  NodeIndex node = 0;  // to which it was submitted
  RunTime submitted_at{0};
  // Empty when the node took it; else its answer.
  std::string refusal = {};
  std::vector<NoteRecord> spends = {};
  std::vector<NoteRecord> makes = {};
  // What is wrong with it on purpose, "bad signature"; empty for one that is meant to be valid.
  std::string flaw = {};
  // The nodes that were seen to have it, in their mempool or already in their chain, and when the
  // first and the last of them was seen to. Nodes are asked several times per block.
  NodeSet seen_by = {};
  std::optional<RunTime> first_seen = {};
  std::optional<RunTime> last_seen = {};
  // How often a node had taken it, no node knew of it any more, and it was submitted again.
  int lost = 0;

  friend bool operator==(const TransactionRecord&, const TransactionRecord&) = default;
};

// A message by which a workload opened a channel. Whether it is in the chain follows from the
// blocks, by the hash of its transaction.
struct InscriptionRecord {
  std::string transaction = {};  // hash
  std::string channel = {};
  std::string workload = {};
  NodeIndex node = 0;  // to which it was submitted
  RunTime submitted_at{0};
  // Empty when the node took it; else its answer.
  std::string refusal = {};

  friend bool operator==(const InscriptionRecord&, const InscriptionRecord&) = default;
};

// What came back when the run, after its drain, asked a node for a blob.
struct BlobRetrieval {
  NodeIndex node = 0;      // that was asked
  int columns = 0;         // of 128, that it could have; any 64 are enough
  std::string data = {};   // Blake2b-256 of the data; empty when none came back
  std::string error = {};  // why none did

  friend bool operator==(const BlobRetrieval&, const BlobRetrieval&) = default;
};

// A blob that a workload dispersed. Whether it is in the chain follows from the blocks, by the hash
// of its transaction.
struct BlobRecord {
  std::string id = {};  // empty when the node gave none
  std::string channel = {};
  std::string transaction = {};  // hash; empty when the node gave no id
  std::string workload = {};
  int64_t size = 0;       // of the data, in bytes
  std::string data = {};  // Blake2b-256 of the data
  NodeIndex node = 0;     // the executor that was to disperse it
  RunTime submitted_at{0};
  RunTime answered_after{0};
  // Empty when the node dispersed it; else its answer.
  std::string refusal = {};
  // Nothing for a blob that was not asked for: one that was not dispersed, or that is older than
  // nodes keep columns.
  std::optional<BlobRetrieval> retrieval = {};

  friend bool operator==(const BlobRecord&, const BlobRecord&) = default;
};

// Notes that were there at genesis: those of one owner that are of the same value.
struct GenesisNotes {
  uint64_t value = 0;      // of each
  std::string owner = {};  // its public key
  bool stake = false;      // its owner may lead by them
  std::vector<std::string> ids = {};

  friend bool operator==(const GenesisNotes&, const GenesisNotes&) = default;
};

// The parameters of a chain that a judgement needs.
struct ChainParameters {
  Pace pace = {};
  std::string active_slot_coefficient = {};  // the decimal as configured, "0.9"
  int64_t security_parameter = 0;            // k: a block is final when k blocks are above it
  uint64_t total_stake = 0;
  int min_peers = 1;         // neighbours that a leader must be connected with
  std::string genesis = {};  // id of the genesis block

  friend bool operator==(const ChainParameters&, const ChainParameters&) = default;
};

// Something that a node told and that cannot be so, by what else is known: by its own blocks, by
// what it told elsewhere, or by its peers.
struct ContradictionRecord {
  NodeIndex node = 0;
  std::string told = {};     // "consensus_tip_height 19 in GET /metrics"
  std::string against = {};  // "it told height 10 in GET /cryptarchia/info"
  // The first and the last look that showed it, and how many did.
  RunTime since{0};
  RunTime until{0};
  int64_t looks = 0;

  friend bool operator==(const ContradictionRecord&, const ContradictionRecord&) = default;
};

// What WorkloadRecord::owes says of workloads that submit transactions, and of those that disperse
// blobs.
inline constexpr char kOwesTransactions[] = "transactions";
inline constexpr char kOwesBlobs[] = "blobs";

// The chains of a run: the record's section "chain", which a kind of node may fill.
struct ChainRecord {
  ChainParameters parameters = {};
  std::vector<BlockRecord> blocks = {};  // each once, parents before their children
  std::vector<TransactionRecord> transactions = {};
  std::vector<InscriptionRecord> inscriptions = {};
  std::vector<BlobRecord> blobs = {};
  // The sum of all notes at genesis, and these; none in a record that does not tell.
  uint64_t supply = 0;
  std::vector<GenesisNotes> genesis_notes = {};
  // Only those that are no race of two answers, by the rules of whoever looked.
  std::vector<ContradictionRecord> contradictions = {};

  friend bool operator==(const ChainRecord&, const ChainRecord&) = default;
};

// The record's chains; null where it has none.
const ChainRecord* ChainOf(const RunRecord& record);
// The same to be changed; made where there is none.
ChainRecord& MutableChainOf(RunRecord& record);
// Whether the record has a section "chain" that was not read, as nobody had called RegisterRecord.
bool HasUnreadChain(const RunRecord& record);

// So that records which are read from now on have their chains. The kinds of node that keep a chain
// call it; a program that only reads records does so itself. Any thread, any number of times.
void RegisterRecord();

std::ostream& operator<<(std::ostream& os, const BlockRecord& block);
std::ostream& operator<<(std::ostream& os, const NoteRecord& note);
std::ostream& operator<<(std::ostream& os, const TransactionRecord& transaction);
std::ostream& operator<<(std::ostream& os, const GenesisNotes& notes);
std::ostream& operator<<(std::ostream& os, const InscriptionRecord& inscription);
std::ostream& operator<<(std::ostream& os, const BlobRetrieval& retrieval);
std::ostream& operator<<(std::ostream& os, const BlobRecord& blob);
std::ostream& operator<<(std::ostream& os, const ContradictionRecord& contradiction);

}  // namespace gtestnet::chain

#endif  // GTESTNET_CHAIN_RECORD_H_
