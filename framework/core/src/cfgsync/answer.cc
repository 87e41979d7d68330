// SPDX-License-Identifier: Apache-2.0
#include "core/src/cfgsync/answer.h"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/src/base/json_reader.h"
#include "core/src/base/status.h"
#include "core/src/node/setup.h"

namespace gtestnet::cfgsync {
namespace {

namespace json = boost::json;

// Each wallet is a line of the config.
constexpr size_t kMostAnswerBytes = 64 << 20;

std::string Article(const std::string& role) {
  const bool vowel = !role.empty() && std::string_view("aeiou").find(role[0]) != std::string::npos;
  return (vowel ? "an " : "a ") + role;
}

absl::Status ReadTexts(const std::string& name, const JsonTree& value,
                       std::vector<std::string>* into) {
  for (const JsonTree* one : OneOrMany(value)) {
    GTESTNET_RETURN_IF_ERROR(ReadText(name, *one, &into->emplace_back()));
  }
  return absl::OkStatus();
}

absl::Status ReadEnvironment(const JsonTree& value, std::map<std::string, std::string>* into) {
  for (const JsonTree::Member& member : value.members) {
    GTESTNET_RETURN_IF_ERROR(ReadText("environment", member.value, &(*into)[member.name]));
  }
  return absl::OkStatus();
}

absl::Status ReadFiles(const JsonTree& value, std::vector<NodeFile>* into) {
  for (const JsonTree* one : OneOrMany(value)) {
    NodeFile file;
    ObjectReader reader("files");
    reader.Required("path", [&](const JsonTree& v) { return ReadText("path", v, &file.path); })
        .Required("content",
                  [&](const JsonTree& v) { return ReadText("content", v, &file.content); });
    GTESTNET_RETURN_IF_ERROR(reader.Read(*one));
    into->push_back(std::move(file));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Answer> AnswerFor(const Spec& spec, std::string_view role,
                                 std::string_view identifier) {
  const std::vector<std::string> names = NodeNames(spec);
  const auto found = std::find(names.begin(), names.end(), identifier);
  if (found == names.end()) {
    return NotFound(absl::StrCat("there is no node \"", ToAbsl(identifier.substr(0, 60)),
                                 "\"; there are ", absl::StrJoin(names, ", ")));
  }
  const auto node = static_cast<NodeIndex>(found - names.begin());
  const Placement placement = PlacementOf(spec, node);
  Answer answer{.identifier = *found,
                .role = placement.RoleOf(spec.cluster.topology, node),
                .directory = placement.directory,
                .start_file = placement.start_file,
                .setup = {}};
  if (answer.role != role) {
    return InvalidArgument(absl::StrCat(answer.identifier, " is ", Article(answer.role), ", not ",
                                        Article(std::string(role))));
  }
  GTESTNET_ASSIGN_OR_RETURN(answer.setup, SetupOf(spec.cluster, placement, node));
  answer.setup.program = std::filesystem::path(answer.setup.program).filename();
  return answer;
}

std::string ToJson(const Answer& answer) {
  json::object environment;
  for (const auto& [name, value] : answer.setup.environment) environment[name] = value;
  json::array files;
  for (const NodeFile& file : answer.setup.files) {
    files.push_back({{"path", file.path}, {"content", file.content}});
  }
  json::object object = {{"identifier", answer.identifier},
                         {"role", answer.role},
                         {"program", answer.setup.program},
                         {"arguments", json::value_from(answer.setup.arguments)},
                         {"environment", std::move(environment)},
                         {"directory", answer.directory},
                         {"start_file", answer.start_file},
                         {"files", std::move(files)}};
  if (!answer.by_name.empty()) object["by_name"] = json::value_from(answer.by_name);
  return json::serialize(object);
}

absl::StatusOr<Answer> ParseAnswer(std::string_view body) {
  GTESTNET_ASSIGN_OR_RETURN(const JsonTree tree, ParseJsonTree(body, kMostAnswerBytes));
  Answer answer;
  NodeSetup& setup = answer.setup;
  ObjectReader reader("the answer");
  const std::pair<const char*, std::string*> texts[] = {{"identifier", &answer.identifier},
                                                        {"role", &answer.role},
                                                        {"program", &setup.program},
                                                        {"directory", &answer.directory},
                                                        {"start_file", &answer.start_file}};
  for (const auto& text : texts) {
    reader.Required(text.first,
                    [text](const JsonTree& v) { return ReadText(text.first, v, text.second); });
  }
  reader
      .Required("arguments",
                [&](const JsonTree& v) { return ReadTexts("arguments", v, &setup.arguments); })
      .Required("environment",
                [&](const JsonTree& v) { return ReadEnvironment(v, &setup.environment); })
      .Required("files", [&](const JsonTree& v) { return ReadFiles(v, &setup.files); })
      .Field("by_name",
             [&](const JsonTree& v) { return ReadTexts("by_name", v, &answer.by_name); });
  GTESTNET_RETURN_IF_ERROR(reader.Read(tree));
  return answer;
}

}  // namespace gtestnet::cfgsync
