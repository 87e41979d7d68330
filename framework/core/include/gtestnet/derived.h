// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_DERIVED_H_
#define GTESTNET_DERIVED_H_

#include <map>
#include <memory>
#include <typeindex>
#include <utility>

#include "gtestnet/record.h"

namespace gtestnet {

// While it lives, what expectations work out of one record, which must not change meanwhile, is
// kept for the next of them. Judge has one; of the thread that made it alone.
class DerivedScope {
 public:
  explicit DerivedScope(const RunRecord& record);
  ~DerivedScope();
  DerivedScope(const DerivedScope&) = delete;
  DerivedScope& operator=(const DerivedScope&) = delete;

  // That of this thread and record; null if there is none.
  static DerivedScope* Of(const RunRecord& record);
  std::shared_ptr<const void>& operator[](std::type_index type) { return kept_[type]; }

 private:
  const RunRecord& record_;
  DerivedScope* const outer_;
  std::map<std::type_index, std::shared_ptr<const void>> kept_;
};

// T(record): made anew, or the one that another expectation needed before.
//
//   const auto index = Derived<ChainIndex>(record);
template <class T>
std::shared_ptr<const T> Derived(const RunRecord& record) {
  DerivedScope* scope = DerivedScope::Of(record);
  if (scope == nullptr) return std::make_shared<const T>(record);
  if (std::shared_ptr<const void> kept = (*scope)[typeid(T)]) {
    return std::static_pointer_cast<const T>(kept);
  }
  auto made = std::make_shared<const T>(record);
  (*scope)[typeid(T)] = made;
  return made;
}

}  // namespace gtestnet

#endif  // GTESTNET_DERIVED_H_
