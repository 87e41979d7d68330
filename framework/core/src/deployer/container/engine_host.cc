// SPDX-License-Identifier: Apache-2.0
#include "core/src/deployer/container/engine_host.h"

#include <boost/json.hpp>
#include <charconv>
#include <filesystem>
#include <system_error>

#include "core/src/base/status.h"
#include "core/src/node/log_tail.h"
#include "gtestnet/variables.h"

namespace gtestnet::docker {
namespace {

constexpr std::string_view kDefault = "unix:///var/run/docker.sock";
constexpr size_t kLongestFile = 1024 * 1024;

boost::json::value ParseFile(const std::string& path) {
  const absl::StatusOr<std::string> text = TailBytes(path, kLongestFile);
  if (!text.ok()) return nullptr;
  boost::json::error_code error;
  boost::json::value value = boost::json::parse(*text, error);
  return error ? boost::json::value(nullptr) : value;
}

// The string at the end of a path of members; "" when there is none.
std::string TextAt(const boost::json::value& value, std::string_view path) {
  boost::json::error_code error;
  const boost::json::value* found =
      value.find_pointer(boost::json::string_view(path.data(), path.size()), error);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

std::string ConfigDirectory() {
  if (const auto directory = VariableValue("DOCKER_CONFIG")) return *directory;
  return VariableValue("HOME").value_or("/nonexistent") + "/.docker";
}

// The endpoint of a context: its file is in a directory that is named after a hash of its name.
absl::StatusOr<EngineHost> HostOfContext(const std::string& directory, const std::string& name) {
  std::error_code error;
  const std::filesystem::path contexts = std::filesystem::path(directory) / "contexts" / "meta";
  for (std::filesystem::directory_iterator it(contexts, error), end; !error && it != end;
       it.increment(error)) {
    const boost::json::value context = ParseFile(it->path() / "meta.json");
    if (TextAt(context, "/Name") != name) continue;
    return ParseEngineHost(TextAt(context, "/Endpoints/docker/Host"), "the Docker context " + name);
  }
  return NotFound("the Docker context " + name + " is not in " + contexts.string());
}

}  // namespace

absl::StatusOr<EngineHost> ParseEngineHost(std::string_view text, std::string_view origin) {
  EngineHost host;
  host.text = text;
  host.origin = origin;
  const auto refuse = [&](std::string_view why) {
    return InvalidArgument(std::string(origin) + " says " + std::string(text) + ", " +
                           std::string(why));
  };
  if (text.rfind("unix://", 0) == 0) {
    host.endpoint = base::Endpoint::Unix(std::string(text.substr(7)));
    if (host.endpoint.unix_path.empty()) return refuse("which has no path");
    return host;
  }
  if (text.rfind("tcp://", 0) != 0) {
    return refuse("which gtestnet does not speak: it may be unix:// or tcp://");
  }
  if (VariableValue("DOCKER_TLS_VERIFY")) {
    return refuse("with DOCKER_TLS_VERIFY: gtestnet does not speak TLS, forward the socket by ssh");
  }
  std::string_view rest = text.substr(6);
  rest = rest.substr(0, rest.find('/'));
  const size_t colon = rest.rfind(':');
  uint16_t port = 0;
  const std::string_view digits = colon == std::string_view::npos ? "" : rest.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  std::string name(rest.substr(0, colon));
  if (error != std::errc() || end != digits.data() + digits.size() || port == 0 || name.empty()) {
    return refuse("which is not tcp://host:port");
  }
  if (name.front() == '[' && name.back() == ']') name = name.substr(1, name.size() - 2);
  host.endpoint = base::Endpoint::Tcp(std::move(name), port);
  return host;
}

absl::StatusOr<EngineHost> FindEngineHost() {
  if (const auto host = VariableValue("DOCKER_HOST")) return ParseEngineHost(*host, "DOCKER_HOST");
  const std::string directory = ConfigDirectory();
  std::string context = VariableValue("DOCKER_CONTEXT").value_or("");
  if (context.empty()) {
    context = TextAt(ParseFile(directory + "/config.json"), "/currentContext");
  }
  if (!context.empty() && context != "default") return HostOfContext(directory, context);
  return ParseEngineHost(kDefault, "by default the docker command");
}

}  // namespace gtestnet::docker
