// SPDX-License-Identifier: Apache-2.0
#include "src/runner/bundle.h"

#include <cctype>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"

namespace gtestnet {
namespace {

namespace fs = std::filesystem;

constexpr size_t kLongestName = 120;
constexpr int kMostBundles = 100000;

std::string Seconds(RunTime at) {
  return absl::StrFormat("%.3f s", std::chrono::duration<double>(at).count());
}

std::string NameOf(const RunRecord& record, NodeIndex node) {
  const auto i = static_cast<size_t>(node);
  return node >= 0 && i < record.nodes.size() ? record.nodes[i].name : absl::StrCat("node ", node);
}

std::string Indented(const std::string& text) {
  return absl::StrReplaceAll(text, {{"\n", "\n      "}});
}

absl::Status WriteFile(const fs::path& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary);
  file << content;
  file.close();
  if (file) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("cannot write ", path.string()));
}

absl::StatusOr<fs::path> NewDirectory(const fs::path& parent, const std::string& name) {
  std::error_code error;
  fs::create_directories(parent, error);
  for (int n = 1; !error && n < kMostBundles; ++n) {
    fs::path path = parent / absl::StrCat(name, ".", n);
    if (fs::create_directory(path, error)) return path;
  }
  return absl::InternalError(absl::StrCat("cannot make a directory for the bundle in ",
                                          parent.string(), ": ", error.message()));
}

std::string VerdictText(const VerdictRecord& verdict) {
  const char* outcome = !verdict.judged ? "NOT JUDGED" : verdict.met ? "MET" : "NOT MET";
  std::string text = absl::StrCat("  ", outcome, "  ", verdict.expectation);
  if (!verdict.where.empty()) absl::StrAppend(&text, "  (", verdict.where, ")");
  absl::StrAppend(&text, "\n    required: ", Indented(verdict.required),
                  "\n    observed: ", Indented(verdict.observed), "\n");
  return text;
}

void AppendNodes(const RunRecord& record, std::string* text) {
  absl::StrAppend(text, "\nNodes at the end\n");
  const Snapshot end = record.AtEnd();
  for (size_t i = 0; i < record.nodes.size(); ++i) {
    const NodeRecord& node = record.nodes[i];
    absl::StrAppend(text, "  ", node.name, node.up_at_end ? "" : " (down)");
    if (i < end.nodes.size() && end.nodes[i].reachable) {
      std::ostringstream sample;
      sample << end.nodes[i];
      absl::StrAppend(text, ": ", sample.str());
    } else {
      absl::StrAppend(text, ": it did not answer");
    }
    absl::StrAppend(text, "\n");
  }
}

}  // namespace

std::string SanitisedName(std::string_view test) {
  std::string name;
  for (char c : test.substr(0, kLongestName)) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' ||
                       (c == '.' && !name.empty());
    name.push_back(plain ? c : '_');
  }
  return name.empty() ? "run" : name;
}

std::string EventsText(const RunRecord& record) {
  std::string text;
  for (const NodeEvent& event : record.events) {
    absl::StrAppend(&text, Seconds(event.at), "  ", NameOf(record, event.node), "  ",
                    std::string(ToString(event.kind)));
    if (!event.cause.empty()) absl::StrAppend(&text, "  by ", event.cause);
    if (!event.detail.empty()) absl::StrAppend(&text, "  ", Indented(event.detail));
    absl::StrAppend(&text, "\n");
  }
  return text;
}

std::string SummaryText(const RunRecord& record, std::string_view rerun) {
  std::string text =
      absl::StrCat(record.test, "\n  run ", record.run_id, ", ", record.deployer, ", topology ",
                   record.topology, " (", record.layout, "), seed ", record.seed, "\n  begun at ",
                   Seconds(record.begun), ", ended at ", Seconds(record.ended), ", closed at ",
                   Seconds(record.closed), " (since the chain's start)\n");
  if (!rerun.empty()) absl::StrAppend(&text, "  again: ", std::string(rerun), "\n");
  if (!record.broken.empty()) {
    absl::StrAppend(&text, "\nThe run broke\n  ", Indented(record.broken), "\n");
  }
  absl::StrAppend(&text, "\nVerdicts\n");
  if (record.verdicts.empty()) absl::StrAppend(&text, "  none\n");
  for (const VerdictRecord& verdict : record.verdicts) absl::StrAppend(&text, VerdictText(verdict));
  if (!record.workloads.empty()) absl::StrAppend(&text, "\nWorkloads\n");
  for (const WorkloadRecord& workload : record.workloads) {
    absl::StrAppend(&text, "  ", workload.name, ": ", workload.actions, " acts from ",
                    Seconds(workload.started), " to ", Seconds(workload.stopped));
    if (!workload.plan.empty()) absl::StrAppend(&text, "; ", workload.plan);
    if (!workload.error.empty()) absl::StrAppend(&text, "; error: ", Indented(workload.error));
    absl::StrAppend(&text, "\n");
  }
  AppendNodes(record, &text);
  return text;
}

absl::StatusOr<std::string> WriteBundle(const RunRecord& record, const BackendCluster& cluster,
                                        const BundlePlan& plan) {
  absl::StatusOr<fs::path> directory = NewDirectory(plan.parent, SanitisedName(record.test));
  if (!directory.ok()) return directory.status();
  std::string summary = SummaryText(record, plan.rerun);
  const absl::Status collected = cluster.Collect(directory->string());
  if (!collected.ok()) {
    absl::StrAppend(&summary,
                    "\nNot all logs and configs could be had: ", std::string(collected.message()),
                    "\n");
  }
  const std::pair<const char*, std::string> files[] = {
      {"record.json", record.ToJson()},
      {"events.txt", EventsText(record)},
      {"seed", absl::StrCat(record.seed, "\n")},
      {"rerun", absl::StrCat(plan.rerun, "\n")},
      {"SUMMARY.txt", summary},
  };
  for (const auto& [name, content] : files) {
    if (absl::Status written = WriteFile(*directory / name, content); !written.ok()) return written;
  }
  return directory->string();
}

}  // namespace gtestnet
