#include "src/deployer/k8s/sweep.h"
#include "src/base/status.h"
namespace gtestnet::k8s {
using std::chrono::milliseconds;
absl::Status ClaimNamespace(const SweepTarget& t, const std::map<std::string, std::string>&) {
  GTESTNET_RETURN_IF_ERROR(Kubectl(t.tools, "namespace", {"create", "namespace", t.name_space}, milliseconds(10000)).status());
  return Kubectl(t.tools, "label", {"label", "namespace", t.name_space, "gtestnet.run=" + t.run_id}, milliseconds(10000)).status();
}
absl::Status EndPods(const SweepTarget& t) {
  auto s = Kubectl(t.tools, "x", {"-n", t.name_space, "delete", "statefulsets,deployments", "--all", "--cascade=orphan", "--wait=false"}, milliseconds(10000)).status();
  s = Kubectl(t.tools, "x", {"-n", t.name_space, "delete", "pods", "--all", "--force", "--grace-period=0", "--wait=false"}, milliseconds(10000)).status();
  return Kubectl(t.tools, "x", {"delete", "namespace", t.name_space, "--wait=false"}, milliseconds(10000)).status();
}
absl::Status AwaitGone(const SweepTarget& t, milliseconds timeout) {
  return Kubectl(t.tools, "x", {"wait", "--for=delete", "namespace/" + t.name_space, "--timeout=60s"}, timeout).status();
}
}
