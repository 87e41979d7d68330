// SPDX-License-Identifier: Apache-2.0
#include "telemetry/otlp_sender.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <mutex>

#include "testing/await.h"
#include "testing/collector.h"

namespace gtestnet::node {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class OtlpSenderTest : public testing::Test {
 protected:
  OtlpSenderOptions Options(const OtlpUrl& url) {
    OtlpSenderOptions options;
    options.url = url;
    options.next = [this]() -> std::optional<OtlpBatch> {
      const std::lock_guard lock(mutex_);
      if (waiting_.empty()) return std::nullopt;
      OtlpBatch batch{waiting_.front(), waiting_.front().size()};
      waiting_.pop_front();
      return batch;
    };
    options.on_problem = [this](const std::string& problem) {
      const std::lock_guard lock(mutex_);
      problems_.push_back(problem);
    };
    options.period = milliseconds(2);
    options.first_pause = milliseconds(2);
    options.last_pause = milliseconds(10);
    return options;
  }
  void Give(std::string body) {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(body));
  }
  std::vector<std::string> problems() {
    const std::lock_guard lock(mutex_);
    return problems_;
  }
  static std::vector<std::string> Bodies(const Collector& collector) {
    std::vector<std::string> bodies;
    for (const Collector::Received& one : collector.received()) bodies.push_back(one.body);
    return bodies;
  }

  std::mutex mutex_;
  std::deque<std::string> waiting_;
  std::vector<std::string> problems_;
};

TEST_F(OtlpSenderTest, SendsEachBatchInOrderAsJson) {
  Collector collector;
  OtlpSender sender(Options(collector.Url("/v1/traces")));
  Give("{}");
  Give("[1]");
  ASSERT_TRUE(Await([&] { return collector.received().size() == 2; }));
  EXPECT_THAT(Bodies(collector), ElementsAre("{}", "[1]"));
  EXPECT_EQ(collector.received()[0].path, "/v1/traces");
  EXPECT_EQ(collector.received()[0].content_type, "application/json");
  sender.Stop();
  EXPECT_EQ(sender.counts().sent, 5u);
  EXPECT_EQ(sender.counts().dropped, 0u);
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(OtlpSenderTest, WhatMayBeTriedAgainIsTriedAgainAndToldOfOnce) {
  Collector collector;
  collector.Answer(503);
  OtlpSender sender(Options(collector.Url("/")));
  Give("abc");
  ASSERT_TRUE(Await([&] { return collector.received().size() >= 3; }));
  collector.Answer(200);
  ASSERT_TRUE(Await([&] { return sender.counts().sent == 3; }));
  EXPECT_EQ(sender.counts().dropped, 0u);
  EXPECT_GE(sender.counts().failures, 3u);
  EXPECT_THAT(problems(), ElementsAre("the OTLP collector " + collector.Url("/").ToString() +
                                      " does not take what is sent to it: it answers with HTTP "
                                      "status 503"));
}

TEST_F(OtlpSenderTest, WhatTheCollectorRefusesIsDroppedAndCounted) {
  Collector collector;
  collector.Answer(400);
  OtlpSender sender(Options(collector.Url("/")));
  Give("abc");
  ASSERT_TRUE(Await([&] { return sender.counts().dropped == 3; }));
  collector.Answer(200, R"({"partialSuccess":{"rejectedSpans":"2","errorMessage":"too old"}})");
  Give("abcde");
  ASSERT_TRUE(Await([&] { return sender.counts().sent == 3; }));
  EXPECT_EQ(sender.counts().dropped, 5u);
  EXPECT_THAT(problems(), SizeIs(1));
}

TEST_F(OtlpSenderTest, OneThatKeepsNothingDropsAtOnce) {
  Collector collector;
  collector.Answer(503);
  OtlpSenderOptions options = Options(collector.Url("/"));
  options.keeps = false;
  OtlpSender sender(std::move(options));
  Give("abc");
  ASSERT_TRUE(Await([&] { return sender.counts().dropped == 3; }));
  EXPECT_THAT(collector.received(), SizeIs(1));
}

TEST_F(OtlpSenderTest, ACollectorThatComesLaterGetsWhatWasKept) {
  Address address;
  { address = Collector().address(); }  // free, and nobody is there
  OtlpSender sender(Options({address.host, address.port, "/"}));
  Give("abc");
  ASSERT_TRUE(Await([&] { return sender.counts().failures >= 2; }));
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("no connection: Connection refused")));
  Collector collector(address.port);
  ASSERT_TRUE(Await([&] { return sender.counts().sent == 3; }));
  EXPECT_THAT(Bodies(collector), ElementsAre("abc"));
}

TEST_F(OtlpSenderTest, ACollectorThatStartsAgainIsAFreshConnectionAndNoProblem) {
  auto collector = std::make_unique<Collector>();
  const Address address = collector->address();
  OtlpSender sender(Options(collector->Url("/")));
  Give("a");
  ASSERT_TRUE(Await([&] { return sender.counts().sent == 1; }));
  collector.reset();
  collector = std::make_unique<Collector>(address.port);
  Give("b");
  ASSERT_TRUE(Await([&] { return sender.counts().sent == 2; }));
  EXPECT_THAT(Bodies(*collector), ElementsAre("b"));
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(OtlpSenderTest, ACollectorThatDoesNotAnswerIsGivenUpInTime) {
  Collector collector(0, /*silent=*/true);
  OtlpSenderOptions options = Options(collector.Url("/"));
  options.timeout = milliseconds(20);
  OtlpSender sender(std::move(options));
  Give("abc");
  ASSERT_TRUE(Await([&] { return sender.counts().failures >= 2; }));
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("no answer: nothing in 20 ms")));
}

TEST_F(OtlpSenderTest, TheEndSendsWhatIsThere) {
  Collector collector;
  OtlpSenderOptions options = Options(collector.Url("/"));
  options.period = milliseconds(60'000);
  options.farewell = milliseconds(60'000);  // which it does not take
  OtlpSender sender(std::move(options));
  Give("a");
  Give("b");
  sender.Stop();
  EXPECT_THAT(Bodies(collector), ElementsAre("a", "b"));
  EXPECT_EQ(sender.counts().sent, 2u);
}

TEST_F(OtlpSenderTest, TheEndDoesNotWaitForACollectorThatDoesNotAnswer) {
  Collector collector(0, /*silent=*/true);
  OtlpSenderOptions options = Options(collector.Url("/"));
  options.timeout = std::chrono::hours(1);
  options.farewell = milliseconds(20);
  OtlpSender sender(std::move(options));
  Give("abc");
  ASSERT_TRUE(Await([&] {
    const std::lock_guard lock(mutex_);
    return waiting_.empty();
  }));
  sender.Stop();
  EXPECT_EQ(sender.counts().dropped, 3u);
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(OtlpSenderTest, ANameThatDoesNotResolveIsTold) {
  OtlpSender sender(Options({"no-such-host.invalid", 4318, "/"}));
  Give("abc");
  ASSERT_TRUE(Await([&] { return !problems().empty(); }));
  EXPECT_THAT(problems()[0], HasSubstr("http://no-such-host.invalid:4318/ does not take"));
}

}  // namespace
}  // namespace gtestnet::node
