// SPDX-License-Identifier: Apache-2.0
#include "matchers/core/src/finding.h"

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <string>

#include "absl/strings/str_cat.h"

namespace gtestnet::matching {

Finding NothingToJudge(std::string_view why) {
  return {false, absl::StrCat("there is nothing to judge: ", View(why)), false};
}

bool Tell(const Finding& finding, testing::MatchResultListener* listener) {
  if (!finding.words.empty()) *listener << "in which " << finding.words;
  return finding.judged ? finding.met : AnswerOfNothing(finding.words);
}

std::string Joined(const std::vector<std::string>& sentences, std::string_view between) {
  constexpr size_t kMost = 4;
  std::string all;
  for (size_t i = 0; i < std::min(kMost, sentences.size()); ++i) {
    absl::StrAppend(&all, i == 0 ? "" : View(between), sentences[i]);
  }
  if (sentences.size() > kMost) {
    absl::StrAppend(&all, View(between), "and ", sentences.size() - kMost, " more");
  }
  return all;
}

std::string Counted(int64_t n, std::string_view one) {
  return absl::StrCat(n, " ", View(one), n == 1 ? "" : "s");
}

std::string Short(std::string_view id) { return std::string(id.substr(0, 8)); }

std::string Rounded(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.3f", value);
  std::string out = text;
  out.erase(out.find_last_not_of('0') + 1);
  if (!out.empty() && out.back() == '.') out.pop_back();
  return out == "-0" ? "0" : out;
}

std::string FirstLine(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

size_t Edits(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row.back();
}

std::string Nearest(std::string_view text, const std::vector<std::string>& known) {
  constexpr size_t kLongest = 64;
  text = text.substr(0, kLongest);
  std::string best;
  size_t least = std::max<size_t>(2, text.size() / 2);
  for (const std::string& candidate : known) {
    const size_t edits = Edits(text, std::string_view(candidate).substr(0, kLongest));
    if (edits <= least && (best.empty() || edits < least)) {
      best = candidate;
      least = edits;
    }
  }
  return best;
}

}  // namespace gtestnet::matching
