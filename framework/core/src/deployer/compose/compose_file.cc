// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/compose/compose_file.h"

#include <yaml-cpp/yaml.h>

#include "core/src/deployer/compose/labels.h"
#include "core/src/deployer/container/collectors.h"
#include "core/src/deployer/container/image.h"

namespace gtestnet::compose {
namespace {

constexpr char kCfgsync[] = "cfgsync";
constexpr char kPrometheus[] = "prometheus";
constexpr char kNode[] = "node";
constexpr char kToolsVolume[] = "tools";
constexpr char kLogMount[] = "/var/log/gtestnet";
constexpr char kStackMount[] = "/etc/gtestnet/run";
constexpr char kRoot[] = "0:0";

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
    out_ << YAML::EndMap << YAML::EndMap;
    if (spec_.mount_tools) WriteVolumes();
    out_ << YAML::EndMap;
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
  void CheckSeldom(const std::vector<std::string>& test) {
    Key("healthcheck") << YAML::BeginMap;
    if (!test.empty()) WriteList("test", test);
    Entry("interval", "30s");
    out_ << YAML::EndMap;
  }
  // The directory, not its files: those are renamed into place.
  std::string StackVolume() const { return spec_.stack_directory + ":" + kStackMount + ":ro"; }
  // An empty volume gets what the image has there as a container of that image is made with it.
  static std::string ToolsVolume(const char* more) {
    return std::string(kToolsVolume) + ":" + kToolsDirectory + more;
  }
  void WriteVolumes() {
    Key("volumes") << YAML::BeginMap;
    Key(kToolsVolume) << YAML::BeginMap;
    WriteMap("labels", spec_.labels);
    out_ << YAML::EndMap << YAML::EndMap;
  }

  void WriteCfgsync() {
    BeginService(kCfgsync, kCfgsync, spec_.tools_image);
    CheckSeldom({});
    WriteMap("labels", spec_.labels);
    std::vector<std::string> volumes = {StackVolume()};
    if (spec_.mount_tools) volumes.push_back(ToolsVolume(""));
    WriteList("volumes", volumes);
    out_ << YAML::EndMap;
  }

  void WritePrometheus() {
    BeginService(kPrometheus, kPrometheus, spec_.prometheus_image);
    WriteMap("labels", spec_.labels);
    WriteList("volumes", {StackVolume()});
    out_ << YAML::EndMap;
  }

  std::vector<std::string> HealthTest(const ContainerSpec& container) const {
    for (const PortSpec& port : spec_.ports) {
      if (port.name != container.health_port) continue;
      const std::string at = "127.0.0.1:" + std::to_string(port.well_known);
      const std::string url =
          container.health_path.empty() ? "tcp://" + at : "http://" + at + container.health_path;
      return {"CMD", std::string(kToolsDirectory) + "/cfgsync-client", "--health=" + url};
    }
    return {"NONE"};
  }

  // Those that others than nodes ask are published, each at a free port.
  std::vector<std::string> Published() const {
    std::vector<std::string> published;
    for (const PortSpec& port : spec_.ports) {
      if (!port.for_peers) published.push_back("127.0.0.1::" + std::to_string(port.well_known));
    }
    return published;
  }

  void WriteNode(const NodeInfo& node) {
    const auto found = spec_.containers.find(node.role);
    const ContainerSpec container =
        found == spec_.containers.end() ? ContainerSpec() : found->second;
    BeginService(node.name, kNode, container.image.tag);
    CheckSeldom(HealthTest(container));
    std::map<std::string, std::string> labels = spec_.labels;
    labels[kRoleLabel] = node.role;
    labels[kNodeLabel] = std::to_string(node.index);
    WriteMap("labels", labels);
    if (const auto ports = Published(); !ports.empty()) WriteList("ports", ports);
    std::map<std::string, std::string> environment = spec_.environment;
    environment["CFG_HOST_IDENTIFIER"] = node.name;
    environment["CFG_HOST_KIND"] = node.role;
    environment["CFG_DIRECTORY"] = container.directory;
    std::string user = container.user;
    if (user.empty() && !container.has_tools) user = kRoot;
    std::vector<std::string> volumes;
    if (!container.has_tools) volumes.push_back(ToolsVolume(":ro"));
    if (!spec_.log_directory.empty()) {
      environment[spec_.log_variable] = kLogMount;
      user = spec_.user;
      volumes.push_back(spec_.log_directory + ":" + kLogMount);
    }
    if (!user.empty()) Entry("user", user);
    if (!volumes.empty()) WriteList("volumes", volumes);
    if (spec_.names_this_machine) {
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
