// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_RECORD_SECTION_H_
#define GTESTNET_RECORD_SECTION_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtestnet/protocol_time.h"

namespace gtestnet {

struct RunRecord;

// A part of a record which libraries above this one know: the chains of a run, or whatever else a
// kind of node tells of it. In JSON it is a field of the record, by its name.
class RecordSection {
 public:
  virtual ~RecordSection() = default;
  virtual std::unique_ptr<RecordSection> Clone() const = 0;
  virtual bool Equals(const RecordSection& other) const = 0;
  // One JSON object.
  virtual std::string ToJson() const = 0;
  // What cannot be in it, in one sentence that begins with the place: "blocks[3].height: 7, but the
  // parent's is 5"; or "". The record is the one that it is a section of, in which all else is
  // sound.
  virtual std::string Contradiction(const RunRecord& record) const {
    static_cast<void>(record);
    return "";
  }
  // For a record in one line: "12 blocks, 30 transactions"; or "".
  virtual std::string Summary() const { return ""; }
  // What turns protocol time into real time, if it tells.
  virtual std::optional<Pace> pace() const { return std::nullopt; }
};

// The sections of a record by name; a copy has copies of them.
class RecordSections {
 public:
  using Map = std::map<std::string, std::unique_ptr<RecordSection>, std::less<>>;

  RecordSections() = default;
  RecordSections(const RecordSections& other);
  RecordSections& operator=(const RecordSections& other);
  RecordSections(RecordSections&&) noexcept = default;
  RecordSections& operator=(RecordSections&&) noexcept = default;

  // Null where there is none.
  const RecordSection* Find(std::string_view name) const;
  RecordSection* Find(std::string_view name);
  void Set(std::string_view name, std::unique_ptr<RecordSection> section);
  void Erase(std::string_view name);
  Map::const_iterator begin() const { return sections_.begin(); }
  Map::const_iterator end() const { return sections_.end(); }

  friend bool operator==(const RecordSections& a, const RecordSections& b);

 private:
  Map sections_;
};

// Reads a section out of its JSON, which is one object of sound JSON, for a record all else of
// which has been read. An error says in one sentence what is malformed, and begins with the place
// within the section: "blocks[3].height: expected a whole number". What contradicts itself is
// RecordSection::Contradiction's.
using ReadRecordSection = std::function<absl::StatusOr<std::unique_ptr<RecordSection>>(
    std::string_view json, const RunRecord& record)>;

// From now on sections of this name are read so; the library that knows the section says so before
// it reads a record. One that nobody registered is kept as it is written, and written again.
// kInvalidArgument for a name that a record's own field has, or that is no name; kAlreadyExists.
absl::Status RegisterRecordSection(std::string name, ReadRecordSection read);

}  // namespace gtestnet

#endif  // GTESTNET_RECORD_SECTION_H_
