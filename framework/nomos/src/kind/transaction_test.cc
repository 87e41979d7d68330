// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/nomos/transaction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sodium.h>

#include <sstream>
#include <string>

#include "core/src/base/hash.h"
#include "gtestnet/chain/record.h"

namespace gtestnet::nomos {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

KeyPair Key(uint8_t n) {
  std::array<uint8_t, 32> seed{};
  seed[0] = n;
  return KeyPair::FromSeed(seed);
}

Note NoteOf(const KeyPair& owner, uint64_t value, char digit = 'a') {
  return {std::string(64, digit), value, owner.public_key()};
}

std::string Refusal(const Transfer& transfer) {
  const auto built = transfer.Build();
  return built.ok() ? "" : std::string(built.status().message());
}

TEST(KeyPairTest, SignsSoThatItsPublicKeyVerifies) {
  const std::array<uint8_t, 3> message = {1, 2, 3};
  const auto signature = Key(1).Sign(message);
  const auto public_key = base::ParseHash(Key(1).public_key()).value();
  EXPECT_EQ(crypto_sign_verify_detached(signature.data(), message.data(), message.size(),
                                        public_key.data()),
            0);
  EXPECT_EQ(Key(1).Sign(message), signature);
  EXPECT_NE(Key(2).public_key(), Key(1).public_key());
}

TEST(TransferTest, TellsWhatItSpendsAndMakes) {
  const auto built = Transfer()
                         .Spend(NoteOf(Key(1), 100), Key(1))
                         .Pay(Key(2).public_key(), 60)
                         .Pay(Key(1).public_key(), 40)
                         .Build();
  ASSERT_TRUE(built.ok()) << built.status();
  EXPECT_THAT(built->spends, ElementsAre(NoteOf(Key(1), 100)));
  EXPECT_THAT(built->makes, ElementsAre(AllOf(Field(&Note::value, 60), Field(&Note::id, SizeIs(64)),
                                              Field(&Note::public_key, Key(2).public_key())),
                                        Field(&Note::value, 40)));
  EXPECT_NE(built->makes[0].id, built->makes[1].id);
  EXPECT_THAT(built->hash, SizeIs(64));
  EXPECT_THAT(built->json, HasSubstr("\"inputs\":[\"" + std::string(64, 'a') + "\"]"));
  EXPECT_THAT(ToRecords(built->makes), ElementsAre(chain::NoteRecord{built->makes[0].id, 60},
                                                   chain::NoteRecord{built->makes[1].id, 40}));
}

TEST(TransferTest, IsTheSameForTheSameContent) {
  const Transfer transfer = Transfer().Spend(NoteOf(Key(1), 5), Key(1)).Pay(Key(2).public_key(), 5);
  EXPECT_EQ(transfer.Build()->json, transfer.Build()->json);
  Transfer other = transfer;
  other.Inscribe({.channel = std::string(64, 'c'), .bytes = "x"}, Key(1));
  EXPECT_NE(other.Build()->hash, transfer.Build()->hash);
  EXPECT_EQ(other.Build()->makes, transfer.Build()->makes);
}

TEST(TransferTest, CarriesMessages) {
  const std::string channel(64, 'c');
  const auto first = Transfer().Inscribe({.channel = channel, .bytes = "one"}, Key(1)).Build();
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_THAT(first->messages, SizeIs(1));
  const auto second =
      Transfer()
          .Inscribe({.channel = channel, .bytes = "two", .parent = first->messages[0]}, Key(1))
          .Build();
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_THAT(second->json,
              AllOf(HasSubstr("\"parent\":\"" + first->messages[0]),
                    HasSubstr("\"inscription\":[116,119,111]"), HasSubstr("Ed25519Sig")));
  EXPECT_THAT(second->spends, IsEmpty());
}

TEST(TransferTest, RefusesWhatNoNodeWouldTake) {
  const std::string key = Key(2).public_key();
  const Note note = NoteOf(Key(1), 100);
  EXPECT_EQ(Refusal(Transfer().Spend(note, Key(1)).Pay(key, 99)),
            "transaction: its inputs are worth 100 and its outputs 99; they must be equal");
  EXPECT_EQ(Refusal(Transfer().Spend(note, Key(1)).Pay(key, 100).Pay(key, 0)),
            "transaction: an output has no value");
  EXPECT_THAT(Refusal(Transfer().Spend(note, Key(2)).Pay(key, 100)),
              HasSubstr("does not belong to the key"));
  EXPECT_EQ(Refusal(Transfer().Spend(note, Key(1)).Pay("bob", 100)),
            "transaction: the public key \"bob\" is not 64 hexadecimal digits");
  EXPECT_THAT(Refusal(Transfer().Inscribe({.channel = "c", .bytes = ""}, Key(1))),
              HasSubstr("the channel \"c\" is not 64"));
  EXPECT_THAT(Refusal(Transfer()
                          .Spend(NoteOf(Key(1), UINT64_MAX), Key(1))
                          .Spend(NoteOf(Key(1), 2), Key(1))
                          .Pay(key, 1)),
              HasSubstr("overflows"));
  EXPECT_THAT(Refusal(Transfer().Inscribe(
                  {.channel = std::string(64, 'c'), .bytes = std::string(70000, 'x')}, Key(1))),
              HasSubstr("70000 bytes"));
  Transfer many;
  for (int i = 0; i < 256; ++i) many.Spend(NoteOf(Key(1), 1), Key(1));
  EXPECT_EQ(Refusal(many.Pay(key, 256)),
            "transaction: it has 256 inputs; at most 255 are possible");
}

TEST(TransferTest, IsWrongWhereItIsToBe) {
  const Note note = NoteOf(Key(1), 100);
  const Transfer sound = Transfer()
                             .Spend(note, Key(1))
                             .Pay(Key(2).public_key(), 100)
                             .Inscribe({.channel = std::string(64, 'c'), .bytes = "x"}, Key(1));
  const auto with = [&](Flaw flaw) {
    const auto built = Transfer(sound).With(flaw).Build();
    EXPECT_TRUE(built.ok()) << built.status();
    return *built;
  };
  const SignedTransaction good = *sound.Build();
  EXPECT_EQ(with(Flaw::kUnbalanced).makes[0].value, 101u);
  EXPECT_EQ(with(Flaw::kBadSignature).hash, good.hash);
  EXPECT_NE(with(Flaw::kBadSignature).json, good.json);
  EXPECT_NE(with(Flaw::kMissingNote).spends[0].id, note.id);
  EXPECT_THAT(with(Flaw::kSpendsTwice).spends, ElementsAre(note, note));
  EXPECT_EQ(with(Flaw::kSpendsTwice).makes[0].value, 200u);
  EXPECT_EQ(with(Flaw::kBadMessageProof).hash, good.hash);
  EXPECT_NE(with(Flaw::kBadMessageProof).json, good.json);
  EXPECT_THAT(with(Flaw::kNoMessageProof).json, HasSubstr("\"ops_proofs\":[]"));
  EXPECT_THAT(good.json, Not(HasSubstr("\"ops_proofs\":[]")));
}

TEST(TransferTest, SaysThatAFlawHasNoPlace) {
  for (Flaw flaw : {Flaw::kUnbalanced, Flaw::kBadSignature, Flaw::kMissingNote, Flaw::kSpendsTwice,
                    Flaw::kBadMessageProof, Flaw::kNoMessageProof}) {
    EXPECT_THAT(Refusal(Transfer().With(flaw)), HasSubstr("nothing that its flaw could be in"))
        << flaw;
  }
}

TEST(TransferTest, PrintsItself) {
  std::ostringstream os;
  os << NoteOf(Key(1), 7) << "; " << Flaw::kSpendsTwice << "; "
     << *Transfer().Inscribe({.channel = std::string(64, 'c'), .bytes = ""}, Key(1)).Build();
  EXPECT_THAT(os.str(), HasSubstr("note aaaa"));
  EXPECT_THAT(os.str(), HasSubstr("spends twice; transaction "));
  EXPECT_THAT(os.str(), HasSubstr("(0 inputs, 0 outputs, 1 messages)"));
}

}  // namespace
}  // namespace gtestnet::nomos
