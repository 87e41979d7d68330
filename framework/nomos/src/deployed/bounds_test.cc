// SPDX-License-Identifier: Apache-2.0
// What anybody can send to the programs that listen: each answers with a sentence, at once and
// without memory for it, and goes on. Those of an installation are tried with
// --programs=DIRECTORY (PREFIX/libexec/gtestnet, or image in it).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <regex>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/src/base/http.h"
#include "core/src/base/socket.h"
#include "core/src/base/status.h"
#include "core/src/base/wait.h"
#include "core/src/cfgsync/testing/process.h"

namespace gtestnet::nomos {
namespace {

using base::Socket;
using cfgsync::TestProcess;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::chrono::seconds kLong{30};
constexpr int64_t kMostMegabytes = 100;  // more than it had

std::string programs;  // NOLINT: set by main

std::string ProgramPath(const char* built) {
  if (programs.empty()) return built;
  return std::filesystem::path(programs) / std::filesystem::path(built).filename();
}

base::WaitLimit Limit() { return {.deadline = RealClock().Now() + kLong}; }

struct Server {
  const char* name;
  const char* program;
  std::vector<std::string> (*arguments)(const std::string& directory);
  const char* request;  // the path of a POST
};

void Write(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

const Server kServers[] = {
    {"node", NOMOS_NODE,
     [](const std::string& directory) {
       const std::string ones(64, '1');
       Write(directory + "/node.yaml",
             absl::StrCat("identifier: validator-0\nrole: validator\nnode_key: ", ones,
                          "\nnetwork: {listen: \"127.0.0.1:0\", peers: [], neighbours: [], "
                          "min_peers: 0}\nconsensus:\n  slot_duration_ms: 200\n"
                          "  active_slot_coeff: \"0.9\"\n  security_param: 5\n"
                          "  epoch: {stake_stabilisation: 3, nonce_buffer: 3, "
                          "nonce_stabilisation: 4}\nleader: {secret_keys: []}\n"
                          "genesis:\n  chain_id: ",
                          ones, "\n  notes: [{value: 1, public_key: ", ones,
                          ", leader: true}]\nstart: {file: ", directory,
                          "/start}\napi: {listen: \"127.0.0.1:0\"}\nstorage: {path: ", directory,
                          "/chain.db}\n"));
       return std::vector<std::string>{directory + "/node.yaml"};
     },
     "/mempool/add/tx"},
    {"cfgsync", CFGSYNC_SERVER,
     [](const std::string& directory) {
       Write(directory + "/cfgsync.yaml", "run: r\nseed: 1\ntopology: {validators: 2}\nport: 0\n");
       return std::vector<std::string>{directory + "/cfgsync.yaml", "--host=127.0.0.1"};
     },
     "/validator"},
    {"agent", POD_AGENT,
     [](const std::string&) {
       return std::vector<std::string>{"--host=127.0.0.1", "--port=0", "--", "/bin/sleep", "1000"};
     },
     "/start"},
};

std::string NewDirectory() {
  std::string name = testing::TempDir() + "bounds_test.XXXXXX";
  return mkdtemp(name.data()) == nullptr ? std::string() : name;
}

class BoundsTest : public testing::TestWithParam<Server> {
 protected:
  BoundsTest() {
    directory_ = NewDirectory();
    std::vector<std::string> command = {ProgramPath(GetParam().program)};
    for (std::string& argument : GetParam().arguments(directory_)) {
      command.push_back(std::move(argument));
    }
    process_ = std::make_unique<TestProcess>(
        command,
        std::map<std::string, std::string>{{"POD_AGENT_TOKEN", "a-long-token"},
                                           {"POL_PROOF_DEV_MODE", "true"}},
        directory_ + "/log");
  }
  ~BoundsTest() override {
    process_.reset();
    if (!HasFailure()) std::filesystem::remove_all(directory_);
  }

  void SetUp() override {
    uint16_t port = 0;
    const absl::Status listens =
        WaitFor("its port",
                [&]() -> absl::Status {
                  static const std::regex expression(" at [0-9.]+:([0-9]+)");
                  std::smatch match;
                  const std::string log = process_->Log();
                  if (!std::regex_search(log, match, expression)) return Unavailable(log);
                  port = static_cast<uint16_t>(std::stoi(match[1]));
                  return absl::OkStatus();
                },
                {.timeout = kLong});
    ASSERT_TRUE(listens.ok()) << listens;
    endpoint_ = base::Endpoint::Tcp("127.0.0.1", port);
    Ask();
    before_ = Megabytes();
  }

  int64_t Megabytes() const {
    std::ifstream status(absl::StrCat("/proc/", process_->pid(), "/status"));
    for (std::string line; std::getline(status, line);) {
      if (line.rfind("VmHWM:", 0) == 0) return std::stoll(line.substr(6)) / 1024;
    }
    return 0;
  }

  // Any answer will do; the server has read by then what others sent before.
  void Ask() {
    const auto response = base::HttpClient(endpoint_).Request({.target = "/health"}, kLong);
    EXPECT_TRUE(response.ok()) << response.status() << "; its log: " << process_->Log();
  }

  std::string Head(const std::string& fields) const {
    return absl::StrCat("POST ", GetParam().request, " HTTP/1.1\r\n", fields, "\r\n\r\n");
  }

  // What comes back for these pieces, each read before the next one is sent; then the same bytes
  // over and over, as long as they are taken.
  std::string Answer(const std::vector<std::string>& pieces, const std::string& endless = "") {
    absl::StatusOr<Socket> socket = Socket::Connect(endpoint_, Limit());
    if (!socket.ok()) return socket.status().ToString();
    for (const std::string& piece : pieces) {
      if (!socket->SendAll(piece, Limit()).ok()) break;
      Ask();
    }
    // It answers in the midst of what is sent; what it does not read fills the sockets' buffers.
    for (int i = 0; i < 10'000 && !endless.empty(); ++i) {
      if (!socket->SendAll(endless, {.deadline = RealClock().Now() + std::chrono::seconds(1)})
               .ok()) {
        break;
      }
    }
    char room[4096];
    const absl::StatusOr<size_t> got = socket->Receive(room, sizeof room, Limit());
    return got.ok() ? std::string(room, *got) : got.status().ToString();
  }

  void ItGoesOn() {
    Ask();
    EXPECT_LE(Megabytes(), before_ + kMostMegabytes);
  }

  std::string directory_;
  std::unique_ptr<TestProcess> process_;
  base::Endpoint endpoint_;
  int64_t before_ = 0;
};

constexpr char kChunked[] = "Transfer-Encoding: chunked";

TEST_P(BoundsTest, AnEmptyChunkedBodyWhoseEndComesInPieces) {
  EXPECT_THAT(Answer({Head(kChunked), "0\r\n", "\r", "\n"}), StartsWith("HTTP/1.1 4"));
  ItGoesOn();
}

TEST_P(BoundsTest, AChunkExtensionOfAMegabyte) {
  EXPECT_THAT(Answer({Head(kChunked), "0;" + std::string(1'000'000, 'x')}),
              StartsWith("HTTP/1.1 431 "));
  ItGoesOn();
}

TEST_P(BoundsTest, ChunkExtensionsWithoutEnd) {
  EXPECT_THAT(Answer({Head(kChunked), "1;"}, std::string(60'000, 'x')),
              StartsWith("HTTP/1.1 431 "));
  ItGoesOn();
}

TEST_P(BoundsTest, SixtyThousandTrailers) {
  std::string trailers;
  for (int i = 0; i < 60'000; ++i) trailers += "x: y\r\n";
  EXPECT_THAT(Answer({Head(kChunked), "0\r\n", trailers}), StartsWith("HTTP/1.1 431 "));
  ItGoesOn();
}

TEST_P(BoundsTest, ALengthThatNobodyHas) {
  EXPECT_THAT(Answer({Head("Content-Length: 9223372036854775807")}), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(Answer({Head(kChunked), "FFFFFFFFFFFFFFFF\r\n"}), StartsWith("HTTP/1.1 413 "));
  ItGoesOn();
}

TEST_P(BoundsTest, AHeaderWithoutEnd) {
  EXPECT_THAT(Answer({"GET /"}, std::string(60'000, 'x')), StartsWith("HTTP/1.1 431 "));
  ItGoesOn();
}

TEST_P(BoundsTest, BytesThatAreNoHttp) {
  EXPECT_THAT(Answer({std::string("\x16\x03\x01\0\0", 5) + "\r\n\r\n"}),
              StartsWith("HTTP/1.1 400 "));
  ItGoesOn();
}

INSTANTIATE_TEST_SUITE_P(Programs, BoundsTest, testing::ValuesIn(kServers),
                         [](const auto& server) { return std::string(server.param.name); });

// The sentence with which cfgsync-server ends, and its peak of memory in megabytes.
std::pair<std::string, int64_t> RefusedSpec(const std::string& spec) {
  const std::string directory = NewDirectory();
  Write(directory + "/cfgsync.yaml", spec);
  TestProcess process({ProgramPath(CFGSYNC_SERVER), directory + "/cfgsync.yaml"}, {},
                      directory + "/log");
  EXPECT_EQ(process.AwaitEnd(kLong), "exit status 2");
  const std::string said = process.Log();
  std::filesystem::remove_all(directory);
  rusage used{};
  getrusage(RUSAGE_CHILDREN, &used);
  return {said, used.ru_maxrss / 1024};
}

TEST(SpecBoundsTest, AliasesOfOneLongScalar) {
  for (const size_t bytes : {100'000, 445'000}) {
    std::string spec = "run: &x " + std::string(bytes, 'y') + "\nseed: [";
    while (spec.size() < 2 * bytes) spec += "*x, ";
    const auto [said, megabytes] = RefusedSpec(spec + "*x]\n");
    EXPECT_THAT(said, testing::AnyOf(HasSubstr("with what its aliases stand for"),
                                     HasSubstr("at most 262144 are read")));
    EXPECT_LE(megabytes, kMostMegabytes + 20);
  }
}

TEST(SpecBoundsTest, AHundredThousandNames) {
  std::string spec = "run: r\nseed: 1\ntopology: {validators: 1}\nhosts:\n";
  for (int i = 0; spec.size() < 255'000; ++i) absl::StrAppend(&spec, "  validator-", i, ": a\n");
  const auto [said, megabytes] = RefusedSpec(spec);
  EXPECT_THAT(said, EndsWith("there is no node \"validator-1\"; there are validator-0\n"));
  EXPECT_LE(megabytes, kMostMegabytes + 20);
}

}  // namespace
}  // namespace gtestnet::nomos

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  const std::string option = "--programs=";
  if (argc > 1 && std::string(argv[1]).rfind(option, 0) == 0) {
    gtestnet::nomos::programs = std::string(argv[1]).substr(option.size());
  }
  return RUN_ALL_TESTS();
}
