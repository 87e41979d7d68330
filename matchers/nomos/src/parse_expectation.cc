// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/nomos/parse_expectation.h"

#include <utility>

#include "gtestnet/chain/expectations.h"
#include "gtestnet/nomos/consensus_matchers.h"
#include "gtestnet/nomos/data_availability_matchers.h"

namespace gtestnet::nomos {
namespace {

const ExpectationTable& Table() {
  static const ExpectationTable* const kTable = [] {
    auto* table = new ExpectationTable;
    nomos::AddExpectations(*table);
    chain::AddExpectations(*table);
    gtestnet::AddExpectations(*table);
    return table;
  }();
  return *kTable;
}

}  // namespace

void AddExpectations(ExpectationTable& table) {
  table.Add("ConsensusIsLive",
            "every node grows as its leaders' stake lets expect, without a long standstill, and "
            "ends level",
            [](ExpectationArguments&) { return ExpectationFromText(ConsensusIsLive()); });
  table.Add("LeadsByStake", "each leader makes a share of the blocks that its stake explains",
            [](ExpectationArguments&) { return ExpectationFromText(LeadsByStake()); });
  table.Add("IncludesInscriptions(fraction)",
            "the chain has that fraction of the channels' messages", [](ExpectationArguments& a) {
              testing::Matcher<double> inner = a.NumberMatcher<double>();
              return ExpectationFromText(IncludesInscriptions(std::move(inner), a.OfWorkload()));
            });
  table.Add("IncludesBlobs(fraction)", "the chain has that fraction of the blobs",
            [](ExpectationArguments& a) {
              testing::Matcher<double> inner = a.NumberMatcher<double>();
              return ExpectationFromText(IncludesBlobs(std::move(inner), a.OfWorkload()));
            });
  table.Add("BlobsAreRetrievable", "every blob comes back byte for byte",
            [](ExpectationArguments& a) {
              return ExpectationFromText(BlobsAreRetrievable(a.OfWorkload()));
            });
  table.Add("SamplingSucceeds(fraction)", "on each node, of the columns that it asked others for",
            [](ExpectationArguments& a) {
              return ExpectationFromText(SamplingSucceeds(a.NumberMatcher<double>()));
            });
}

absl::StatusOr<RunExpectation> ParseExpectation(std::string_view text) {
  return Table().Parse(text);
}

const std::vector<ExpectationForm>& ExpectationForms() {
  static const auto* const kForms = new std::vector<ExpectationForm>(Table().Forms());
  return *kForms;
}

}  // namespace gtestnet::nomos
