#pragma once
#include "gtestnet/deployer.h"
namespace gtestnet::k8s {
inline Availability ProbeCluster() { return {.available = true, .reason = {}, .remedy = {}}; }
}  // namespace gtestnet::k8s
