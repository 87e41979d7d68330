// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_DEFAULT_MATCHERS_H_
#define GTESTNET_NOMOS_DEFAULT_MATCHERS_H_

// All matchers for the default kind of node, and their short names.
#include "gtestnet/chain/consensus_matchers.h"
#include "gtestnet/chain/expectations.h"
#include "gtestnet/chain/node_matchers.h"
#include "gtestnet/chain/transaction_matchers.h"
#include "gtestnet/expectation_from.h"
#include "gtestnet/expectation_table.h"
#include "gtestnet/life_matchers.h"
#include "gtestnet/log_matchers.h"
#include "gtestnet/metric_matchers.h"
#include "gtestnet/node_matchers.h"
#include "gtestnet/nomos/consensus_matchers.h"
#include "gtestnet/nomos/data_availability_matchers.h"
#include "gtestnet/nomos/parse_expectation.h"
#include "gtestnet/nomos/standing_set.h"
#include "gtestnet/operation_matchers.h"
#include "gtestnet/resource_matchers.h"
#include "gtestnet/sample_matchers.h"
#include "gtestnet/standing_set.h"
#include "gtestnet/status_matchers.h"

namespace gtestnet {

using chain::AgreesOnChain;
using chain::ConservesSupply;
using chain::FinalisesTransactions;
using chain::FinalityAdvances;
using chain::ForksAtMost;
using chain::HasFinalisedHeight;
using chain::HasHeight;
using chain::HasMempool;
using chain::HasMode;
using chain::HasPeers;
using chain::HasSlot;
using chain::IncludesTransactions;
using chain::InclusionLatency;
using chain::MempoolDrains;
using chain::NodesAreLevel;
using chain::NodesAreTruthful;
using chain::ReachesEveryMempool;
using chain::RecoversWithin;
using chain::RefusesInvalidTransactions;
using chain::Reorganises;
using chain::Seconds;
using chain::SpendsEachNoteOnce;
using nomos::BlobsAreRetrievable;
using nomos::ConsensusIsLive;
using nomos::ExpectationForms;
using nomos::IncludesBlobs;
using nomos::IncludesInscriptions;
using nomos::LeadsByStake;
using nomos::ParseExpectation;
using nomos::SamplingSucceeds;
using nomos::StandingSetOf;

}  // namespace gtestnet

#endif  // GTESTNET_NOMOS_DEFAULT_MATCHERS_H_
