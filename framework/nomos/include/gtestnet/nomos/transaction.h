// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_NOMOS_TRANSACTION_H_
#define GTESTNET_NOMOS_TRANSACTION_H_

#include <array>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "gtestnet/chain/record.h"
#include "gtestnet/record.h"

namespace gtestnet::nomos {

// Ids, hashes and public keys are text everywhere: 64 lower-case hexadecimal digits.

// An Ed25519 key. A value; any thread may use it.
class KeyPair {
 public:
  static KeyPair FromSeed(const std::array<uint8_t, 32>& seed);

  const std::string& public_key() const { return public_key_; }
  // Deterministic: one message has one signature.
  std::array<uint8_t, 64> Sign(std::span<const uint8_t> message) const;

 private:
  KeyPair() = default;
  std::string public_key_;
  std::array<uint8_t, 64> secret_{};
};

// An amount that belongs to a key until a transaction spends it.
struct Note {
  std::string id = {};
  uint64_t value = 0;
  std::string public_key = {};
  friend bool operator==(const Note&, const Note&) = default;
};

// A transaction that is ready to be submitted; see NodeClient::Submit.
struct SignedTransaction {
  std::string hash = {};
  std::string json = {};                   // the body of POST /mempool/add/tx
  std::vector<Note> spends = {};           // in the order of its inputs
  std::vector<Note> makes = {};            // its outputs, in order
  std::vector<std::string> messages = {};  // ids of its channel messages, in order
};

// One message on a channel.
struct Inscription {
  std::string channel = {};
  std::string bytes = {};
  // Id of the channel's last message; empty for the first one, which makes the channel.
  std::string parent = {};
};

// What is wrong with a transaction that is wrong on purpose.
enum class Flaw {
  kUnbalanced,       // its first output is one unit more than there is
  kBadSignature,     // the signature of its first input has a bit turned
  kMissingNote,      // its first input is a note that never was
  kDoubleSpend,      // its first input was spent before; Build leaves that to you
  kTooLarge,         // a message of more bytes than a transaction may have
  kSpendsTwice,      // its first input is there twice, and paid out twice
  kBadMessageProof,  // the proof of its first message has a bit turned
  kNoMessageProof,   // the proof of its first message is left out
};

// Makes transactions: transfers of notes, messages on channels, or both in one.
//
//   absl::StatusOr<SignedTransaction> transaction =
//       Transfer().Spend(note, key).Pay(receiver, 60).Pay(key.public_key(), 40).Build();
//
// Two of them that spend one note are a double spend. Wrong ones are made by With:
//
//   Transfer().Spend(note, key).Pay(receiver, note.value).With(Flaw::kBadSignature).Build();
class Transfer {
 public:
  // `owner` must be the note's key.
  Transfer& Spend(const Note& note, const KeyPair& owner);
  Transfer& Pay(std::string public_key, uint64_t value);
  Transfer& Inscribe(Inscription message, const KeyPair& signer);
  Transfer& With(Flaw flaw);

  // kInvalidArgument for what no node would take: outputs that are not the sum of the inputs, an
  // output of nothing, another's key, more than 255 of a sort, an id that is none; unless a flaw
  // that was asked for makes it so.
  absl::StatusOr<SignedTransaction> Build() const;

 private:
  struct Input {
    Note note = {};
    KeyPair owner;
  };
  struct Message {
    Inscription inscription = {};
    KeyPair signer;
  };
  bool Has(Flaw flaw) const;

  std::vector<Input> inputs_;
  std::vector<Note> outputs_;
  std::vector<Message> messages_;
  std::vector<Flaw> flaws_;
};

// As a record has them.
std::vector<chain::NoteRecord> ToRecords(const std::vector<Note>& notes);

std::ostream& operator<<(std::ostream& os, const Note& note);
std::ostream& operator<<(std::ostream& os, const SignedTransaction& transaction);
std::ostream& operator<<(std::ostream& os, Flaw flaw);
// "bad signature" → kBadSignature: what the operator above writes; nothing for any other text.
std::optional<Flaw> FlawNamed(std::string_view text);

}  // namespace gtestnet::nomos

#endif  // GTESTNET_NOMOS_TRANSACTION_H_
