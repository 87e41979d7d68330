// SPDX-License-Identifier: Apache-2.0
#include "core/src/cluster/testing/otlp_collector.h"

#include <boost/json.hpp>

namespace gtestnet {
namespace {

namespace json = boost::json;

std::string ValueOf(const json::value& value) {
  if (const json::value* flag = value.as_object().if_contains("boolValue")) {
    return flag->as_bool() ? "true" : "false";
  }
  return std::string(value.as_object().begin()->value().as_string());
}

std::map<std::string, std::string> AttributesOf(const json::value& of) {
  std::map<std::string, std::string> attributes;
  for (const json::value& one : of.at("attributes").as_array()) {
    attributes[std::string(one.at("key").as_string())] = ValueOf(one.at("value"));
  }
  return attributes;
}

ReceivedSpan ReadSpan(const std::string& node, const json::value& span) {
  const json::object& fields = span.as_object();
  ReceivedSpan received;
  received.node = node;
  received.name = std::string(span.at("name").as_string());
  received.trace = std::string(span.at("traceId").as_string());
  received.id = std::string(span.at("spanId").as_string());
  if (const json::value* parent = fields.if_contains("parentSpanId")) {
    received.parent = std::string(parent->as_string());
  }
  received.failed = fields.contains("status");
  received.attributes = AttributesOf(span);
  return received;
}

// The elements of a list in a body; none where there is no such list.
const json::array& ListIn(const json::value& body, const char* name) {
  static const json::array none;
  const json::value* list = body.as_object().if_contains(name);
  return list == nullptr ? none : list->as_array();
}

}  // namespace

std::multimap<std::string, ReceivedSpan> OtlpCollector::By(const std::string& name,
                                                           const std::string& attribute) const {
  const std::lock_guard lock(mutex_);
  std::multimap<std::string, ReceivedSpan> found;
  for (const ReceivedSpan& span : spans_) {
    const auto value = span.attributes.find(attribute);
    if (span.name == name && value != span.attributes.end()) found.emplace(value->second, span);
  }
  return found;
}

std::set<std::string> OtlpCollector::NodesWithSpan(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  std::set<std::string> nodes;
  for (const ReceivedSpan& span : spans_) {
    if (span.name == name) nodes.insert(span.node);
  }
  return nodes;
}

std::set<std::string> OtlpCollector::NodesWithMetric(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = metrics_.find(name);
  return found == metrics_.end() ? std::set<std::string>() : found->second;
}

void OtlpCollector::Serve(base::FakeHttpServer::Connection& connection) {
  for (std::string request; !(request = connection.ReadRequest()).empty();) {
    Take(request);
    connection.Answer(200, "{}");
  }
}

void OtlpCollector::Take(const std::string& request) {
  const json::value body = json::parse(request.substr(request.find("\r\n\r\n") + 4));
  const std::lock_guard lock(mutex_);
  for (const json::value& resource : ListIn(body, "resourceSpans")) {
    const std::string node = AttributesOf(resource.at("resource")).at("node.name");
    for (const json::value& span : resource.at_pointer("/scopeSpans/0/spans").as_array()) {
      spans_.push_back(ReadSpan(node, span));
    }
  }
  for (const json::value& resource : ListIn(body, "resourceMetrics")) {
    const std::string node = AttributesOf(resource.at("resource")).at("node.name");
    for (const json::value& metric : resource.at_pointer("/scopeMetrics/0/metrics").as_array()) {
      metrics_[std::string(metric.at("name").as_string())].insert(node);
    }
  }
}

}  // namespace gtestnet
