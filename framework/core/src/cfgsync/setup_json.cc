// SPDX-License-Identifier: Apache-2.0
#include "core/src/cfgsync/setup_json.h"

#include <boost/json/array.hpp>
#include <boost/json/value_from.hpp>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/src/base/hash.h"
#include "core/src/base/status.h"
#include "core/src/base/utf8.h"

namespace gtestnet::cfgsync {
namespace {

namespace json = boost::json;

constexpr size_t kShareFrom = 1024;
constexpr size_t kMostFiles = 1000;

bool IsText(std::string_view content) {
  if (content.find('\0') != content.npos) return false;
  while (!content.empty()) {
    const size_t length = Utf8Length(content);
    if (length == 0) return false;
    content.remove_prefix(length);
  }
  return true;
}

void WriteContent(const std::string& content, json::object& into) {
  if (IsText(content)) {
    into["content"] = content;
  } else {
    into["base64"] = absl::Base64Escape(content);
  }
}

absl::Status ReadBase64(const JsonTree& value, std::string* into) {
  std::string text;
  GTESTNET_RETURN_IF_ERROR(ReadText("base64", value, &text));
  if (absl::Base64Unescape(text, into)) return absl::OkStatus();
  return ErrorAt(value.position, "\"base64\" is no base64");
}

absl::Status CheckHash(const JsonTree& value, const std::string& hash) {
  if (base::ParseHash(hash)) return absl::OkStatus();
  return ErrorAt(value.position, absl::StrCat("\"", hash.substr(0, 80), "\" is no hash"));
}

using TakeHash =
    std::function<absl::Status(const JsonTree& place, const std::string& hash, NodeFile* file)>;

absl::Status ReadFile(const JsonTree& value, const TakeHash& take, std::vector<NodeFile>* into) {
  NodeFile file;
  int contents = 0;
  ObjectReader reader("files");
  reader.Required("path", [&](const JsonTree& v) { return ReadText("path", v, &file.path); })
      .Field("content",
             [&](const JsonTree& v) {
               ++contents;
               return ReadText("content", v, &file.content);
             })
      .Field("base64",
             [&](const JsonTree& v) {
               ++contents;
               return ReadBase64(v, &file.content);
             })
      .Field("hash", [&](const JsonTree& v) -> absl::Status {
        ++contents;
        std::string hash;
        GTESTNET_RETURN_IF_ERROR(ReadText("hash", v, &hash));
        GTESTNET_RETURN_IF_ERROR(CheckHash(v, hash));
        return take(v, hash, &file);
      });
  GTESTNET_RETURN_IF_ERROR(reader.Read(value));
  if (contents != 1) {
    return ErrorAt(value.position, absl::StrCat("file \"", file.path,
                                                "\" must have one of content, base64 and hash"));
  }
  into->push_back(std::move(file));
  return absl::OkStatus();
}

absl::Status ReadEnvironment(const JsonTree& value, std::map<std::string, std::string>* into) {
  if (value.type != JsonTree::Type::kObject) {
    return ErrorAt(value.position,
                   absl::StrCat("\"environment\" must be an object, not ", Describe(value)));
  }
  for (const JsonTree::Member& member : value.members) {
    GTESTNET_RETURN_IF_ERROR(ReadText("environment", member.value, &(*into)[member.name]));
  }
  return absl::OkStatus();
}

void AddFields(ObjectReader& reader, const TakeHash& take, NodeSetup* setup) {
  reader
      .Required("program",
                [=](const JsonTree& v) { return ReadText("program", v, &setup->program); })
      .Required("arguments",
                [=](const JsonTree& v) { return ReadTexts("arguments", v, &setup->arguments); })
      .Required("environment",
                [=](const JsonTree& v) { return ReadEnvironment(v, &setup->environment); })
      .Required("files", [=](const JsonTree& v) -> absl::Status {
        GTESTNET_RETURN_IF_ERROR(CheckCount("files", v, kMostFiles));
        for (const JsonTree* one : OneOrMany(v)) {
          GTESTNET_RETURN_IF_ERROR(ReadFile(*one, take, &setup->files));
        }
        return absl::OkStatus();
      });
}

}  // namespace

std::string HashOf(std::string_view content) {
  return base::ToHex(base::Hasher().Add(content).Finish());
}

SharedFiles SharedOf(const std::vector<const NodeSetup*>& setups) {
  std::map<std::string_view, int> times;
  for (const NodeSetup* setup : setups) {
    for (const NodeFile& file : setup->files) {
      if (file.content.size() >= kShareFrom) ++times[file.content];
    }
  }
  SharedFiles shared;
  for (const auto& [content, count] : times) {
    if (count > 1) shared.emplace(HashOf(content), content);
  }
  return shared;
}

std::map<std::string, std::string> HashesOf(const NodeSetup& setup, const SharedFiles& shared) {
  std::map<std::string, std::string> hashes;
  for (const NodeFile& file : setup.files) {
    if (file.content.size() < kShareFrom) continue;
    std::string hash = HashOf(file.content);
    if (shared.contains(hash)) hashes[file.path] = std::move(hash);
  }
  return hashes;
}

void WriteSetup(const NodeSetup& setup, const std::map<std::string, std::string>& hashes,
                json::object& into) {
  json::object environment;
  for (const auto& [name, value] : setup.environment) environment[name] = value;
  json::array files;
  for (const NodeFile& file : setup.files) {
    json::object one = {{"path", file.path}};
    const auto hash = hashes.find(file.path);
    if (hash != hashes.end()) {
      one["hash"] = hash->second;
    } else {
      WriteContent(file.content, one);
    }
    files.push_back(std::move(one));
  }
  into["program"] = setup.program;
  into["arguments"] = json::value_from(setup.arguments);
  into["environment"] = std::move(environment);
  into["files"] = std::move(files);
}

json::object WriteShared(const SharedFiles& shared) {
  json::object object;
  for (const auto& [hash, content] : shared) {
    json::object one;
    WriteContent(content, one);
    object[hash] = std::move(one);
  }
  return object;
}

void AddSetupFields(ObjectReader& reader, const SharedFiles& shared, NodeSetup* setup) {
  const auto take = [&shared](const JsonTree& place, const std::string& hash, NodeFile* file) {
    const auto found = shared.find(hash);
    if (found == shared.end()) {
      return ErrorAt(place.position, absl::StrCat("there is no shared file ", hash));
    }
    file->content = found->second;
    return absl::OkStatus();
  };
  AddFields(reader, take, setup);
}

void AddSetupFields(ObjectReader& reader, std::map<std::string, std::string>* missing,
                    NodeSetup* setup) {
  const auto take = [missing](const JsonTree&, const std::string& hash, NodeFile* file) {
    (*missing)[file->path] = hash;
    return absl::OkStatus();
  };
  AddFields(reader, take, setup);
}

absl::Status ReadShared(const JsonTree& value, SharedFiles* shared) {
  if (value.type != JsonTree::Type::kObject) {
    return ErrorAt(value.position,
                   absl::StrCat("\"shared\" must be an object, not ", Describe(value)));
  }
  for (const JsonTree::Member& member : value.members) {
    std::string content;
    ObjectReader reader("shared");
    reader.Field("content", [&](const JsonTree& v) { return ReadText("content", v, &content); })
        .Field("base64", [&](const JsonTree& v) { return ReadBase64(v, &content); });
    GTESTNET_RETURN_IF_ERROR(reader.Read(member.value));
    if (HashOf(content) != member.name) {
      return ErrorAt(member.position, absl::StrCat("\"", member.name.substr(0, 80),
                                                   "\" is not the hash of what is there"));
    }
    (*shared)[member.name] = std::move(content);
  }
  return absl::OkStatus();
}

}  // namespace gtestnet::cfgsync
