// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_KNOWN_KINDS_H_
#define GTESTNET_KNOWN_KINDS_H_

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtestnet/node_kind.h"

namespace gtestnet {

// Makes a kind known by its name, so that a scenario file may have a topology of it:
//
//   {"topology": {"kind": "etcd", "layout": "mesh", "roles": {"member": 3}}, …}
//
// A program does it before it reads such a file; the same kind again changes nothing.
// kInvalidArgument: another kind has that name. Any thread.
absl::Status RegisterKind(const NodeKind& kind);
// kNotFound lists those that are known.
absl::StatusOr<const NodeKind*> FindKind(std::string_view name);

}  // namespace gtestnet

#endif  // GTESTNET_KNOWN_KINDS_H_
