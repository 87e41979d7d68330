// SPDX-License-Identifier: Apache-2.0
#include "matchers/core/src/pattern.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "re2/re2.h"

namespace gtestnet::matching {
namespace {

constexpr size_t kLongest = 1000;
constexpr int64_t kMostMemory = 1 << 20;  // of a compiled one: "(a{500}){500}" is refused

}  // namespace

Pattern::Pattern(const std::string& text) : text_(text) {
  std::string why;
  if (text.size() > kLongest) {
    why = absl::StrCat("it has more than ", kLongest, " characters");
  } else {
    re2::RE2::Options options(re2::RE2::Quiet);
    options.set_max_mem(kMostMemory);
    expression_ = std::make_unique<re2::RE2>(text, options);
    if (!expression_->ok()) why = expression_->error();
  }
  if (why.empty()) return;
  expression_.reset();
  problem_ =
      absl::StrCat("the regular expression \"", text.substr(0, 100), "\" cannot be read: ", why);
}

Pattern::~Pattern() = default;

bool Pattern::FindsIn(const std::string& text) const {
  return expression_ != nullptr && re2::RE2::PartialMatch(text, *expression_);
}

}  // namespace gtestnet::matching
