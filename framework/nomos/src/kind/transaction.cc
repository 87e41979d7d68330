// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/nomos/transaction.h"

#include <sodium.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <ostream>
#include <sstream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/src/base/hash.h"
#include "core/src/base/status.h"
#include "gtestnet/chain/record.h"
#include "nomos/src/kind/encoding.h"

namespace gtestnet::nomos {
namespace {

using base::Hash32;
using base::ParseHash;
using base::ToHex;

// Of an inscription: what fits into a transaction of 64 KiB beside the rest.
constexpr size_t kMaxInscriptionBytes = 60 * 1024;

absl::StatusOr<Hash32> ParseId(std::string_view what, const std::string& hex) {
  if (std::optional<Hash32> id = ParseHash(hex)) return *id;
  return InvalidArgument(absl::StrCat("transaction: ", ToAbsl(what), " \"", hex.substr(0, 80),
                                      "\" is not 64 hexadecimal digits"));
}

absl::Status CheckCount(const char* what, size_t count) {
  if (count <= kMaxCount) return absl::OkStatus();
  return InvalidArgument(
      absl::StrCat("transaction: it has ", count, " ", what, "; at most 255 are possible"));
}

// The sum, or nothing on overflow.
std::optional<uint64_t> Sum(const std::vector<Note>& notes) {
  uint64_t sum = 0;
  for (const Note& note : notes) {
    if (note.value > std::numeric_limits<uint64_t>::max() - sum) return std::nullopt;
    sum += note.value;
  }
  return sum;
}

absl::Status CheckBalance(const std::vector<Note>& spends, const std::vector<Note>& makes) {
  for (const Note& note : makes) {
    if (note.value == 0) return InvalidArgument("transaction: an output has no value");
  }
  const std::optional<uint64_t> in = Sum(spends);
  const std::optional<uint64_t> out = Sum(makes);
  if (!in || !out) return InvalidArgument("transaction: the sum of its notes overflows");
  if (*in == *out) return absl::OkStatus();
  return InvalidArgument(absl::StrCat("transaction: its inputs are worth ", *in,
                                      " and its outputs ", *out, "; they must be equal"));
}

absl::StatusOr<InscriptionOp> ToOperation(const Inscription& message, const KeyPair& signer,
                                          bool any_size) {
  InscriptionOp op;
  op.bytes = message.bytes;
  if (op.bytes.size() > kMaxInscriptionBytes && !any_size) {
    return InvalidArgument(absl::StrCat("transaction: a message has ", op.bytes.size(),
                                        " bytes; at most ", kMaxInscriptionBytes, " are possible"));
  }
  GTESTNET_ASSIGN_OR_RETURN(op.channel, ParseId("the channel", message.channel));
  if (!message.parent.empty()) {
    GTESTNET_ASSIGN_OR_RETURN(op.parent, ParseId("a message's parent", message.parent));
  }
  GTESTNET_ASSIGN_OR_RETURN(op.signer, ParseId("a signer", signer.public_key()));
  return op;
}

void Spoil(std::array<uint8_t, 64>& signature) { signature[5] ^= 1; }

}  // namespace

KeyPair KeyPair::FromSeed(const std::array<uint8_t, 32>& seed) {
  static const int ready = sodium_init();
  static_cast<void>(ready);
  KeyPair pair;
  Hash32 public_key;
  static_assert(crypto_sign_SECRETKEYBYTES == 64 && crypto_sign_PUBLICKEYBYTES == 32);
  crypto_sign_seed_keypair(public_key.data(), pair.secret_.data(), seed.data());
  pair.public_key_ = ToHex(public_key);
  return pair;
}

std::array<uint8_t, 64> KeyPair::Sign(std::span<const uint8_t> message) const {
  std::array<uint8_t, 64> signature;
  crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(), secret_.data());
  return signature;
}

Transfer& Transfer::Spend(const Note& note, const KeyPair& owner) {
  inputs_.push_back({note, owner});
  return *this;
}

Transfer& Transfer::Pay(std::string public_key, uint64_t value) {
  outputs_.push_back({{}, value, std::move(public_key)});
  return *this;
}

Transfer& Transfer::Inscribe(Inscription message, const KeyPair& signer) {
  messages_.push_back({std::move(message), signer});
  return *this;
}

Transfer& Transfer::With(Flaw flaw) {
  flaws_.push_back(flaw);
  return *this;
}

bool Transfer::Has(Flaw flaw) const {
  return std::find(flaws_.begin(), flaws_.end(), flaw) != flaws_.end();
}

absl::StatusOr<SignedTransaction> Transfer::Build() const {
  std::vector<Input> inputs = inputs_;
  const bool wants_input =
      Has(Flaw::kBadSignature) || Has(Flaw::kMissingNote) || Has(Flaw::kSpendsTwice);
  const bool wants_message =
      Has(Flaw::kBadMessageProof) || Has(Flaw::kNoMessageProof) || Has(Flaw::kTooLarge);
  if ((wants_input && inputs.empty()) || (wants_message && messages_.empty()) ||
      ((Has(Flaw::kUnbalanced) || Has(Flaw::kSpendsTwice)) && outputs_.empty())) {
    return InvalidArgument("transaction: there is nothing that its flaw could be in");
  }
  if (Has(Flaw::kMissingNote)) {
    inputs.front().note.id =
        ToHex(base::Hasher("GTESTNET_MISSING_NOTE").Add(inputs.front().note.id).Finish());
  }
  std::vector<Note> outputs = outputs_;
  if (Has(Flaw::kSpendsTwice)) {
    // Whoever counts the note twice finds the transaction in order.
    inputs.push_back(inputs.front());
    outputs.front().value += inputs.front().note.value;
  }
  if (Has(Flaw::kUnbalanced)) ++outputs.front().value;
  GTESTNET_RETURN_IF_ERROR(CheckCount("inputs", inputs.size()));
  GTESTNET_RETURN_IF_ERROR(CheckCount("outputs", outputs.size()));
  GTESTNET_RETURN_IF_ERROR(CheckCount("messages", messages_.size()));

  SignedTransaction transaction;
  transaction.makes = std::move(outputs);
  SignedTx encoded;
  for (const Input& input : inputs) {
    if (input.note.public_key != input.owner.public_key()) {
      return InvalidArgument(absl::StrCat("transaction: note ", input.note.id,
                                          " does not belong to the key that is to spend it"));
    }
    GTESTNET_ASSIGN_OR_RETURN(const Hash32 id, ParseId("the id of a note", input.note.id));
    encoded.tx.ledger.inputs.push_back(id);
    transaction.spends.push_back(input.note);
  }
  for (const Note& output : transaction.makes) {
    GTESTNET_ASSIGN_OR_RETURN(const Hash32 key, ParseId("the public key", output.public_key));
    encoded.tx.ledger.outputs.push_back({output.value, key});
  }
  if (!Has(Flaw::kUnbalanced)) {
    GTESTNET_RETURN_IF_ERROR(CheckBalance(transaction.spends, transaction.makes));
  }
  for (const Message& message : messages_) {
    GTESTNET_ASSIGN_OR_RETURN(
        InscriptionOp op, ToOperation(message.inscription, message.signer, Has(Flaw::kTooLarge)));
    transaction.messages.push_back(ToHex(MessageId(op)));
    encoded.tx.operations.push_back(std::move(op));
  }

  const Hash32 hash = HashOf(encoded.tx);
  for (const Input& input : inputs) encoded.input_signatures.push_back(input.owner.Sign(hash));
  for (const Message& message : messages_) {
    encoded.operation_proofs.push_back(message.signer.Sign(hash));
  }
  if (Has(Flaw::kBadSignature)) Spoil(encoded.input_signatures.front());
  if (Has(Flaw::kBadMessageProof)) Spoil(encoded.operation_proofs.front());
  if (Has(Flaw::kNoMessageProof)) {
    encoded.operation_proofs.erase(encoded.operation_proofs.begin());
  }
  const std::vector<Hash32> ids = NoteIds(encoded.tx.ledger);
  for (size_t i = 0; i < ids.size(); ++i) transaction.makes[i].id = ToHex(ids[i]);
  transaction.hash = ToHex(hash);
  transaction.json = ToJson(encoded);
  return transaction;
}

std::vector<chain::NoteRecord> ToRecords(const std::vector<Note>& notes) {
  std::vector<chain::NoteRecord> records;
  for (const Note& note : notes) records.push_back({note.id, note.value});
  return records;
}

std::ostream& operator<<(std::ostream& os, const Note& note) {
  return os << "note " << note.id << " of " << note.value;
}

std::ostream& operator<<(std::ostream& os, const SignedTransaction& transaction) {
  return os << "transaction " << transaction.hash << " (" << transaction.spends.size()
            << " inputs, " << transaction.makes.size() << " outputs, "
            << transaction.messages.size() << " messages)";
}

std::ostream& operator<<(std::ostream& os, Flaw flaw) {
  switch (flaw) {
    case Flaw::kUnbalanced:
      return os << "unbalanced";
    case Flaw::kBadSignature:
      return os << "bad signature";
    case Flaw::kMissingNote:
      return os << "missing note";
    case Flaw::kDoubleSpend:
      return os << "double spend";
    case Flaw::kTooLarge:
      return os << "too large";
    case Flaw::kSpendsTwice:
      return os << "spends twice";
    case Flaw::kBadMessageProof:
      return os << "bad message proof";
    case Flaw::kNoMessageProof:
      break;
  }
  return os << "no message proof";
}

std::optional<Flaw> FlawNamed(std::string_view text) {
  for (int i = 0; i <= static_cast<int>(Flaw::kNoMessageProof); ++i) {
    std::ostringstream name;
    name << static_cast<Flaw>(i);
    if (name.str() == text) return static_cast<Flaw>(i);
  }
  return std::nullopt;
}

}  // namespace gtestnet::nomos
