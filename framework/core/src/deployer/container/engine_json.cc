// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/container/engine_json.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "core/src/base/json_at.h"
#include "core/src/base/status.h"

namespace gtestnet::docker {
namespace {

namespace json = boost::json;
using base::ArrayAt;
using base::FlagAt;
using base::NumberAt;
using base::ObjectAt;
using base::TextAt;

constexpr size_t kQuoted = 200;

absl::Status NoSense(std::string_view text, std::string_view what) {
  return Internal("an answer that makes no sense (" + std::string(what) +
                  "): " + std::string(text.substr(0, kQuoted)));
}

absl::StatusOr<json::value> Parse(std::string_view text) {
  json::error_code error;
  json::value value = json::parse(json::string_view(text.data(), text.size()), error);
  if (error) return NoSense(text, "no JSON");
  return value;
}

absl::StatusOr<json::object> ParseObject(std::string_view text) {
  GTESTNET_ASSIGN_OR_RETURN(json::value value, Parse(text));
  if (!value.is_object()) return NoSense(text, "no object");
  return std::move(value.get_object());
}

Labels LabelsOf(const json::object& object) {
  Labels labels;
  for (const auto& [name, value] : object) {
    if (value.is_string()) labels[std::string(name)] = std::string(value.get_string());
  }
  return labels;
}

uint16_t PortIn(std::string_view text) {
  uint16_t port = 0;
  std::from_chars(text.data(), text.data() + text.size(), port);
  return port;
}

// Each element of an array of objects, read by `read`.
template <class T, class Read>
absl::StatusOr<std::vector<T>> EachOf(const json::array& array, std::string_view text, Read read) {
  std::vector<T> all;
  for (const json::value& element : array) {
    if (!element.is_object()) return NoSense(text, "an element is no object");
    all.push_back(read(element.get_object()));
  }
  return all;
}

Container ReadContainer(const json::object& object) {
  Container container;
  container.id = TextAt(object, "Id");
  const json::array& names = ArrayAt(object, "Names");
  if (!names.empty() && names[0].is_string()) {
    container.name = std::string(names[0].get_string());
    if (!container.name.empty() && container.name[0] == '/') container.name.erase(0, 1);
  }
  container.state = TextAt(object, "State");
  container.status = TextAt(object, "Status");
  container.labels = LabelsOf(ObjectAt(object, "Labels"));
  for (const json::value& element : ArrayAt(object, "Ports")) {
    if (!element.is_object()) continue;
    const json::object& port = element.get_object();
    if (TextAt(port, "Type") != "tcp") continue;
    uint16_t& where = container.ports[static_cast<uint16_t>(NumberAt(port, "PrivatePort"))];
    if (where == 0) where = static_cast<uint16_t>(NumberAt(port, "PublicPort"));
  }
  return container;
}

Resource ReadResource(const json::object& object, const char* key) {
  return {TextAt(object, key), LabelsOf(ObjectAt(object, "Labels"))};
}

}  // namespace

absl::StatusOr<EngineVersion> ParseVersion(std::string_view text) {
  GTESTNET_ASSIGN_OR_RETURN(const json::object object, ParseObject(text));
  EngineVersion version;
  version.api = TextAt(object, "ApiVersion");
  version.min_api = TextAt(object, "MinAPIVersion");
  version.engine = TextAt(object, "Version");
  if (version.api.empty()) return NoSense(text, "it names no ApiVersion");
  // "Engine" is Docker's own, of a component that others have, too.
  for (const json::value& component : ArrayAt(object, "Components")) {
    if (!component.is_object()) continue;
    const std::string name = TextAt(component.get_object(), "Name");
    if (name.find("Engine") == std::string::npos) continue;
    if (name != "Engine") version.product = name;
    break;
  }
  return version;
}

absl::StatusOr<EngineInfo> ParseInfo(std::string_view text) {
  GTESTNET_ASSIGN_OR_RETURN(const json::object object, ParseObject(text));
  return EngineInfo{FlagAt(object, "LiveRestoreEnabled"), TextAt(object, "CgroupDriver")};
}

absl::StatusOr<std::vector<Container>> ParseContainers(std::string_view text) {
  GTESTNET_ASSIGN_OR_RETURN(const json::value value, Parse(text));
  if (!value.is_array()) return NoSense(text, "no list");
  return EachOf<Container>(value.get_array(), text, ReadContainer);
}

absl::StatusOr<ContainerState> ParseContainerState(std::string_view text) {
  GTESTNET_ASSIGN_OR_RETURN(const json::object object, ParseObject(text));
  const json::object& state = ObjectAt(object, "State");
  ContainerState container;
  container.id = TextAt(object, "Id");
  container.name = TextAt(object, "Name");
  if (!container.name.empty() && container.name[0] == '/') container.name.erase(0, 1);
  container.state = TextAt(state, "Status");
  container.exit_code = static_cast<int>(NumberAt(state, "ExitCode"));
  container.oom_killed = FlagAt(state, "OOMKilled");
  container.error = TextAt(state, "Error");
  container.health = TextAt(ObjectAt(state, "Health"), "Status");
  container.pid = static_cast<int>(NumberAt(state, "Pid"));
  container.started = TextAt(state, "StartedAt");
  container.restarts = NumberAt(object, "RestartCount");
  for (const auto& [name, bindings] : ObjectAt(ObjectAt(object, "NetworkSettings"), "Ports")) {
    const std::string_view port(name.data(), name.size());
    if (port.size() < 4 || port.substr(port.size() - 4) != "/tcp") continue;
    uint16_t& where = container.ports[PortIn(port)];
    if (!bindings.is_array()) continue;
    for (const json::value& binding : bindings.get_array()) {
      if (where == 0 && binding.is_object())
        where = PortIn(TextAt(binding.get_object(), "HostPort"));
    }
  }
  if (container.id.empty()) return NoSense(text, "it names no container");
  return container;
}

absl::StatusOr<ContainerUsage> ParseContainerUsage(std::string_view text) {
  GTESTNET_ASSIGN_OR_RETURN(const json::object object, ParseObject(text));
  const json::object& memory = ObjectAt(object, "memory_stats");
  const json::object& more = ObjectAt(memory, "stats");
  ContainerUsage usage;
  // By cgroups of the first and of the second version.
  const char* const cached =
      more.contains("total_inactive_file") ? "total_inactive_file" : "inactive_file";
  usage.memory = std::max<int64_t>(NumberAt(memory, "usage") - NumberAt(more, cached), 0);
  usage.cpu_ms =
      NumberAt(ObjectAt(ObjectAt(object, "cpu_stats"), "cpu_usage"), "total_usage") / 1'000'000;
  if (usage.memory == 0) return NoSense(text, "it tells no memory");
  return usage;
}

absl::StatusOr<std::vector<Resource>> ParseNetworks(std::string_view text) {
  GTESTNET_ASSIGN_OR_RETURN(const json::value value, Parse(text));
  if (!value.is_array()) return NoSense(text, "no list");
  return EachOf<Resource>(value.get_array(), text,
                          [](const json::object& network) { return ReadResource(network, "Id"); });
}

absl::StatusOr<std::string> ParseGateway(std::string_view text) {
  GTESTNET_ASSIGN_OR_RETURN(const json::object object, ParseObject(text));
  for (const json::value& config : ArrayAt(ObjectAt(object, "IPAM"), "Config")) {
    if (!config.is_object()) continue;
    std::string gateway = TextAt(config.get_object(), "Gateway");
    if (gateway.find('.') != std::string::npos) return gateway;
  }
  return NotFound("the network " + TextAt(object, "Name") + " has no gateway");
}

absl::StatusOr<std::vector<Resource>> ParseVolumes(std::string_view text) {
  GTESTNET_ASSIGN_OR_RETURN(const json::object object, ParseObject(text));
  return EachOf<Resource>(ArrayAt(object, "Volumes"), text,
                          [](const json::object& volume) { return ReadResource(volume, "Name"); });
}

absl::StatusOr<Image> ParseImage(std::string_view text) {
  GTESTNET_ASSIGN_OR_RETURN(const json::object object, ParseObject(text));
  return Image{TextAt(object, "Id"), LabelsOf(ObjectAt(ObjectAt(object, "Config"), "Labels")),
               NumberAt(object, "Size")};
}

absl::StatusOr<int> ParseExitCode(std::string_view text) {
  GTESTNET_ASSIGN_OR_RETURN(const json::object object, ParseObject(text));
  return static_cast<int>(NumberAt(object, "StatusCode"));
}

absl::StatusOr<ContainerEvent> ParseEvent(std::string_view text) {
  GTESTNET_ASSIGN_OR_RETURN(const json::object object, ParseObject(text));
  const json::object& actor = ObjectAt(object, "Actor");
  return ContainerEvent{TextAt(object, "Action"), TextAt(actor, "ID"),
                        LabelsOf(ObjectAt(actor, "Attributes")), NumberAt(object, "timeNano")};
}

std::string ParseError(std::string_view text) {
  std::string message;
  if (const absl::StatusOr<json::object> object = ParseObject(text); object.ok()) {
    message = TextAt(*object, "message");
  }
  if (message.empty()) message = text.substr(0, kQuoted);
  std::replace(message.begin(), message.end(), '\n', ' ');
  while (!message.empty() && message.back() == ' ') message.pop_back();
  return message;
}

}  // namespace gtestnet::docker
