// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_RECORD_RECORD_WRITER_H_
#define GTESTNET_CORE_SRC_RECORD_RECORD_WRITER_H_

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/src/record/record_fields.h"
#include "gtestnet/record.h"
#include "gtestnet/values.h"

namespace gtestnet::internal {

// Objects that stand beside each other on a line.
template <class T>
inline constexpr bool kIsSmall = false;

// Writes one element of a list a line: a record is looked at with grep, too.
class RecordWriter {
 public:
  // Of how many objects around it the written one is a part.
  explicit RecordWriter(int depth = 0) : depth_(depth) {}

  template <class T>
  void operator()(std::string_view name, const T& value) {
    out_ += first_ ? "" : (depth_ == 1 ? ",\n" : ",");
    first_ = false;
    out_ += '"';
    out_ += name;
    out_ += "\":";
    Write(value);
  }

  template <class T>
  void IfAny(std::string_view name, const T& values) {
    if (!values.empty()) (*this)(name, values);
  }
  void IfAny(std::string_view name, bool value) {
    if (value) (*this)(name, value);
  }
  void IfAny(std::string_view name, double value) {
    if (value != 0) (*this)(name, value);
  }
  template <class T>
  void IfAny(std::string_view name, const std::optional<T>& value) {
    if (value.has_value()) (*this)(name, value);
  }

  void Sections(const RecordSections& sections) {
    for (const auto& [name, section] : sections) (*this)(name, Raw{section->ToJson()});
  }

  template <class T>
  void WriteObject(const T& value) {
    out_ += '{';
    first_ = true;
    ++depth_;
    if constexpr (std::is_same_v<T, RunRecord>) (*this)("schema", int64_t{RunRecord::kSchema});
    VisitFields(*this, value);
    --depth_;
    first_ = false;
    out_ += '}';
  }

  std::string Take() { return std::move(out_); }

 private:
  // JSON already.
  struct Raw {
    std::string json;
  };
  void Write(const Raw& raw) { out_ += raw.json; }
  void Write(bool value) { out_ += value ? "true" : "false"; }
  void Write(const std::string& value);
  template <std::integral T>
  void Write(T value) {
    char text[24];
    out_.append(text, std::to_chars(text, text + sizeof text, value).ptr);
  }
  // As a string, like in Prometheus' own API: infinities have no number in JSON, and a reader that
  // rounds would change it.
  void Write(double value);
  // Of values by name a whole number is one.
  void Write(const Numbers& numbers);
  void Write(const Words& words);
  void Write(RunTime value) { Write(int64_t{value.count()}); }
  void Write(NodeEventKind kind) { Write(std::string(ToString(kind))); }
  void Write(LogLevel level) { Write(std::string(ToString(level))); }
  void Write(ClockEventKind kind) { Write(std::string(ToString(kind))); }
  void Write(OperationOutcome outcome) { Write(std::string(ToString(outcome))); }
  template <class T>
  void Write(const std::optional<T>& value) {
    if (value) {
      Write(*value);
    } else {
      out_ += "null";
    }
  }
  template <class T>
  void Write(const std::vector<T>& values) {
    constexpr bool kOwnLines =
        std::is_class_v<T> && !std::is_same_v<T, std::string> && !kIsSmall<T>;
    out_ += '[';
    for (size_t i = 0; i < values.size(); ++i) {
      out_ += i == 0 ? "" : ",";
      if (kOwnLines) out_ += '\n';
      Write(values[i]);
    }
    out_ += ']';
  }
  // What a library above writes in a way of its own.
  template <class T>
  requires requires(const T& v) {
    { ToJsonText(v) } -> std::same_as<std::string>;
  }
  void Write(const T& value) { Write(ToJsonText(value)); }
  template <class T>
  requires requires(RecordWriter& w, const T& v) { VisitFields(w, v); }
  void Write(const T& value) { WriteObject(value); }

  std::string out_;
  bool first_ = true;
  int depth_;
};

}  // namespace gtestnet::internal

#endif  // GTESTNET_CORE_SRC_RECORD_RECORD_WRITER_H_
