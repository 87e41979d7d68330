// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_DEFAULT_KIND_H_
#define GTESTNET_NOMOS_DEFAULT_KIND_H_

// All of the default kind of node, and its short names.

#include "gtestnet/chain/block_feed.h"
#include "gtestnet/chain/chain_index.h"
#include "gtestnet/chain/context.h"
#include "gtestnet/chain/record.h"
#include "gtestnet/chain/sample.h"
#include "gtestnet/nomos/context.h"
#include "gtestnet/nomos/da_client.h"
#include "gtestnet/nomos/data_availability_workload.h"
#include "gtestnet/nomos/invalid_transaction_workload.h"
#include "gtestnet/nomos/node_client.h"
#include "gtestnet/nomos/node_values.h"
#include "gtestnet/nomos/nomos.h"
#include "gtestnet/nomos/scenario_builder.h"
#include "gtestnet/nomos/scenario_file.h"
#include "gtestnet/nomos/transaction.h"
#include "gtestnet/nomos/transaction_workload.h"
#include "gtestnet/nomos/wallet.h"

namespace gtestnet {

// Of the default kind of node, by their short names: what a test builds and drives its cluster
// with. What a user may well have of their own (a Transaction, a Block, a Flaw) is
// nomos::Transaction.
using chain::BlobRecord;
using chain::BlobRetrieval;
using chain::BlockFeed;
using chain::BlockRecord;
using chain::ChainIndex;
using chain::ChainOf;
using chain::ChainParameters;
using chain::ChainRecord;
using chain::ChainUpdate;
using chain::ChainView;
using chain::FeedSubscription;
using chain::FinalisedHeightOf;
using chain::FinalisedOf;
using chain::HeightOf;
using chain::InscriptionRecord;
using chain::MempoolOf;
using chain::MutableChainOf;
using chain::NoteRecord;
using chain::PeersOf;
using chain::SlotOf;
using chain::TipOf;
using chain::TransactionRecord;
using nomos::ConsensusInfo;
using nomos::DaClient;
using nomos::DataAvailabilityOptions;
using nomos::DataAvailabilityParameters;
using nomos::DataAvailabilityWorkload;
using nomos::ExpectationParser;
using nomos::InvalidTransactionOptions;
using nomos::InvalidTransactionWorkload;
using nomos::NodeClient;
using nomos::NodeClients;
using nomos::NodeClientsOf;
using nomos::NomosKind;
using nomos::NomosParameters;
using nomos::ParseScenario;
using nomos::ParseScenarioFile;
using nomos::PayloadRange;
using nomos::ScenarioBuilder;
using nomos::Spread;
using nomos::Topology;
using nomos::TransactionOptions;
using nomos::TransactionWorkload;
using nomos::Wallets;
using nomos::WalletsOf;

}  // namespace gtestnet

#endif  // GTESTNET_NOMOS_DEFAULT_KIND_H_
