// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "core/src/record/record_writer.h"
#include "gtestnet/record.h"

namespace gtestnet {

std::string RunRecord::ToJson() const {
  internal::RecordWriter writer;
  writer.WriteObject(*this);
  return writer.Take() + "\n";
}

}  // namespace gtestnet
