// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_STANDING_SET_H_
#define GTESTNET_STANDING_SET_H_

#include <string>
#include <utility>
#include <vector>

#include "gtestnet/expectation.h"
#include "gtestnet/expectation_from.h"

namespace gtestnet {

// What every run is judged by without a word, of any kind of node. A library of matchers for a kind
// has a StandingSet of its own, which has these and more; a fixture says which one by Standing().
std::vector<StandingExpectation> StandingSet();

// One of such a set: any gMock matcher of RunRecord by the name that Allow takes.
//
//   std::vector<StandingExpectation> set = StandingSet();
//   set.push_back(AsStanding("LeadsAlone", LeadsAlone()));
template <class M>
StandingExpectation AsStanding(std::string name, M matcher) {
  return {std::move(name), ExpectationFrom<M>::Make(std::move(matcher), SourceLocation())};
}

}  // namespace gtestnet

#endif  // GTESTNET_STANDING_SET_H_
