// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/k8s/testing/recorded.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>

namespace gtestnet::k8s {

const std::map<std::string, std::string>& AllRecorded() {
  static const auto* const all = [] {
    auto* texts = new std::map<std::string, std::string>;
    std::ifstream file(GTESTNET_RECORDED);
    for (std::string line; std::getline(file, line);) {
      const boost::json::object one = boost::json::parse(line).as_object();
      (*texts)[one.at("what").as_string().c_str()] = boost::json::serialize(one.at("object"));
    }
    return texts;
  }();
  return *all;
}

std::string Recorded(const std::string& what) {
  const auto found = AllRecorded().find(what);
  if (found != AllRecorded().end()) return found->second;
  ADD_FAILURE() << "nothing was recorded of \"" << what << "\" in " << GTESTNET_RECORDED;
  return "{}";
}

Pod RecordedPod(const std::string& what) {
  const absl::StatusOr<Pod> pod = ParsePod(Recorded(what));
  EXPECT_TRUE(pod.ok()) << pod.status();
  return pod.value_or(Pod{});
}

Event RecordedEvent(const std::string& what) {
  const absl::StatusOr<Event> event = ParseEvent(Recorded(what));
  EXPECT_TRUE(event.ok()) << event.status();
  return event.value_or(Event{});
}

}  // namespace gtestnet::k8s
