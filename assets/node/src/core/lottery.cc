// SPDX-License-Identifier: Apache-2.0
#include "lottery.h"

#include <boost/multiprecision/cpp_int.hpp>

#include "codec.h"
#include "text.h"

namespace gtestnet::node {
namespace {

using boost::multiprecision::cpp_int;

// Fixed point: an integer x stands for x·2^-256; an ulp is 2^-256. Every division rounds down.
//
// How wrong is the result? Let q = 1 − f.
//  * ArcTanh sums at most 85 terms for |z| ≤ 1/3 (each is under 1/9 of the one before); each power
//  is at most 2 ulp too
//    low (carried on by a factor below 1), each quotient 1 more: under 2^8 ulp, and so is ln 2
//    (twice the series, 2^9).
//  * −ln q = ln m + e·ln 2 with e < 60 (f has at most 18 decimals): under 2^9 + 60·2^9 < 2^15 ulp.
//  * Times value ÷ total (at most 1): not more than that, and 1 for the division.
//  * Taking j·ln 2 away, j < 61: 2^15 more. The series of exp(−r), 0 ≤ r ≤ ln 2, adds under 2^7,
//  and its slope is at
//    most 1: under 2^17 ulp in all; the shift by j makes it smaller.
// So the computed φ lies within kSlack = 2^20 ulp of the true one, 2^-236. ⌊φ·2⁶⁴⌋ is then certain
// unless φ·2⁶⁴ is within 2^-172 of an integer, which happens in earnest only where it is that
// integer (f = 0.75, half the stake). The slack is added before rounding down, which makes exactly
// those cases right.
constexpr unsigned kBits = 256;
const cpp_int kSlack = cpp_int(1) << 20;

// atanh(numerator ÷ denominator), for a quotient in [0, 1/3].
cpp_int ArcTanh(const cpp_int& numerator, const cpp_int& denominator) {
  const cpp_int z = (numerator << kBits) / denominator;
  const cpp_int square = (z * z) >> kBits;
  cpp_int sum = 0;
  unsigned n = 1;
  for (cpp_int power = z; power != 0; power = (power * square) >> kBits) {
    sum += power / n;
    n += 2;
  }
  return sum;
}

const cpp_int& LnTwo() {
  static const cpp_int value = 2 * ArcTanh(1, 3);
  return value;
}

// −ln(numerator ÷ denominator), for 0 < numerator < denominator.
cpp_int NegativeLn(const cpp_int& numerator, const cpp_int& denominator) {
  cpp_int scaled = numerator;  // denominator ÷ scaled ends in [1, 2)
  unsigned exponent = 0;
  for (; 2 * scaled <= denominator; scaled *= 2) ++exponent;
  return 2 * ArcTanh(denominator - scaled, denominator + scaled) + exponent * LnTwo();
}

// exp(−x) for x ≥ 0.
cpp_int ExpOfMinus(const cpp_int& x) {
  const unsigned halvings = static_cast<unsigned>(x / LnTwo());
  const cpp_int r = x - halvings * LnTwo();
  cpp_int positive = 0;
  cpp_int negative = 0;
  cpp_int term = cpp_int(1) << kBits;
  for (unsigned n = 1; term != 0; ++n) {
    (n % 2 == 1 ? positive : negative) += term;
    term = ((term * r) >> kBits) / n;
  }
  return (positive - negative) >> halvings;
}

}  // namespace

absl::StatusOr<SlotCoefficient> SlotCoefficient::Parse(std::string_view text) {
  const auto error = [text](std::string_view why) {
    return Invalid("active slot coefficient \"", Absl(text.substr(0, 40)), "\": ", Absl(why));
  };
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view decimals =
      point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  if (whole.empty() || (point != std::string_view::npos && decimals.empty())) {
    return error("needs digits before and behind the point");
  }
  if (decimals.size() > 18 || whole.size() > 18) return error("has more than 18 digits in a row");
  SlotCoefficient f{0, 1};
  for (const char c : whole) {
    if (c < '0' || c > '9') return error("is not a decimal fraction");
    f.numerator = f.numerator * 10 + static_cast<std::uint64_t>(c - '0');
  }
  if (f.numerator > 1) return error("must be in (0, 1]");
  for (const char c : decimals) {
    if (c < '0' || c > '9') return error("is not a decimal fraction");
    f.numerator = f.numerator * 10 + static_cast<std::uint64_t>(c - '0');
    f.denominator *= 10;
  }
  if (f.numerator == 0 || f.numerator > f.denominator) return error("must be in (0, 1]");
  return f;
}

std::string Threshold::Decimal() const {
  return always ? "18446744073709551616" : std::to_string(limit);
}

Threshold WinThreshold(const SlotCoefficient& f, std::uint64_t value, std::uint64_t total) {
  if (value == 0 || total == 0) return {};
  if (f.numerator >= f.denominator) return {.always = true};
  if (value > total) value = total;
  const cpp_int exponent = NegativeLn(f.denominator - f.numerator, f.denominator) * value / total;
  const cpp_int phi = (cpp_int(1) << kBits) - ExpOfMinus(exponent);
  return {.limit = static_cast<std::uint64_t>((phi + kSlack) >> (kBits - 64))};
}

Bytes LeadershipMessage(Slot slot, const Hash& epoch_nonce) {
  Writer out;
  out.Raw(AsBytes("NOMOS_LEADER_V1"));
  out.U64(slot);
  out.Put(epoch_nonce);
  return out.Take();
}

std::uint64_t Ticket(const NoteId& note, const Signature& leadership) {
  const Hash hash = Hasher("NOMOS_TICKET_V1").Add(note).Add(leadership.span()).Finish();
  std::uint64_t ticket = 0;
  for (int i = 0; i < 8; ++i) ticket = ticket << 8 | hash.bytes[i];
  return ticket;
}

Hash Entropy(const Signature& leadership) {
  return Hasher("NOMOS_ENTROPY_V1").Add(leadership.span()).Finish();
}

Hash NextNonce(const Hash& nonce, const Hash& entropy, Slot slot) {
  return Hasher("EPOCH_NONCE_V1").Add(nonce).Add(entropy).AddU64(slot).Finish();
}

std::ostream& operator<<(std::ostream& out, const Threshold& threshold) {
  return out << threshold.Decimal();
}

}  // namespace gtestnet::node
