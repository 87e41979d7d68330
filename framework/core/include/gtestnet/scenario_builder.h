// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_SCENARIO_BUILDER_H_
#define GTESTNET_SCENARIO_BUILDER_H_

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtestnet/capabilities.h"
#include "gtestnet/expectation.h"
#include "gtestnet/fault_workloads.h"
#include "gtestnet/protocol_time.h"
#include "gtestnet/scenario.h"
#include "gtestnet/topology.h"
#include "gtestnet/workload.h"

namespace gtestnet {

// What a scenario's topology must be for one of its workloads: kInvalidArgument says what is wrong.
using ScenarioCheck = std::function<absl::Status(const TopologySpec&)>;

// Refuses a scenario that cannot run: kInvalidArgument says the first thing that is wrong, in one
// sentence.
absl::Status CheckScenario(const Scenario& scenario, const std::vector<ScenarioCheck>& checks);

// The part of a scenario builder that every kind of node shares. A kind derives its own from it and
// adds its workloads:
//
//   class EtcdScenario : public BasicScenarioBuilder<EtcdScenario> {
//    public:
//     using BasicScenarioBuilder::BasicScenarioBuilder;
//     EtcdScenario& Puts(PutOptions options = {}) { return WithWorkload<PutWorkload>(options); }
//   };
//
//   EtcdScenario(EtcdTopology::FullMesh().Members(3)).Puts().RunFor(30s).Build()
template <class Derived>
class BasicScenarioBuilder {
 public:
  explicit BasicScenarioBuilder(TopologySpec topology) { scenario_.topology = std::move(topology); }

  Derived& Named(std::string name) {
    scenario_.name = std::move(name);
    return self();
  }
  Derived& Restarts(RestartOptions options = {}) {
    return WithWorkload<RestartWorkload>(std::move(options), Capability::kNodeControl);
  }
  Derived& Kills(KillOptions options = {}) {
    return WithWorkload<KillWorkload>(std::move(options), Capability::kNodeControl);
  }
  Derived& Pauses(PauseOptions options = {}) {
    return WithWorkload<PauseWorkload>(std::move(options), Capability::kNodeControl);
  }
  Derived& Churn(ChurnOptions options = {}) {
    return WithWorkload<ChurnWorkload>(std::move(options), Capability::kNodeControl);
  }
  // A workload of your own.
  Derived& With(WorkloadSpec workload) {
    scenario_.required = scenario_.required | workload.required;
    scenario_.workloads.push_back(std::move(workload));
    return self();
  }
  Derived& Expect(RunExpectation expectation) {
    scenario_.expectations.push_back(std::move(expectation));
    return self();
  }
  // Any gMock matcher of RunRecord; needs <gtestnet/expectation_from.h>.
  template <class M>
  requires(!std::is_same_v<std::remove_cvref_t<M>, RunExpectation>) Derived& Expect(
      M&& matcher, SourceLocation where = SourceLocation::Current()) {
    return Expect(ExpectationFrom<std::remove_cvref_t<M>>::Make(std::forward<M>(matcher), where));
  }
  // This one of the standing set may be violated: "StaysReachable".
  Derived& Allow(std::string standing) {
    scenario_.allowed.push_back(std::move(standing));
    return self();
  }
  Derived& Require(Capabilities capabilities) {
    scenario_.required = scenario_.required | capabilities;
    return self();
  }
  Derived& RunFor(Timespan duration) {
    scenario_.duration = duration;
    return self();
  }

  // kInvalidArgument says the first thing that is wrong, in one sentence.
  absl::StatusOr<Scenario> Build() const {
    if (absl::Status sound = CheckScenario(scenario_, checks_); !sound.ok()) return sound;
    return scenario_;
  }

 protected:
  // A workload W(RunContext&, Options), whose Options have a name and for which there is
  // `absl::Status Validate(const Options&, const TopologySpec&)`.
  template <class W, class Options>
  Derived& WithWorkload(Options options, Capabilities required = {}) {
    checks_.push_back(
        [options](const TopologySpec& topology) { return Validate(options, topology); });
    WorkloadSpec workload;
    workload.name = options.name;
    workload.required = required;
    workload.start = [options](RunContext& context) {
      return std::make_unique<W>(context, options);
    };
    return With(std::move(workload));
  }
  Scenario& scenario() { return scenario_; }
  const Scenario& scenario() const { return scenario_; }
  const std::vector<ScenarioCheck>& checks() const { return checks_; }
  Derived& self() { return static_cast<Derived&>(*this); }

 private:
  Scenario scenario_;
  std::vector<ScenarioCheck> checks_;
};

}  // namespace gtestnet

#endif  // GTESTNET_SCENARIO_BUILDER_H_
