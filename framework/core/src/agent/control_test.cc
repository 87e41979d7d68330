// SPDX-License-Identifier: Apache-2.0
#include "core/src/agent/control.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gtestnet::agent {
namespace {

using base::HttpResponse;
using testing::HasSubstr;

class ControlTest : public testing::Test {
 protected:
  ControlTest()
      : supervisor_(MakeOptions()), control_(&supervisor_, "n", "a-long-token", [this](pid_t pid) {
          return pid == 101 ? usage_ : std::nullopt;
        }) {}

  SupervisorOptions MakeOptions() {
    SupervisorOptions options;
    options.name = "n";
    options.spawn = [] { return absl::StatusOr<pid_t>(101); };
    options.signal = options.signal_all = [](pid_t, int) {};
    options.after = [this](std::chrono::milliseconds delay, auto task) {
      delays_.push_back(delay.count());
      later_.push_back(std::move(task));
    };
    options.leave = [](int) {};
    return options;
  }
  // Status 0 when the answer is still to come.
  HttpResponse Ask(const std::string& method, const std::string& target,
                   const std::string& body = "") {
    last_.reset();
    control_.Handle(
        {.method = method, .target = target, .body = body, .authorization = authorization_},
        [this](HttpResponse response) { last_ = std::move(response); });
    return last_.value_or(HttpResponse{});
  }

  std::string authorization_ = "Bearer a-long-token";
  std::vector<int64_t> delays_;
  std::vector<std::function<void()>> later_;
  std::optional<HttpResponse> last_;
  std::optional<ProcessUsage> usage_;
  Supervisor supervisor_;
  Control control_;
};

TEST_F(ControlTest, WantsTheToken) {
  for (const char* wrong : {"", "a-long-token", "Bearer", "Bearer ", "Bearer a-long-tokem",
                            "Bearer a-long-token2", "Basic a-long-token", "Bearer  a-long-token"}) {
    authorization_ = wrong;
    EXPECT_EQ(Ask("GET", "/state").status, 401) << wrong;
    EXPECT_EQ(Ask("POST", "/start").status, 401) << wrong;
    EXPECT_EQ(Ask("GET", "/usage").status, 401) << wrong;
    EXPECT_EQ(Ask("GET", "/nowhere").status, 401) << wrong;
  }
  EXPECT_EQ(supervisor_.report().starts, 0);
}

TEST_F(ControlTest, DoesTheVerbs) {
  EXPECT_EQ(Ask("GET", "/state?wait_ms=0").body,
            R"({"name":"n","state":"stopped","change":"1.0","starts":0,"pid":null,"verb":null,)"
            R"("exit":null})"
            "\n");
  EXPECT_EQ(Ask("POST", "/start?name=n").status, 200);
  EXPECT_EQ(Ask("POST", "/pause", "{}").status, 0);
  supervisor_.OnStopped(101);
  EXPECT_THAT(last_->body, HasSubstr(R"("state":"paused")"));
  EXPECT_EQ(Ask("POST", "/resume").status, 0);
  supervisor_.OnContinued(101);
  EXPECT_THAT(last_->body, HasSubstr(R"("state":"running")"));
  EXPECT_EQ(Ask("POST", "/kill").status, 0);
  supervisor_.OnExit(101, SIGKILL);
  EXPECT_EQ(last_->status, 200);
  EXPECT_THAT(last_->body,
              HasSubstr(R"x("exit":{"how":"signal 9 (SIGKILL)","code":137,"asked":true})x"));
  EXPECT_EQ(Ask("POST", "/start").status, 200);
  EXPECT_EQ(Ask("POST", "/stop", R"({"grace_ms": 70})").status, 0);
  EXPECT_EQ(delays_.back(), 70);
  later_.back()();
  supervisor_.OnExit(101, SIGKILL);
  EXPECT_EQ(last_->status, 504);
}

TEST_F(ControlTest, SaysWhatIsWrong) {
  EXPECT_EQ(Ask("POST", "/pause").status, 409);
  EXPECT_EQ(last_->body, "pause n: it is stopped\n");
  EXPECT_EQ(Ask("GET", "/start").status, 405);
  EXPECT_EQ(Ask("POST", "/state").status, 405);
  EXPECT_EQ(Ask("GET", "/").status, 404);
  EXPECT_EQ(Ask("POST", "/stop/it").status, 404);
  EXPECT_EQ(Ask("POST", "/start", "now").status, 400);
  EXPECT_EQ(Ask("POST", "/start?name=m").status, 404);
  EXPECT_EQ(last_->body, "it is the agent of n that answers\n");
  for (const char* body : {"{", "7", "{}", R"({"grace_ms": -1})", R"({"grace_ms": "x"})",
                           R"({"grace_ms": 600001})", R"({"grace": 1})", "\xff"}) {
    EXPECT_EQ(Ask("POST", "/stop", body).status, 400) << body;
    EXPECT_FALSE(last_->body.empty());
  }
  for (const char* wait : {"x", "-1", "60001", "1x"}) {
    EXPECT_EQ(Ask("GET", std::string("/state?wait_ms=") + wait).status, 400) << wait;
  }
}

TEST_F(ControlTest, TellsWhatTheNodeUses) {
  EXPECT_EQ(Ask("GET", "/usage").status, 409);
  EXPECT_EQ(last_->body, "n is stopped\n");
  Ask("POST", "/start");
  EXPECT_EQ(Ask("GET", "/usage").status, 409);
  usage_ = ProcessUsage{.frozen = true, .memory = 5000, .cpu_ms = 7};
  EXPECT_EQ(Ask("GET", "/usage").body,
            R"({"name":"n","change":"1.1","process":null,"since_ms":null,"frozen":true,)"
            R"("memory":5000,"cpu_ms":7,"open_files":null})"
            "\n");
  // One that has stopped itself; but a pause that was asked for is no freeze.
  supervisor_.OnStopped(101);
  EXPECT_THAT(Ask("GET", "/usage").body, HasSubstr(R"("change":"1.2","process":null)"));
  EXPECT_THAT(last_->body, HasSubstr(R"("frozen":true)"));
  supervisor_.OnContinued(101);
  usage_->process = "pid 8 of tick 9";
  usage_->since = std::chrono::system_clock::time_point(std::chrono::milliseconds(1234));
  usage_->open_files = 6;
  Ask("POST", "/pause");
  supervisor_.OnStopped(101);
  EXPECT_EQ(Ask("GET", "/usage").body,
            R"({"name":"n","change":"1.4","process":"pid 8 of tick 9","since_ms":1234,)"
            R"("frozen":false,"memory":5000,"cpu_ms":7,"open_files":6})"
            "\n");
  EXPECT_EQ(Ask("POST", "/usage").status, 405);
}

TEST_F(ControlTest, TellsOfAChangeWhenItComes) {
  EXPECT_EQ(Ask("GET", "/state").status, 200);  // knows none: at once
  const std::string target = "/state?after=" + supervisor_.report().change + "&wait_ms=5000";
  EXPECT_EQ(Ask("GET", target).status, 0);
  EXPECT_EQ(delays_.back(), 5000);
  supervisor_.Start([](const absl::Status&) {});
  EXPECT_THAT(last_->body, HasSubstr(R"("state":"running")"));
  EXPECT_EQ(Ask("GET", target).status, 200);
}

}  // namespace
}  // namespace gtestnet::agent
