// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>

#include "core/src/base/utf8.h"
#include "core/src/record/record_fields.h"

namespace gtestnet {
namespace {

using internal::VisitFields;

// JSON is UTF-8; a log line need not be. What is not becomes U+FFFD.
std::string WellFormed(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const size_t length = Utf8Length(text);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
    } else {
      out.append(text.substr(0, length));
    }
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  return out;
}

bool IsPlain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; });
}

// Writes one element of a list a line: a record is looked at with grep, too.
class Writer {
 public:
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
  void IfAny(std::string_view name, const std::vector<T>& values) {
    if (!values.empty()) (*this)(name, values);
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
  void Write(bool value) { out_ += value ? "true" : "false"; }
  void Write(const std::string& value) {
    if (IsPlain(value)) {
      out_ += '"';
      out_ += value;
      out_ += '"';
    } else {
      out_ += boost::json::serialize(boost::json::string_view(WellFormed(value)));
    }
  }
  template <std::integral T>
  void Write(T value) {
    char text[24];
    out_.append(text, std::to_chars(text, text + sizeof text, value).ptr);
  }
  // As a string, like in Prometheus' own API: infinities have no number in JSON, and a reader that
  // rounds would change it.
  void Write(double value) {
    if (std::isnan(value) || std::isinf(value)) {
      out_ += std::isnan(value) ? "\"NaN\"" : value > 0 ? "\"+Inf\"" : "\"-Inf\"";
      return;
    }
    char text[32];
    out_ += '"';
    out_.append(text, std::to_chars(text, text + sizeof text, value).ptr);
    out_ += '"';
  }
  void Write(RunTime value) { Write(int64_t{value.count()}); }
  void Write(NodeEventKind kind) { Write(std::string(ToString(kind))); }
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
        std::is_class_v<T> && !std::is_same_v<T, std::string> && !std::is_same_v<T, NoteRecord>;
    out_ += '[';
    for (size_t i = 0; i < values.size(); ++i) {
      out_ += i == 0 ? "" : ",";
      if (kOwnLines) out_ += '\n';
      Write(values[i]);
    }
    out_ += ']';
  }
  template <class T>
  requires requires(Writer& w, const T& v) { VisitFields(w, v); }
  void Write(const T& value) { WriteObject(value); }

  std::string out_;
  bool first_ = true;
  int depth_ = 0;
};

}  // namespace

std::string RunRecord::ToJson() const {
  Writer writer;
  writer.WriteObject(*this);
  return writer.Take() + "\n";
}

}  // namespace gtestnet
