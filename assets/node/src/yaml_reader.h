// SPDX-License-Identifier: Apache-2.0
//
// Reading a YAML map key by key, so that whatever is wrong is said with its place.
#ifndef GTESTNET_NODE_YAML_READER_H_
#define GTESTNET_NODE_YAML_READER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "yaml-cpp/yaml.h"

namespace gtestnet::node::internal {

// Thrown inside the reading of one file, and caught where that began.
struct YamlError {
  std::string message;
};

// Where all messages of one file begin.
class YamlFile {
 public:
  explicit YamlFile(std::string name) : name_(std::move(name)) {}

  [[noreturn]] void Fail(const YAML::Mark& mark, const std::string& what) const;
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string name_;
};

// A scalar with its place.
class YamlValue {
 public:
  YamlValue(const YamlFile& file, YAML::Node node, std::string path)
      : file_(file), node_(std::move(node)), path_(std::move(path)) {}

  [[nodiscard]] std::string Text() const;
  [[nodiscard]] std::uint64_t Number(std::uint64_t least, std::uint64_t most) const;
  [[nodiscard]] bool Boolean() const;
  [[nodiscard]] std::vector<YamlValue> List() const;
  [[nodiscard]] const YAML::Node& node() const { return node_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const YamlFile& file() const { return file_; }

  // "FILE:LINE:COLUMN: PATH WHAT"
  [[noreturn]] void Fail(const std::string& what) const;

 private:
  const YamlFile& file_;
  YAML::Node node_;
  std::string path_;
};

// A map, which must have nothing but what was asked for.
class YamlMap {
 public:
  explicit YamlMap(const YamlValue& value);

  [[nodiscard]] YamlValue Required(const std::string& key);
  [[nodiscard]] std::optional<YamlValue> Optional(const std::string& key);
  // Fails at the first key that was not asked for.
  void Finish() const;

 private:
  [[nodiscard]] std::string PathOf(const std::string& key) const;

  YamlValue value_;
  std::set<std::string> known_;
};

}  // namespace gtestnet::node::internal

#endif  // GTESTNET_NODE_YAML_READER_H_
