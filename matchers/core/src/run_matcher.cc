// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/run_matcher.h"

#include "absl/strings/str_cat.h"
#include "matchers/core/src/finding.h"
#include "matchers/core/src/names.h"

namespace gtestnet {

std::string Of::Words() const {
  if (workload_.empty()) return "";
  std::string words = absl::StrCat(" of \"", workload_, "\"");
  matching::NamesInView* const names = matching::NamesInView::Current();
  if (names == nullptr || names->workloads().count(workload_) > 0) return words;
  const std::string nearest =
      matching::Nearest(workload_, {names->workloads().begin(), names->workloads().end()});
  if (nearest.empty()) return words;
  return absl::StrCat(words, " (there is no such workload; did you mean ", nearest, "?)");
}

}  // namespace gtestnet
