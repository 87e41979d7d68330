// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/derived.h"

namespace gtestnet {
namespace {

thread_local DerivedScope* current = nullptr;

}  // namespace

DerivedScope::DerivedScope(const RunRecord& record) : record_(record), outer_(current) {
  current = this;
}

DerivedScope::~DerivedScope() { current = outer_; }

DerivedScope* DerivedScope::Of(const RunRecord& record) {
  for (DerivedScope* scope = current; scope != nullptr; scope = scope->outer_) {
    if (&scope->record_ == &record) return scope;
  }
  return nullptr;
}

}  // namespace gtestnet
