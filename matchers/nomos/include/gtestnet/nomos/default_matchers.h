// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_MATCHERS_H_
#define GTESTNET_MATCHERS_H_

// All matchers, and what makes an expectation of any of them.
#include "gtestnet/consensus_matchers.h"
#include "gtestnet/data_availability_matchers.h"
#include "gtestnet/expectation_from.h"
#include "gtestnet/metric_matchers.h"
#include "gtestnet/node_matchers.h"
#include "gtestnet/operation_matchers.h"
#include "gtestnet/parse_expectation.h"
#include "gtestnet/sample_matchers.h"
#include "gtestnet/status_matchers.h"
#include "gtestnet/transaction_matchers.h"

#endif  // GTESTNET_MATCHERS_H_
