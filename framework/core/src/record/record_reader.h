// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_RECORD_RECORD_READER_H_
#define GTESTNET_CORE_SRC_RECORD_RECORD_READER_H_

#include <algorithm>
#include <boost/json.hpp>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/src/record/json_pieces.h"
#include "core/src/record/record_fields.h"
#include "gtestnet/record.h"
#include "gtestnet/values.h"

namespace gtestnet::internal {

namespace json = boost::json;

// Counts and times beyond these are nonsense, and would overflow in sums.
inline constexpr int64_t kLargestCount = int64_t{1} << 53;
inline constexpr int64_t kLongestMs = 1'000'000'000;      // eleven days
inline constexpr size_t kMostElementBytes = 1024 * 1024;  // of a block, a sample, … as text
// "7.25" and what from_chars does not know, as Prometheus writes it.
bool ParseDouble(std::string_view text, double& value);

template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};

// Has values by name: a node or a sample.
template <class T>
concept HasValues = requires(T& v) {
  { v.numbers } -> std::same_as<Numbers&>;
  { v.words } -> std::same_as<Words&>;
};

// Reads the fields of one object; keeps the first thing that is wrong, and where it is. The text is
// known to be JSON.
class RecordReader {
 public:
  // Before schema 3 nodes and samples had their values among their fields, and a sample's status
  // was called its mode.
  explicit RecordReader(std::string& error, bool values_are_fields = false)
      : error_(error), values_are_fields_(values_are_fields) {}

  // What is large is read piece by piece, as text: it is never all in memory as JSON. `others`
  // takes the fields that it does not know, which are an error without it.
  template <class T>
  void ReadLarge(std::string_view text, T& to, std::vector<JsonMember>* others = nullptr) {
    if (text.empty() || text.front() != '{') return Fail("expected an object");
    members_ = MembersOf(text);
    if (others != nullptr) known_.push_back("schema");
    VisitFields(*this, to);
    for (const JsonMember& member : members_) {
      if (others == nullptr) {
        CheckKnown(member.name, 0);
      } else if (std::find(known_.begin(), known_.end(), member.name) == known_.end()) {
        others->push_back(member);
      }
    }
  }

  template <class T>
  void ReadObject(const json::value& from, T& to) {
    if (!from.is_object()) return Fail("expected an object");
    const json::object* outer = object_;
    const size_t outer_known = known_.size();
    object_ = &from.get_object();
    VisitFields(*this, to);
    if constexpr (HasValues<T>) {
      if (values_are_fields_) ReadOtherFields(outer_known, to);
    }
    if (object_->size() > known_.size() - outer_known) {
      for (const json::key_value_pair& member : *object_) {
        CheckKnown({member.key().data(), member.key().size()}, outer_known);
      }
    }
    known_.resize(outer_known);
    object_ = outer;
  }

  template <class T>
  void operator()(std::string_view name, T& to) {
    if (!error_.empty()) return;
    if (values_are_fields_ && name == "status") name = "mode";
    known_.push_back(name);
    path_.push_back({name, 0});
    if (object_ == nullptr) {
      const auto from = std::find_if(members_.begin(), members_.end(),
                                     [&](const auto& member) { return member.name == name; });
      from == members_.end() ? Fail("is missing") : ReadText(from->value, to);
    } else {
      const json::value* from = object_->if_contains(json::string_view(name.data(), name.size()));
      from == nullptr ? Fail("is missing") : Read(*from, to);
    }
    path_.pop_back();
  }

  template <class T>
  void IfAny(std::string_view name, T& to) {
    if (!error_.empty()) return;
    const bool there = object_ == nullptr
                           ? std::any_of(members_.begin(), members_.end(),
                                         [&](const auto& member) { return member.name == name; })
                           : object_->contains(boost::json::string_view(name.data(), name.size()));
    if (there) (*this)(name, to);
  }

  // They are what the record's other fields are.
  void Sections(RecordSections&) {}

 private:
  struct Step {
    std::string_view name;  // empty: an index
    size_t index;
  };

  // A member of a large object: a list, which is read element by element, or a value.
  template <class T>
  void ReadText(std::string_view text, T& to) {
    if constexpr (IsVector<T>::value) {
      if (text.front() != '[') return Fail("expected a list");
      JsonElements elements(text);
      for (std::string_view element; error_.empty() && elements.Next(element);) {
        path_.push_back({{}, to.size()});
        ReadText(element, to.emplace_back());
        path_.pop_back();
      }
    } else {
      if (text.size() > kMostElementBytes) {
        return Fail(
            absl::StrCat("has ", text.size(), " bytes; at most ", kMostElementBytes, " are read"));
      }
      json::monotonic_resource memory(room_, sizeof room_);
      const json::object* outer = std::exchange(object_, nullptr);
      Read(json::parse({text.data(), text.size()}, &memory), to);
      object_ = outer;
    }
  }
  void Read(const json::value& from, bool& to) {
    if (!from.is_bool()) return Fail("expected true or false");
    to = from.get_bool();
  }
  void Read(const json::value& from, std::string& to) {
    if (!from.is_string()) return Fail("expected a string");
    to = std::string(from.get_string().data(), from.get_string().size());
  }
  void Read(const json::value& from, int64_t& to) {
    ReadWhole(from, -kLargestCount, kLargestCount, to);
  }
  void Read(const json::value& from, int& to) {
    int64_t wide = 0;
    ReadWhole(from, std::numeric_limits<int>::min(), std::numeric_limits<int>::max(), wide);
    to = static_cast<int>(wide);
  }
  void Read(const json::value& from, uint64_t& to) {
    if (from.is_uint64()) {
      to = from.get_uint64();
    } else if (from.is_int64() && from.get_int64() >= 0) {
      to = static_cast<uint64_t>(from.get_int64());
    } else {
      Fail("expected a whole number from 0 to 2^64 - 1");
    }
  }
  void Read(const json::value& from, double& to) {
    if (from.is_string() && ParseDouble({from.get_string().data(), from.get_string().size()}, to)) {
      return;
    }
    Fail("expected a number in a string, like \"0.25\" or \"+Inf\"");
  }
  void Read(const json::value& from, RunTime& to) {
    int64_t ms = 0;
    ReadWhole(from, -kLongestMs, kLongestMs, ms);
    to = RunTime(ms);
  }
  // Of values by name; those that are not whole are in a string, as everywhere.
  void Read(const json::value& from, Numbers& to) {
    ReadValues(from, [&](const json::value& one, std::string_view name) {
      if (one.is_int64()) {
        int64_t whole = 0;
        Read(one, whole);
        to[name] = static_cast<double>(whole);
      } else {
        Read(one, to[name]);
      }
    });
  }
  void Read(const json::value& from, Words& to) {
    ReadValues(from, [&](const json::value& one, std::string_view name) { Read(one, to[name]); });
  }
  template <class ReadOne>
  void ReadValues(const json::value& from, const ReadOne& read_one) {
    if (!from.is_object()) return Fail("expected an object");
    for (const json::key_value_pair& member : from.get_object()) {
      const std::string_view name(member.key().data(), member.key().size());
      path_.push_back({name, 0});
      read_one(member.value(), name);
      path_.pop_back();
      if (!error_.empty()) return;
    }
  }
  // All fields of the object that were not asked for, as values.
  template <HasValues T>
  void ReadOtherFields(size_t outer_known, T& to) {
    for (const json::key_value_pair& member : *object_) {
      const std::string_view name(member.key().data(), member.key().size());
      const auto first = known_.begin() + static_cast<std::ptrdiff_t>(outer_known);
      if (!error_.empty() || std::find(first, known_.end(), name) != known_.end()) continue;
      known_.push_back(name);
      path_.push_back({name, 0});
      if (member.value().is_string()) {
        Read(member.value(), to.words[name]);
      } else if (member.value().is_uint64()) {
        to.numbers[name] = static_cast<double>(member.value().get_uint64());
      } else {
        int64_t whole = 0;
        Read(member.value(), whole);
        to.numbers[name] = static_cast<double>(whole);
      }
      path_.pop_back();
    }
  }
  void Read(const json::value& from, NodeEventKind& to) {
    std::string name;
    Read(from, name);
    if (!error_.empty()) return;
    for (int i = 0; i <= static_cast<int>(NodeEventKind::kRestarted); ++i) {
      to = static_cast<NodeEventKind>(i);
      if (ToString(to) == name) return;
    }
    Fail(absl::StrCat("\"", name.substr(0, 40),
                      "\" is no event; expected started, stopped, killed, ",
                      "paused, resumed, added, exited or restarted"));
  }
  void Read(const json::value& from, LogLevel& to) {
    std::string name;
    Read(from, name);
    if (!error_.empty()) return;
    for (int i = 0; i <= static_cast<int>(LogLevel::kFatal); ++i) {
      to = static_cast<LogLevel>(i);
      if (ToString(to) == name) return;
    }
    Fail("expected unknown, trace, debug, info, warn, error or fatal");
  }
  void Read(const json::value& from, ClockEventKind& to) {
    std::string name;
    Read(from, name);
    if (!error_.empty()) return;
    for (int i = 0; i <= static_cast<int>(ClockEventKind::kStopped); ++i) {
      to = static_cast<ClockEventKind>(i);
      if (ToString(to) == name) return;
    }
    Fail("expected set, suspended or stopped");
  }
  void Read(const json::value& from, OperationOutcome& to) {
    std::string name;
    Read(from, name);
    if (!error_.empty()) return;
    for (int i = 0; i <= static_cast<int>(OperationOutcome::kUnknown); ++i) {
      to = static_cast<OperationOutcome>(i);
      if (ToString(to) == name) return;
    }
    Fail(absl::StrCat("\"", name.substr(0, 40),
                      "\" is no outcome; expected ok, refused or unknown"));
  }
  template <class T>
  void Read(const json::value& from, std::optional<T>& to) {
    if (from.is_null()) return to.reset();
    Read(from, to.emplace());
  }
  template <class T>
  void Read(const json::value& from, std::vector<T>& to) {
    if (!from.is_array()) return Fail("expected a list");
    for (const json::value& element : from.get_array()) {
      path_.push_back({{}, to.size()});
      Read(element, to.emplace_back());
      path_.pop_back();
      if (!error_.empty()) return;
    }
  }
  // What a library above writes in a way of its own.
  template <class T>
  requires requires(const json::value& f, T& v) {
    { FromJsonValue(f, v) } -> std::same_as<bool>;
  }
  void Read(const json::value& from, T& to) {
    if (!FromJsonValue(from, to)) Fail("is not as it must be (framework/RECORD.md)");
  }
  template <class T>
  requires requires(RecordReader& r, T& v) { VisitFields(r, v); }
  void Read(const json::value& from, T& to) { ReadObject(from, to); }

  void ReadWhole(const json::value& from, int64_t least, int64_t most, int64_t& to) {
    if (!from.is_int64() || from.get_int64() < least || from.get_int64() > most) {
      return Fail(absl::StrCat("expected a whole number from ", least, " to ", most));
    }
    to = from.get_int64();
  }

  void CheckKnown(std::string_view key, size_t first_known);
  void Fail(std::string_view what);

  std::string& error_;
  const bool values_are_fields_;
  // Where fields are looked up: in an object, or, where there is none, among members as text.
  const json::object* object_ = nullptr;
  std::vector<JsonMember> members_;
  unsigned char room_[16 * 1024];        // for the JSON of one element
  std::vector<std::string_view> known_;  // of this object, after those of the objects around it
  std::vector<Step> path_;
};

}  // namespace gtestnet::internal

#endif  // GTESTNET_CORE_SRC_RECORD_RECORD_READER_H_
