// SPDX-License-Identifier: Apache-2.0
//
// The KZG parameters: Ethereum's trusted setup as a text file, the tables that are made of it, and
// the cache file from which they are mapped.
//
//   absl::StatusOr<KzgParameters> parameters = ReadKzgParameters(path);
//   absl::StatusOr<std::unique_ptr<Kzg>> kzg = LoadKzg(*parameters, cache_path);
//
// A cache holds the tables for one parameters file and one kind of machine, and a checksum; one
// that does not fit is no error, but as if there was none.
#ifndef GTESTNET_NODE_KZG_KZG_SETUP_H_
#define GTESTNET_NODE_KZG_KZG_SETUP_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/da_kzg.h"

namespace gtestnet::node {

inline constexpr std::size_t kKzgParametersBytes = 807'177;

struct KzgParameters {
  std::string text;
};

// `path` may be a directory: then the file kzgrs_test_params in it. The sentence of an error
// (kInvalidArgument) names the file and says whether it is missing, short or another one.
[[nodiscard]] absl::StatusOr<KzgParameters> ReadKzgParameters(const std::string& path);

// Maps the cache (milliseconds), or, when it is missing or does not fit, computes the tables (2 s
// of a core). `from_cache`, if given, is set to which it was.
[[nodiscard]] absl::StatusOr<std::unique_ptr<Kzg>> LoadKzg(const KzgParameters& parameters,
                                                           const std::string& cache_path,
                                                           bool* from_cache = nullptr);

// Computes the tables and renames them into place, whole.
[[nodiscard]] absl::Status WriteKzgCache(const KzgParameters& parameters,
                                         const std::string& cache_path);

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_KZG_KZG_SETUP_H_
