// SPDX-License-Identifier: Apache-2.0
// Bytes in and out: little-endian integers, fixed-size values, and a reader that never leaves its
// bounds.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "types.h"

namespace gtestnet::node {

class Writer {
 public:
  void U8(std::uint8_t value) { bytes_.push_back(value); }
  void U16(std::uint16_t value) { Integer(value, 2); }
  void U32(std::uint32_t value) { Integer(value, 4); }
  void U64(std::uint64_t value) { Integer(value, 8); }
  void Raw(ByteSpan bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  void Put(const Hash& hash) { Raw(hash.span()); }
  void Put(const Signature& signature) { Raw(signature.span()); }

  std::size_t size() const { return bytes_.size(); }
  const Bytes& bytes() const { return bytes_; }
  Bytes Take() { return std::move(bytes_); }

 private:
  void Integer(std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) bytes_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }

  Bytes bytes_;
};

// Reads past the end give zeros and make ok() false for good, so that a decoder checks once, at its
// end. Loops over a count that was read must check ok() in each turn.
class Reader {
 public:
  explicit Reader(ByteSpan bytes) : bytes_(bytes) {}

  std::uint8_t U8() { return static_cast<std::uint8_t>(Integer(1)); }
  std::uint16_t U16() { return static_cast<std::uint16_t>(Integer(2)); }
  std::uint32_t U32() { return static_cast<std::uint32_t>(Integer(4)); }
  std::uint64_t U64() { return Integer(8); }
  ByteSpan Raw(std::size_t size);
  Hash GetHash();
  Signature GetSignature();

  bool ok() const { return ok_; }
  std::size_t left() const { return bytes_.size() - at_; }
  std::size_t position() const { return at_; }
  // OK if all bytes were read and none was missing; `what` is named otherwise.
  absl::Status Finish(std::string_view what) const;

 private:
  std::uint64_t Integer(std::size_t size);

  ByteSpan bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace gtestnet::node
