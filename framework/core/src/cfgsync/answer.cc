// SPDX-License-Identifier: Apache-2.0
#include "core/src/cfgsync/answer.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/src/base/json_reader.h"
#include "core/src/base/status.h"

namespace gtestnet::cfgsync {
namespace {

namespace json = boost::json;

std::string Article(const std::string& role) {
  const bool vowel = !role.empty() && std::string_view("aeiou").find(role[0]) != std::string::npos;
  return (vowel ? "an " : "a ") + role;
}

absl::Status ReadHosts(const JsonTree& value, std::map<std::string, std::string>* into) {
  for (const JsonTree::Member& member : value.members) {
    GTESTNET_RETURN_IF_ERROR(ReadText("hosts", member.value, &(*into)[member.name]));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Answer> AnswerFor(const Plan& plan, const SharedFiles& shared, std::string_view role,
                                 std::string_view identifier) {
  const PlannedNode* const node = plan.Find(identifier);
  if (node == nullptr) {
    return NotFound(absl::StrCat("there is no node \"", ToAbsl(identifier.substr(0, 60)),
                                 "\"; there are ", absl::StrJoin(plan.names(), ", ")));
  }
  if (node->role != role) {
    return InvalidArgument(absl::StrCat(node->name, " is ", Article(node->role), ", not ",
                                        Article(std::string(role))));
  }
  Answer answer{.identifier = node->name,
                .role = node->role,
                .directory = node->directory,
                .start_file = node->start_file,
                .setup = node->setup,
                .nodes = TokensIn(node->setup, plan.names())};
  answer.shared = HashesOf(answer.setup, shared);
  for (NodeFile& file : answer.setup.files) {
    if (answer.shared.contains(file.path)) file.content.clear();
  }
  return answer;
}

std::string ToJson(const Answer& answer) {
  json::object object = {{"identifier", answer.identifier},
                         {"role", answer.role},
                         {"directory", answer.directory},
                         {"start_file", answer.start_file}};
  WriteSetup(answer.setup, answer.shared, object);
  if (!answer.nodes.empty()) object["nodes"] = json::value_from(answer.nodes);
  if (!answer.hosts.empty()) {
    json::object hosts;
    for (const auto& [name, host] : answer.hosts) hosts[name] = host;
    object["hosts"] = std::move(hosts);
  }
  return json::serialize(object);
}

absl::StatusOr<Answer> ParseAnswer(std::string_view body) {
  GTESTNET_ASSIGN_OR_RETURN(const JsonTree tree, ParseJsonTree(body, kMostPlanBytes));
  Answer answer;
  ObjectReader reader("the answer");
  const std::pair<const char*, std::string*> texts[] = {{"identifier", &answer.identifier},
                                                        {"role", &answer.role},
                                                        {"directory", &answer.directory},
                                                        {"start_file", &answer.start_file}};
  for (const auto& text : texts) {
    reader.Required(text.first,
                    [text](const JsonTree& v) { return ReadText(text.first, v, text.second); });
  }
  AddSetupFields(reader, &answer.shared, &answer.setup);
  reader.Field("nodes", [&](const JsonTree& v) { return ReadTexts("nodes", v, &answer.nodes); })
      .Field("hosts", [&](const JsonTree& v) { return ReadHosts(v, &answer.hosts); });
  GTESTNET_RETURN_IF_ERROR(reader.Read(tree));
  return answer;
}

}  // namespace gtestnet::cfgsync
