// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/record_section.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/src/base/status.h"
#include "core/src/record/record_fields.h"
#include "core/src/record/sections.h"

namespace gtestnet {
namespace {

// One that this program does not know.
class UnreadSection final : public RecordSection {
 public:
  explicit UnreadSection(std::string json) : json_(std::move(json)) {}
  std::unique_ptr<RecordSection> Clone() const override {
    return std::make_unique<UnreadSection>(json_);
  }
  bool Equals(const RecordSection& other) const override {
    const auto* unread = dynamic_cast<const UnreadSection*>(&other);
    return unread != nullptr && unread->json_ == json_;
  }
  std::string ToJson() const override { return json_; }

 private:
  const std::string json_;
};

struct Registry {
  std::mutex mutex;
  std::map<std::string, ReadRecordSection, std::less<>> by_name;
};
Registry& TheRegistry() {
  static auto* const registry = new Registry;
  return *registry;
}

// The names of a record's own fields.
class FieldNames {
 public:
  template <class T>
  void operator()(std::string_view name, const T&) {
    names_.push_back(name);
  }
  template <class T>
  void IfAny(std::string_view name, const T&) {
    names_.push_back(name);
  }
  void Sections(const RecordSections&) {}
  bool Has(std::string_view name) const {
    return std::find(names_.begin(), names_.end(), name) != names_.end();
  }

 private:
  std::vector<std::string_view> names_{"schema"};
};

}  // namespace

RecordSections::RecordSections(const RecordSections& other) { *this = other; }

RecordSections& RecordSections::operator=(const RecordSections& other) {
  Map copies;
  for (const auto& [name, section] : other.sections_) copies.emplace(name, section->Clone());
  sections_ = std::move(copies);
  return *this;
}

const RecordSection* RecordSections::Find(std::string_view name) const {
  const auto found = sections_.find(name);
  return found == sections_.end() ? nullptr : found->second.get();
}

RecordSection* RecordSections::Find(std::string_view name) {
  return const_cast<RecordSection*>(std::as_const(*this).Find(name));
}

void RecordSections::Set(std::string_view name, std::unique_ptr<RecordSection> section) {
  sections_.insert_or_assign(std::string(name), std::move(section));
}

void RecordSections::Erase(std::string_view name) {
  if (const auto found = sections_.find(name); found != sections_.end()) sections_.erase(found);
}

bool operator==(const RecordSections& a, const RecordSections& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.first == y.first && x.second->Equals(*y.second);
  });
}

absl::Status RegisterRecordSection(std::string name, ReadRecordSection read) {
  const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (!plain) {
    return InvalidArgument(absl::StrCat(
        "\"", name, "\" is no name of a section of a record: ", "use small letters, digits and _"));
  }
  FieldNames fields;
  const RunRecord record;
  internal::VisitFields(fields, record);
  if (fields.Has(name)) {
    return InvalidArgument(absl::StrCat("a section of a record cannot be called ", name,
                                        ", which is a field of the record itself"));
  }
  Registry& registry = TheRegistry();
  const std::lock_guard lock(registry.mutex);
  if (!registry.by_name.emplace(name, std::move(read)).second) {
    return absl::AlreadyExistsError(
        absl::StrCat("there are two sections of a record of the name ", name));
  }
  return absl::OkStatus();
}

std::string internal::ReadSections(const std::vector<JsonMember>& fields, RunRecord& record) {
  for (const JsonMember& field : fields) {
    if (field.value == "null") continue;
    if (field.value.front() != '{') {
      return absl::StrCat(ToAbsl(field.name.substr(0, 40)),
                          ": is not a field of a record, nor a section, which is an object");
    }
    ReadRecordSection read;
    {
      Registry& registry = TheRegistry();
      const std::lock_guard lock(registry.mutex);
      const auto found = registry.by_name.find(field.name);
      if (found != registry.by_name.end()) read = found->second;
    }
    if (!read) {
      record.sections.Set(field.name, std::make_unique<UnreadSection>(std::string(field.value)));
      continue;
    }
    absl::StatusOr<std::unique_ptr<RecordSection>> section = read(field.value, record);
    if (!section.ok()) {
      return absl::StrCat(ToAbsl(field.name), ".", MessageOf(section.status()));
    }
    record.sections.Set(field.name, *std::move(section));
  }
  return "";
}

}  // namespace gtestnet
