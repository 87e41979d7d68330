// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/telemetry.h"

#include <boost/json.hpp>
#include <charconv>
#include <cmath>
#include <ostream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/src/base/http.h"
#include "core/src/base/status.h"

namespace gtestnet {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

constexpr size_t kQuoted = 200;  // of what makes no sense, in a message
constexpr size_t kListed = 8;    // series, in a message

std::string PercentEncoded(std::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) {
      out += c;
    } else {
      out += {'%', kDigits[byte / 16], kDigits[byte % 16]};
    }
  }
  return out;
}

// "http://host:port", which is what clusters give.
absl::StatusOr<base::Endpoint> EndpointOf(const std::string& url) {
  constexpr std::string_view kScheme = "http://";
  const size_t colon = url.rfind(':');
  uint16_t port = 0;
  if (url.starts_with(kScheme) && colon > kScheme.size()) {
    const char* const end = url.data() + url.size();
    const auto [at, error] = std::from_chars(url.data() + colon + 1, end, port);
    if (error == std::errc() && at == end) {
      return base::Endpoint::Tcp(url.substr(kScheme.size(), colon - kScheme.size()), port);
    }
  }
  return Internal("the endpoint " + url + " of Prometheus is not http://host:port");
}

const json::value& At(const json::value& value, const char* name) {
  static const json::value none;
  const json::object* object = value.if_object();
  const json::value* found = object == nullptr ? nullptr : object->if_contains(name);
  return found == nullptr ? none : *found;
}

std::string TextOf(const json::value& value) {
  const json::string* text = value.if_string();
  return text == nullptr ? std::string() : std::string(text->data(), text->size());
}

std::vector<std::string> TextsOf(const json::value& value) {
  std::vector<std::string> texts;
  if (const json::array* array = value.if_array()) {
    for (const json::value& one : *array) texts.push_back(TextOf(one));
  }
  return texts;
}

// Reads an answer of /api/v1/query; what makes no sense is noted, and nothing else said of it.
class Reader {
 public:
  absl::StatusOr<QueryResult> Read(const json::value& answer) {
    const json::value& data = At(answer, "data");
    const std::string kind = TextOf(At(data, "resultType"));
    const json::value& result = At(data, "result");
    QueryResult read;
    read.warnings = TextsOf(At(answer, "warnings"));
    if (kind == "vector" || kind == "matrix") {
      const bool matrix = kind == "matrix";
      read.kind = matrix ? QueryResult::Kind::kMatrix : QueryResult::Kind::kVector;
      for (const json::value& one : Array(result)) read.series.push_back(Series(one, matrix));
    } else if (kind == "scalar") {
      read.kind = QueryResult::Kind::kScalar;
      read.series.push_back({.labels = {}, .points = {Point(result)}});
    } else if (kind == "string") {
      read.kind = QueryResult::Kind::kString;
      const json::array& pair = Array(result);
      good_ = good_ && pair.size() == 2;
      if (good_) read.text = TextOf(pair[1]);
    } else {
      good_ = false;
    }
    if (!good_) return Internal("");
    return read;
  }

 private:
  const json::array& Array(const json::value& value) {
    static const json::array none;
    if (const json::array* array = value.if_array()) return *array;
    good_ = false;
    return none;
  }
  MetricSeries Series(const json::value& value, bool matrix) {
    MetricSeries series;
    if (const json::object* labels = At(value, "metric").if_object()) {
      for (const auto& [name, label] : *labels) series.labels[std::string(name)] = TextOf(label);
    }
    if (!matrix) {
      series.points.push_back(Point(At(value, "value")));
      return series;
    }
    for (const json::value& one : Array(At(value, "values"))) series.points.push_back(Point(one));
    return series;
  }
  // [seconds, "number"]
  MetricPoint Point(const json::value& value) {
    MetricPoint point;
    const json::array& pair = Array(value);
    json::error_code error;
    const double seconds = pair.size() == 2 ? pair[0].to_number<double>(error) : std::nan("");
    if (error || !(std::abs(seconds) < 1e12) || !absl::SimpleAtod(TextOf(pair[1]), &point.value)) {
      good_ = false;
      return point;
    }
    point.at = std::chrono::system_clock::time_point(
        milliseconds(static_cast<int64_t>(std::llround(seconds * 1000))));
    return point;
  }

  bool good_ = true;
};

absl::StatusCode CodeOf(const std::string& error_type) {
  if (error_type == "bad_data") return absl::StatusCode::kInvalidArgument;
  if (error_type == "timeout" || error_type == "canceled") {
    return absl::StatusCode::kDeadlineExceeded;
  }
  if (error_type == "execution") return absl::StatusCode::kFailedPrecondition;
  return absl::StatusCode::kUnavailable;
}

absl::StatusOr<QueryResult> ReadAnswer(const base::HttpResponse& response) {
  json::error_code error;
  const json::value answer = json::parse(response.body, error);
  if (!error && TextOf(At(answer, "status")) == "error") {
    const std::string type = TextOf(At(answer, "errorType"));
    return MakeStatus(CodeOf(type), absl::StrCat(type, ": ", TextOf(At(answer, "error"))));
  }
  if (!error && response.status == 200) {
    if (absl::StatusOr<QueryResult> result = Reader().Read(answer); result.ok()) return result;
  }
  return Internal(absl::StrCat("an answer that makes no sense: HTTP ", response.status, " ",
                               response.body.substr(0, kQuoted)));
}

}  // namespace

std::string MetricSeries::Name() const {
  std::string name;
  std::vector<std::string> texts;
  for (const auto& [label, value] : labels) {
    if (label == "__name__") {
      name = value;
    } else {
      texts.push_back(absl::StrCat(label, "=\"", value, "\""));
    }
  }
  if (texts.empty() && !name.empty()) return name;
  return absl::StrCat(name, "{", absl::StrJoin(texts, ","), "}");
}

absl::StatusOr<double> QueryResult::Value() const {
  if (kind == Kind::kString) return FailedPrecondition("the answer is text, not a number: " + text);
  if (series.empty()) return NotFound("the query selected nothing");
  if (series.size() == 1 && series[0].points.size() == 1) return series[0].points[0].value;
  std::vector<std::string> names;
  for (const MetricSeries& one : series) {
    if (names.size() == kListed) break;
    names.push_back(absl::StrCat(one.Name(), one.points.size() > 1 ? "[]" : ""));
  }
  return FailedPrecondition(absl::StrCat("the answer is not one number but ", series.size(),
                                         " series: ", absl::StrJoin(names, ", "),
                                         series.size() > kListed ? ", …" : ""));
}

std::ostream& operator<<(std::ostream& os, const QueryResult& result) {
  if (result.kind == QueryResult::Kind::kString) return os << '"' << result.text << '"';
  os << "{";
  const char* comma = "";
  for (const MetricSeries& series : result.series) {
    os << comma << series.Name() << " =";
    for (const MetricPoint& point : series.points) os << " " << point.value;
    comma = ", ";
  }
  return os << "}";
}

absl::StatusOr<QueryResult> Telemetry::Query(std::string_view promql, milliseconds timeout) const {
  if (!endpoint_.ok()) return endpoint_.status();
  GTESTNET_ASSIGN_OR_RETURN(const base::Endpoint endpoint, EndpointOf(*endpoint_));
  const std::string who =
      absl::StrCat("Prometheus at ", *endpoint_, ", asked for ", ToAbsl(promql));
  const absl::StatusOr<base::HttpResponse> response = base::HttpClient(endpoint).Request(
      {.method = "POST",
       .target = "/api/v1/query",
       .body = absl::StrCat("query=", PercentEncoded(promql), "&timeout=", timeout.count(), "ms"),
       .content_type = "application/x-www-form-urlencoded"},
      timeout);
  if (!response.ok()) return Annotate(response.status(), who);
  absl::StatusOr<QueryResult> result = ReadAnswer(*response);
  if (!result.ok()) return Annotate(result.status(), who);
  return result;
}

}  // namespace gtestnet
