// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_CFGSYNC_SETUP_JSON_H_
#define GTESTNET_CORE_SRC_CFGSYNC_SETUP_JSON_H_

#include <boost/json/object.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "core/src/base/json_reader.h"
#include "gtestnet/node_kind.h"

namespace gtestnet::cfgsync {

// Contents of files that several nodes have, by their SHA-256.
using SharedFiles = std::map<std::string, std::string>;

std::string HashOf(std::string_view content);
// Those of 1 KiB and more that more than one of the setups has.
SharedFiles SharedOf(const std::vector<const NodeSetup*>& setups);

// Program, arguments, environment and files, as members of `into`. A file that has a hash, by its
// path, has that instead of its content; one that is no text is in base64.
void WriteSetup(const NodeSetup& setup, const std::map<std::string, std::string>& hashes,
                boost::json::object& into);
// The hashes, by their paths, of those files of the setup that are shared.
std::map<std::string, std::string> HashesOf(const NodeSetup& setup, const SharedFiles& shared);
boost::json::object WriteShared(const SharedFiles& shared);

// The same read back. A hash that is not among `shared` is wrong; with null, it is kept: the file's
// content is "" then, and `missing` has the hash by the file's path. All are filled when it reads.
void AddSetupFields(ObjectReader& reader, const SharedFiles& shared, NodeSetup* setup);
void AddSetupFields(ObjectReader& reader, std::map<std::string, std::string>* missing,
                    NodeSetup* setup);
// kInvalidArgument also for content that has another hash.
absl::Status ReadShared(const JsonTree& value, SharedFiles* shared);

}  // namespace gtestnet::cfgsync

#endif  // GTESTNET_CORE_SRC_CFGSYNC_SETUP_JSON_H_
