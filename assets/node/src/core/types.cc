// SPDX-License-Identifier: Apache-2.0
#include "types.h"

#include <algorithm>

namespace gtestnet::node {
namespace {

int DigitValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool ParseHex(std::string_view text, std::uint8_t* out) {
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    const int high = DigitValue(text[i]);
    const int low = DigitValue(text[i + 1]);
    if (high < 0 || low < 0) return false;
    *out++ = static_cast<std::uint8_t>(high * 16 + low);
  }
  return text.size() % 2 == 0;
}

}  // namespace

std::optional<Hash> Hash::FromHex(std::string_view text) {
  if (text.starts_with("0x")) text.remove_prefix(2);
  Hash hash;
  if (text.size() != 2 * kSize || !ParseHex(text, hash.bytes.data())) return std::nullopt;
  return hash;
}

Hash Hash::FromBytes(std::span<const std::uint8_t, kSize> bytes) {
  Hash hash;
  std::copy(bytes.begin(), bytes.end(), hash.bytes.begin());
  return hash;
}

std::string Hash::Hex() const { return ToHex(bytes); }

std::string Hash::Short() const { return ToHex(span().first(4)); }

std::string ToHex(ByteSpan bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::optional<Bytes> FromHex(std::string_view text) {
  Bytes bytes(text.size() / 2);
  if (!ParseHex(text, bytes.data())) return std::nullopt;
  return bytes;
}

std::ostream& operator<<(std::ostream& out, const Hash& hash) { return out << hash.Hex(); }

std::ostream& operator<<(std::ostream& out, const Signature& signature) {
  return out << ToHex(signature.bytes);
}

}  // namespace gtestnet::node
