// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/compose/compose_file.h"

#include <yaml-cpp/yaml.h>

#include "core/src/deployer/compose/labels.h"
#include "core/src/deployer/container/collectors.h"

namespace gtestnet::compose {
namespace {

constexpr char kCfgsync[] = "cfgsync";
constexpr char kPrometheus[] = "prometheus";
constexpr char kLogMount[] = "/var/log/nomos";
constexpr char kStackMount[] = "/etc/nomos/run";

// Every value is quoted: what looks like a number, or like a truth value, is none. A dollar is
// doubled, as Compose would put a variable in its place.
class Writer {
 public:
  explicit Writer(const StackSpec& spec) : spec_(spec) {}

  std::string Write() {
    out_ << YAML::BeginMap;
    Entry("name", spec_.project);
    Key("services") << YAML::BeginMap;
    WriteCfgsync();
    for (const NodeInfo& node : spec_.nodes) WriteNode(node);
    if (!spec_.prometheus_image.empty()) WritePrometheus();
    out_ << YAML::EndMap;
    Key("networks") << YAML::BeginMap;
    Key("default") << YAML::BeginMap;
    WriteMap("labels", spec_.labels);
    out_ << YAML::EndMap << YAML::EndMap << YAML::EndMap;
    return std::string(out_.c_str()) + "\n";
  }

 private:
  YAML::Emitter& Key(const std::string& name) {
    out_ << YAML::Key << name << YAML::Value;
    return out_;
  }
  static std::string Escaped(const std::string& text) {
    std::string escaped;
    for (const char c : text) escaped += c == '$' ? std::string("$$") : std::string(1, c);
    return escaped;
  }
  void Value(const std::string& text) { out_ << YAML::DoubleQuoted << Escaped(text); }
  void Entry(const std::string& name, const std::string& text) {
    Key(name);
    Value(text);
  }
  void WriteMap(const std::string& name, const std::map<std::string, std::string>& entries) {
    if (entries.empty()) return;
    Key(name) << YAML::BeginMap;
    for (const auto& [key, value] : entries) {
      out_ << YAML::Key;
      Value(key);
      out_ << YAML::Value;
      Value(value);
    }
    out_ << YAML::EndMap;
  }
  void WriteList(const std::string& name, const std::vector<std::string>& entries) {
    Key(name) << YAML::BeginSeq;
    for (const std::string& entry : entries) Value(entry);
    out_ << YAML::EndSeq;
  }
  void BeginService(const std::string& name, const std::string& extends, const std::string& image) {
    Key(name) << YAML::BeginMap;
    Key("extends") << YAML::BeginMap;
    Entry("file", spec_.base_file);
    Entry("service", extends);
    out_ << YAML::EndMap;
    Entry("image", image);
  }
  // A check starts a process in the container, and the deployer knows by itself who is ready: they
  // are for people who look at a cluster that was kept.
  void CheckSeldom() {
    Key("healthcheck") << YAML::BeginMap;
    Entry("interval", "30s");
    out_ << YAML::EndMap;
  }
  // The directory, not its files: those are renamed into place.
  void MountStack() { WriteList("volumes", {spec_.stack_directory + ":" + kStackMount + ":ro"}); }

  void WriteCfgsync() {
    BeginService(kCfgsync, kCfgsync, spec_.image);
    CheckSeldom();
    WriteMap("labels", spec_.labels);
    MountStack();
    out_ << YAML::EndMap;
  }

  void WritePrometheus() {
    BeginService(kPrometheus, kPrometheus, spec_.prometheus_image);
    WriteMap("labels", spec_.labels);
    MountStack();
    out_ << YAML::EndMap;
  }

  void WriteNode(const NodeInfo& node) {
    BeginService(node.name, node.role, spec_.image);
    CheckSeldom();
    std::map<std::string, std::string> labels = spec_.labels;
    labels[kNodeLabel] = std::to_string(node.index);
    WriteMap("labels", labels);
    std::map<std::string, std::string> environment = {{"CFG_HOST_IDENTIFIER", node.name},
                                                      {"CFG_HOST_KIND", node.role}};
    if (!spec_.log_directory.empty()) {
      environment["NOMOS_LOG_DIR"] = kLogMount;
      Entry("user", spec_.user);
      WriteList("volumes", {spec_.log_directory + ":" + kLogMount});
    }
    if (!spec_.collectors.empty()) {
      environment.insert(spec_.collectors.begin(), spec_.collectors.end());
      WriteList("extra_hosts", {std::string(kThisMachine) + ":" + kThisMachinesAddress});
    }
    WriteMap("environment", environment);
    out_ << YAML::EndMap;
  }

  const StackSpec& spec_;
  YAML::Emitter out_;
};

}  // namespace

std::string WriteComposeFile(const StackSpec& spec) { return Writer(spec).Write(); }

}  // namespace gtestnet::compose
