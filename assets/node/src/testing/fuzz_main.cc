// SPDX-License-Identifier: Apache-2.0
// libFuzzer's entry points. NAME_fuzz --seeds=DIRECTORY writes the seeds there and does nothing
// else.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "testing/fuzz.h"

namespace {

// libFuzzer cuts what is longer, without a word.
void DemandWhole(std::size_t most_bytes) {
  for (const std::string& seed : gtestnet::node::fuzz::Seeds()) {
    gtestnet::node::fuzz::Demand(seed.size() <= most_bytes,
                                 "-max_len is no less than the longest seed");
  }
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  const std::string kSeeds = "--seeds=";
  const std::string kMostBytes = "-max_len=";
  for (int i = 1; i < *argc; ++i) {
    const std::string argument = (*argv)[i];
    if (argument.rfind(kMostBytes, 0) == 0) {
      DemandWhole(std::strtoul(argument.c_str() + kMostBytes.size(), nullptr, 10));
    }
    if (argument.rfind(kSeeds, 0) != 0) continue;
    const std::filesystem::path directory = argument.substr(kSeeds.size());
    std::filesystem::create_directories(directory);
    int number = 0;
    for (const std::string& seed : gtestnet::node::fuzz::Seeds()) {
      std::ofstream(directory / ("seed-" + std::to_string(number++)), std::ios::binary) << seed;
    }
    std::exit(0);
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gtestnet::node::fuzz::Try({reinterpret_cast<const char*>(data), size});
  return 0;
}
