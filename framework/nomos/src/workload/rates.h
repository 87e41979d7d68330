// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_SRC_WORKLOAD_RATES_H_
#define GTESTNET_NOMOS_SRC_WORKLOAD_RATES_H_

namespace gtestnet::nomos {

// Per block. Of less no run would ever see one, and far less is a pause that no clock can count.
inline constexpr double kLowestRate = 1e-6;

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_SRC_WORKLOAD_RATES_H_
