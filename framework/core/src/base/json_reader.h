// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_BASE_JSON_READER_H_
#define GTESTNET_CORE_SRC_BASE_JSON_READER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/src/base/json_tree.h"
#include "gtestnet/protocol_time.h"

namespace gtestnet {

// Reads the members of one object, each by a function; unknown ones are errors that list those
// there are.
//
//   ObjectReader reader("topology");
//   reader.Field("members", [&](const JsonTree& v) { return ReadInt("members", v, &n); });
//   return reader.Read(value);
class ObjectReader {
 public:
  using Read1 = std::function<absl::Status(const JsonTree&)>;

  explicit ObjectReader(std::string what) : what_(std::move(what)) {}
  ObjectReader& Field(std::string name, Read1 read) {
    fields_.push_back({std::move(name), std::move(read), false});
    return *this;
  }
  ObjectReader& Required(std::string name, Read1 read) {
    fields_.push_back({std::move(name), std::move(read), true});
    return *this;
  }
  // In the order in which the fields were declared, whatever the order of the text.
  absl::Status Read(const JsonTree& object) const;

 private:
  struct Entry {
    std::string name;
    Read1 read;
    bool required;
  };
  std::string what_;
  std::vector<Entry> fields_;
};

absl::Status ReadText(const std::string& name, const JsonTree& value, std::string* into);
// One text or an array of them, put behind those that are there.
absl::Status ReadTexts(const std::string& name, const JsonTree& value,
                       std::vector<std::string>* into);
absl::Status ReadBool(const std::string& name, const JsonTree& value, bool* into);
absl::Status ReadInt(const std::string& name, const JsonTree& value, int* into);
absl::Status ReadInt64(const std::string& name, const JsonTree& value, int64_t* into);
absl::Status ReadUnsigned(const std::string& name, const JsonTree& value, uint64_t* into);
absl::Status ReadNumber(const std::string& name, const JsonTree& value, double* into);
// "40 blocks", "3 slots", "1 epoch", "90s", "250ms".
absl::Status ReadTimespan(const std::string& name, const JsonTree& value, Timespan* into);
// An error about the value as a whole, said of the place where it stands.
absl::Status PlacedAt(const JsonTree& value, const absl::Status& status);
// The elements of an array, or the value itself when it is none.
std::vector<const JsonTree*> OneOrMany(const JsonTree& value);
// For lists whose elements each cost work: kInvalidArgument for more than `most`.
absl::Status CheckCount(const std::string& name, const JsonTree& value, size_t most);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_BASE_JSON_READER_H_
