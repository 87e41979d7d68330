// SPDX-License-Identifier: Apache-2.0
// The core of data availability under peers' messages, wants and requests.
#include <deque>

#include "da_message.h"
#include "da_rig.h"
#include "test_support.h"
#include "testing/fuzz.h"

namespace gtestnet::node::fuzz {
namespace {

using namespace testing_support;

}  // namespace

std::vector<std::string> Seeds() {
  ColumnSet columns;
  columns.set(1);
  std::vector<std::string> seeds;
  for (const DaMessage& message :
       std::vector<DaMessage>{Disperse{1, {}, {Share{}}}, Dispersed{1, columns},
                              GetShares{2, Filled(3), columns}, SharesAnswer{2, {}, {Share{}}}}) {
    const Bytes bytes = EncodeDaMessage(message);
    std::string text("\x00\x01\x02\x01", 4);
    text += static_cast<char>(std::min<std::size_t>(bytes.size(), 255));
    seeds.push_back(text + std::string(bytes.begin(), bytes.end()));
  }
  seeds.emplace_back("\x00\x01\x00\x02\x03\x01\x04\x05\x05\x00\x06\x01\x01\x05", 14);
  return seeds;
}

void Try(std::string_view input) {
  Choices choices(input);
  MemoryShareStore store;
  const FakeKzg kzg;
  DaOptions options;
  options.identifier = "n0";
  options.members = {"n0", "n1", "n2"};
  options.retention_slots = 20;
  DaEngine engine(options, &store);
  Demand(engine.Restore().ok(), "an empty store is restored");
  Millis now = 1'000'000;
  Slot slot = 1;
  std::uint64_t token = 0;
  std::uint64_t replies = 0;
  const ExtendedBlob blob = kzg.Extend(Bytes{1, 2, 3}).value();
  const BlobId known = BlobIdOf(blob.commitment);
  std::deque<DaEvent> waiting;
  const auto some_blob = [&] { return choices.Below(2) == 0 ? known : Filled(choices.Byte()); };
  const auto feed = [&](DaEvent event) {
    waiting.push_back(std::move(event));
    for (int steps = 0; !waiting.empty() && steps < 200; ++steps) {
      DaEvent next = std::move(waiting.front());
      waiting.pop_front();
      for (DaAction& action : engine.Handle(std::move(next), now)) {
        if (auto* job = std::get_if<KzgJob>(&action))
          waiting.push_back(RunKzgJob(kzg, std::move(*job)));
        if (std::holds_alternative<DaReply>(action)) ++replies;
        if (auto* submit = std::get_if<SubmitBlobTx>(&action)) {
          waiting.push_back(BlobTxSubmitted{submit->token, absl::OkStatus()});
        }
      }
    }
  };
  while (!choices.done()) {
    const PeerId peer = 1 + choices.Below(3);
    switch (choices.Below(10)) {
      case 0:
        feed(DaPeerConnected{peer, "n" + std::to_string(peer), choices.Below(2) == 0});
        break;
      case 1:
        feed(DaPeerDisconnected{peer});
        break;
      case 2: {
        const std::string_view bytes = choices.Take(choices.Byte());
        feed(DaBytesReceived{peer, Bytes(bytes.begin(), bytes.end())});
        break;
      }
      case 3: {
        Shares shares;
        for (std::uint32_t i = choices.Below(4); i > 0; --i) {
          shares.push_back(blob.shares[choices.Below(kColumns)]);
        }
        const std::uint32_t request = choices.Byte();
        const DaMessage message = choices.Below(2) == 0
                                      ? DaMessage(Disperse{request, blob.commitment, shares})
                                      : DaMessage(SharesAnswer{request, blob.commitment, shares});
        feed(DaBytesReceived{peer, EncodeDaMessage(message)});
        break;
      }
      case 4:
        feed(WantBlobs{{some_blob()}});
        break;
      case 5:
        slot += choices.Below(5);
        now += 100 * static_cast<Millis>(1 + choices.Below(20));
        feed(DaTick{slot});
        break;
      case 6:
        feed(DisperseBlob{++token, Filled(choices.Byte()), {}, Bytes(1 + choices.Byte())});
        break;
      case 7:
        feed(AddShare{++token, blob.commitment, blob.shares[choices.Below(kColumns)]});
        break;
      case 8:
        feed(ReconstructBlob{++token, some_blob()});
        break;
      default:
        feed(CheckBlobs{++token, {some_blob(), some_blob()}});
    }
    Demand(replies <= token, "a request is answered once");
  }
}

}  // namespace gtestnet::node::fuzz
