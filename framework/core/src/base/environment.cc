// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/environment.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <span>
#include <string_view>
#include <vector>

namespace gtestnet {
namespace {

// Names, or beginnings of them with a '*'.
constexpr std::string_view kSystem[] = {
    "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "LC_*", "TZ", "TZDIR",
    // Where files go.
    "TMPDIR", "TMP", "TEMP", "XDG_*",
    // What is meant for every program that is started.
    "LD_LIBRARY_PATH", "LD_PRELOAD", "GLIBC_TUNABLES", "MALLOC_*", "ASAN_*", "LSAN_*", "MSAN_*",
    "TSAN_*", "UBSAN_*", "LLVM_PROFILE_FILE", "GCOV_PREFIX*", "FAKETIME*", "NIX_*"};

constexpr std::string_view kTools[] = {
    "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "FTP_PROXY", "http_proxy", "https_proxy",
    "no_proxy", "all_proxy", "ftp_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "GODEBUG", "GOFIPS",
    // Which engine, which cluster, and who one is there.
    "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_AUTH_CONFIG", "REGISTRY_AUTH_FILE",
    "CONTAINERS_*", "KUBECONFIG", "KUBERNETES_SERVICE_*", "KUBERNETES_PORT*",
    // What credential helpers and the plugins of a kubeconfig need.
    "DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "GNUPGHOME", "GPG_*",
    "PASSWORD_STORE_*", "SSH_*", "KRB5*", "BROWSER", "AWS_*", "AZURE_*", "AAD_*", "ARM_*", "MSI_*",
    "IDENTITY_*", "GOOGLE_*", "CLOUDSDK_*", "CLOUD_SHELL", "GCLOUD_*", "GCE_*", "GKE_*",
    "USE_GKE_*", "OCI_*", "DIGITALOCEAN_*", "DO_*", "LINODE_*", "HCLOUD_*", "SCW_*", "OVH_*",
    "OS_*", "YC_*", "CIVO_*", "EXOSCALE_*", "ALIBABA_*", "ALIBABACLOUD_*", "ALICLOUD_*",
    "TENCENTCLOUD_*", "IBMCLOUD_*", "IC_*", "VULTR_*", "VSPHERE_*", "VAULT_*", "TELEPORT_*",
    "TSH_*", "TBOT_*", "OIDC_*", "OKTA_*", "KUBELOGIN_*", "RANCHER_*", "INT128_*", "TANZU_*",
    "PINNIPED_*", "ACTIONS_ID_TOKEN_REQUEST_*", "CI_JOB_*", "BOUNDARY_*", "CF_*",
    // Which version managers ask for, whose programs in PATH are shims.
    "ASDF_*", "MISE_*", "RTX_*", "PYENV_*", "VIRTUAL_ENV", "CONDA_PREFIX",
    // How long we wait, of which our own helpers take account.
    "GTESTNET_TIMEOUT_SCALE", "SLOW_TEST_ENV"};

// What would otherwise be taken from files of the user: defaults of kubectl's flags, and helm's
// plugins.
constexpr std::pair<const char*, const char*> kToolsOwn[] = {
    {"KUBERC", "off"}, {"KUBECTL_KUBERC", "false"}, {"HELM_PLUGINS", "/nonexistent"}};

bool Matches(std::string_view name, std::string_view pattern) {
  if (pattern.empty() || pattern.back() != '*') return name == pattern;
  pattern.remove_suffix(1);
  return name.substr(0, pattern.size()) == pattern;
}

bool MatchesAny(std::string_view name, std::span<const std::string_view> patterns) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](std::string_view pattern) { return Matches(name, pattern); });
}

// Those of GTESTNET_PASS_ENV.
std::vector<std::string_view> AskedFor() {
  std::vector<std::string_view> patterns;
  const char* const value = std::getenv("GTESTNET_PASS_ENV");
  std::string_view rest = value == nullptr ? "" : value;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find_first_of(", "), rest.size());
    if (end > 0) patterns.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return patterns;
}

Environment Filtered(std::span<const std::string_view> more) {
  const std::vector<std::string_view> asked = AskedFor();
  Environment environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = text.substr(0, equals);
    if (MatchesAny(name, kSystem) || MatchesAny(name, more) || MatchesAny(name, asked)) {
      environment.emplace(name, text.substr(equals + 1));
    }
  }
  return environment;
}

}  // namespace

Environment HelperEnvironment() {
  Environment environment = Filtered(kTools);
  for (const auto& [name, value] : kToolsOwn) environment.emplace(name, value);
  return environment;
}

Environment NodeEnvironment(const std::vector<std::string>& more) {
  return Filtered(std::vector<std::string_view>(more.begin(), more.end()));
}

}  // namespace gtestnet
