// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_VALUES_H_
#define GTESTNET_VALUES_H_

#include <algorithm>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gtestnet {

// A few values by name, in the order of their names: what a kind of node tells of its nodes.
//
//   sample.numbers["term"] = 3;
//   sample.numbers.Get("term");  // 3
template <class T>
class Values {
 public:
  using Entry = std::pair<std::string, T>;

  Values() = default;
  // Of two with one name the later one stands.
  Values(std::initializer_list<Entry> entries) {
    entries_.reserve(entries.size());
    for (const auto& [name, value] : entries) (*this)[name] = value;
  }

  // Made as T() where it is not there.
  T& operator[](std::string_view name) {
    const auto place = PlaceOf(entries_, name);
    if (place != entries_.end() && place->first == name) return place->second;
    return entries_.emplace(place, std::string(name), T())->second;
  }
  // Null where it is not there.
  const T* Find(std::string_view name) const {
    const auto place = PlaceOf(entries_, name);
    return place != entries_.end() && place->first == name ? &place->second : nullptr;
  }
  // T() where it is not there.
  const T& Get(std::string_view name) const {
    static const T kNone = T();
    const T* found = Find(name);
    return found != nullptr ? *found : kNone;
  }

  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }
  bool empty() const { return entries_.empty(); }
  size_t size() const { return entries_.size(); }
  void reserve(size_t size) { entries_.reserve(size); }

  friend bool operator==(const Values&, const Values&) = default;

 private:
  template <class Entries>
  static auto PlaceOf(Entries& entries, std::string_view name) {
    return std::lower_bound(
        entries.begin(), entries.end(), name,
        [](const Entry& entry, std::string_view wanted) { return entry.first < wanted; });
  }

  std::vector<Entry> entries_;
};

using Numbers = Values<double>;
using Words = Values<std::string>;

// "3", "0.25", "1e+300": whole numbers as such, others in the fewest digits that read back as the
// same.
std::string FormatNumber(double number);

}  // namespace gtestnet

#endif  // GTESTNET_VALUES_H_
