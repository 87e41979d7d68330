// SPDX-License-Identifier: Apache-2.0
#include "core/src/run/bundle.h"

#include <cctype>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "gtestnet/variables.h"

namespace gtestnet {
namespace {

namespace fs = std::filesystem;

constexpr size_t kLongestName = 120;

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
    absl::StrAppend(&text, InSeconds(event.at), "  ", NameOf(record, event.node), "  ",
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
                   InSeconds(record.begun), ", ended at ", InSeconds(record.ended), ", closed at ",
                   InSeconds(record.closed), " (since the start)\n");
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
                    InSeconds(workload.started), " to ", InSeconds(workload.stopped));
    if (!workload.plan.empty()) absl::StrAppend(&text, "; ", workload.plan);
    if (!workload.error.empty()) absl::StrAppend(&text, "; error: ", Indented(workload.error));
    absl::StrAppend(&text, "\n");
  }
  AppendNodes(record, &text);
  return text;
}

std::string BundlePath(std::string_view test, const std::string& run_id) {
  const fs::path name = absl::StrCat(SanitisedName(test), ".", run_id);
  std::error_code error;
  const fs::path path = fs::absolute(ArtifactsDirectory() / name, error);
  return (error ? name : path).lexically_normal();
}

absl::Status WriteBundle(const RunRecord& record, const BackendCluster& cluster,
                         const std::string& directory, const std::string& rerun) {
  const fs::path path = directory;
  std::error_code error;
  fs::create_directories(path, error);
  if (error) {
    return absl::InternalError(absl::StrCat("cannot make the directory ", directory, ": ",
                                            error.message(),
                                            "; name another one by GTESTNET_ARTIFACTS"));
  }
  if (absl::Status written = WriteFile(path / "record.json", record.ToJson()); !written.ok()) {
    return written;
  }
  std::string lacking;
  const auto note = [&lacking](const absl::Status& status) {
    if (!status.ok())
      absl::StrAppend(&lacking, "  ", Indented(std::string(status.message())), "\n");
  };
  note(WriteFile(path / "events.txt", EventsText(record)));
  note(WriteFile(path / "seed", absl::StrCat(record.seed, "\n")));
  note(WriteFile(path / "rerun", absl::StrCat(rerun, "\n")));
  note(cluster.Collect(directory));
  std::string summary = SummaryText(record, rerun);
  if (!lacking.empty()) absl::StrAppend(&summary, "\nWhat could not be had\n", lacking);
  return WriteFile(path / "SUMMARY.txt", summary);
}

}  // namespace gtestnet
