// SPDX-License-Identifier: Apache-2.0
// Peers' messages, of consensus and of data availability: what is taken is encoded to the same
// bytes.
#include "block_maker.h"
#include "da_message.h"
#include "message.h"
#include "testing/fuzz.h"

namespace gtestnet::node::fuzz {
namespace {

using namespace testing_support;

std::string Text(char kind, const Bytes& bytes) {
  return kind + std::string(bytes.begin(), bytes.end());
}

}  // namespace

std::vector<std::string> Seeds() {
  BlockMaker maker(AlwaysWinning(5));
  const SignedMantleTx transfer = Transfer({AliceCoin(0)}, {NoteFor(kBob, 100)});
  const BlockPtr block = maker.Make(maker.genesis(), 1, 1, {transfer, Inscribe(9, {}, kAlice)});
  std::vector<std::string> seeds;
  for (const Message& message : std::vector<Message>{
           Tip{block->id, 1}, GetTip{}, GetBlocks{7, block->id, {maker.genesis()}},
           Blocks{7, {block}}, NewBlock{block}, Transactions{{transfer}},
           Transactions{{BringBlob(3, {}, kAlice, Filled(4))}}, DataMessage{{1, 2, 3}}}) {
    seeds.push_back(Text('c', EncodeMessage(message)));
  }
  ColumnSet columns;
  columns.set(1);
  for (const DaMessage& message :
       std::vector<DaMessage>{Disperse{1, {}, {Share{}}}, Dispersed{1, columns},
                              GetShares{2, Filled(3), columns}, SharesAnswer{2, {}, {Share{}}}}) {
    seeds.push_back(Text('d', EncodeDaMessage(message)));
  }
  return seeds;
}

void Try(std::string_view input) {
  Choices choices(input);
  const bool is_da = choices.Byte() == 'd';
  const std::string_view text = choices.Rest();
  const Bytes bytes(text.begin(), text.end());
  if (is_da) {
    const absl::StatusOr<DaMessage> message = DecodeDaMessage(bytes);
    if (message.ok()) Demand(EncodeDaMessage(*message) == bytes, "a DaMessage is the same again");
    return;
  }
  const absl::StatusOr<Message> message = DecodeMessage(bytes);
  if (message.ok()) Demand(EncodeMessage(*message) == bytes, "a message is the same again");
}

}  // namespace gtestnet::node::fuzz
