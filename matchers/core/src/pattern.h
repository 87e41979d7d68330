// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_MATCHERS_CORE_SRC_PATTERN_H_
#define GTESTNET_MATCHERS_CORE_SRC_PATTERN_H_

#include <memory>
#include <string>

namespace re2 {
class RE2;
}

namespace gtestnet::matching {

// A regular expression of RE2, which takes linear time, whatever the text.
class Pattern {
 public:
  explicit Pattern(const std::string& text);
  ~Pattern();

  const std::string& text() const { return text_; }
  // "the regular expression "(" cannot be read: missing ): (", or "".
  const std::string& problem() const { return problem_; }
  // Whether it finds something there; a problem finds nothing.
  bool FindsIn(const std::string& text) const;

 private:
  const std::string text_;
  std::unique_ptr<re2::RE2> expression_;
  std::string problem_;
};

}  // namespace gtestnet::matching

#endif  // GTESTNET_MATCHERS_CORE_SRC_PATTERN_H_
