// SPDX-License-Identifier: Apache-2.0
// The section "chain" of a record.
#include "gtestnet/record_section.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "chain/src/contradiction.h"
#include "chain/src/record_fields.h"
#include "core/src/base/status.h"
#include "core/src/record/record_reader.h"
#include "core/src/record/record_writer.h"
#include "gtestnet/chain/record.h"

namespace gtestnet {

template <>
inline constexpr bool internal::kIsSmall<chain::NoteRecord> = true;

namespace chain {
namespace {

constexpr std::string_view kName = "chain";

class ChainSection final : public RecordSection {
 public:
  ChainSection() = default;
  explicit ChainSection(ChainRecord chain) : chain_(std::move(chain)) {}

  ChainRecord& chain() { return chain_; }
  const ChainRecord& chain() const { return chain_; }

  std::unique_ptr<RecordSection> Clone() const override {
    return std::make_unique<ChainSection>(chain_);
  }
  bool Equals(const RecordSection& other) const override {
    const auto* that = dynamic_cast<const ChainSection*>(&other);
    return that != nullptr && that->chain_ == chain_;
  }
  std::string ToJson() const override {
    internal::RecordWriter writer(1);
    writer.WriteObject(chain_);
    return writer.Take();
  }
  std::string Contradiction(const RunRecord& record) const override {
    return chain::Contradiction(chain_, record);
  }
  std::string Summary() const override {
    return absl::StrCat(chain_.blocks.size(), " blocks, ", chain_.transactions.size(),
                        " transactions");
  }
  std::optional<Pace> pace() const override { return chain_.parameters.pace; }

 private:
  ChainRecord chain_;
};

absl::StatusOr<std::unique_ptr<RecordSection>> Read(std::string_view json, const RunRecord&) {
  auto section = std::make_unique<ChainSection>();
  std::string error;
  internal::RecordReader(error).ReadLarge(json, section->chain());
  if (!error.empty()) return InvalidArgument(error);
  return section;
}

}  // namespace

const ChainRecord* ChainOf(const RunRecord& record) {
  const auto* section = dynamic_cast<const ChainSection*>(record.sections.Find(kName));
  return section == nullptr ? nullptr : &section->chain();
}

ChainRecord& MutableChainOf(RunRecord& record) {
  auto* section = dynamic_cast<ChainSection*>(record.sections.Find(kName));
  if (section == nullptr) {
    auto made = std::make_unique<ChainSection>();
    section = made.get();
    record.sections.Set(kName, std::move(made));
  }
  return section->chain();
}

bool HasUnreadChain(const RunRecord& record) {
  return record.sections.Find(kName) != nullptr && ChainOf(record) == nullptr;
}

void RegisterRecord() {
  static const absl::Status done = RegisterRecordSection(std::string(kName), Read);
  static_cast<void>(done);
}

}  // namespace chain
}  // namespace gtestnet
