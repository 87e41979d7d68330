// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/known_kinds.h"

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/src/base/status.h"

namespace gtestnet {
namespace {

struct KnownKinds {
  std::mutex mutex;
  std::map<std::string, const NodeKind*, std::less<>> by_name;
};
KnownKinds& All() {
  static auto* const all = new KnownKinds;
  return *all;
}

}  // namespace

absl::Status RegisterKind(const NodeKind& kind) {
  KnownKinds& all = All();
  const std::lock_guard lock(all.mutex);
  const auto [known, is_new] = all.by_name.try_emplace(std::string(kind.name()), &kind);
  if (is_new || known->second == &kind) return absl::OkStatus();
  return InvalidArgument(absl::StrCat("there are two kinds of node with the name \"",
                                      ToAbsl(kind.name()), "\": name one of them otherwise"));
}

absl::StatusOr<const NodeKind*> FindKind(std::string_view name) {
  KnownKinds& all = All();
  const std::lock_guard lock(all.mutex);
  if (const auto found = all.by_name.find(name); found != all.by_name.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [known, kind] : all.by_name) names.push_back(known);
  return NotFound(absl::StrCat("there is no kind of node \"", ToAbsl(name.substr(0, 60)),
                               "\"; there are ",
                               names.empty() ? "none" : absl::StrJoin(names, ", "),
                               " (a kind of your own is made known by RegisterKind)"));
}

}  // namespace gtestnet
