// SPDX-License-Identifier: Apache-2.0
// What becomes of a run's things where their engine does not answer at its end.
#include "core/src/cluster/notes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <future>
#include <optional>

#include "core/src/base/command.h"
#include "core/src/base/program.h"
#include "core/src/base/wait.h"
#include "core/src/cluster/process_mark.h"
#include "core/src/deployer/act_on_note.h"
#include "core/src/deployer/container/testing/fake_engine.h"
#include "gtestnet/deployer.h"
#include "gtestnet/leftovers.h"

namespace gtestnet {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

// An engine that has one container of a run, until that is removed. It answers nobody before
// ComeBack.
class NotesTest : public testing::Test {
 protected:
  ~NotesTest() override {
    RemoveNote(run_id_);
    std::filesystem::remove(socket_);
  }

  std::string host() const { return "unix://" + socket_; }

  void ComeBack(const std::string& guardian = "") {
    fake_.OnStream("GET /v1.41/containers/json", [this, guardian](auto& connection) {
      const std::lock_guard lock(mutex_);
      connection.Answer(200, removed_
                                 ? "[]"
                                 : R"([{"Id":"c1","Names":["/left"],"Labels":{"gtestnet.run":")" +
                                       run_id_ + R"(","gtestnet.guardian":")" + guardian + "\"}}]");
    });
    fake_.OnStream("DELETE /v1.41/containers/c1", [this](auto& connection) {
      const std::lock_guard lock(mutex_);
      removed_ = true;
      connection.Answer(204, "");
    });
    fake_.On("GET /v1.41/networks", {200, "[]"});
    fake_.On("GET /v1.41/volumes", {200, R"({"Volumes":[]})"});
    // Before that, no engine listens there.
    std::filesystem::create_symlink(fake_.text().substr(7), socket_);
  }
  bool removed() {
    const std::lock_guard lock(mutex_);
    return removed_;
  }
  // A guardian that is gone.
  static std::string Gone() {
    const std::string mark = MarkOf(getpid());
    return mark.substr(0, mark.rfind('/')) + "/1";
  }

  // As the guardian runs it; its patience is half a second.
  int Sweep() const {
    const auto result = RunCommand(
        {*FindHelperProgram("gtestnet-sweep"), "compose", host(), run_id_},
        {.timeout = 60s,
         .environment = {{"GTESTNET_TIMEOUT_SCALE", "0.05"}, {"GTESTNET_RUN_ID", run_id_}}});
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? WEXITSTATUS(result->status) : -1;
  }
  Note MakeNote() const {
    Note note;
    note.run_id = run_id_;
    note.deployer = "compose";
    note.host = host();
    note.own = true;
    return note;
  }
  std::optional<Note> Find() const {
    for (Note& note : ReadNotes()) {
      if (note.run_id == run_id_) return std::move(note);
    }
    return std::nullopt;
  }
  std::optional<Leftover> FindLeftover() const {
    for (Leftover& leftover : FindLeftovers()) {
      if (leftover.run_id == run_id_) return std::move(leftover);
    }
    return std::nullopt;
  }
  absl::Status AwaitNoNote() const {
    return WaitFor("end of the note",
                   [&] { return Find() ? absl::UnknownError("it is there") : absl::OkStatus(); },
                   {.timeout = 60s});
  }

  const std::string run_id_ = MakeRunId();
  const std::string socket_ = testing::TempDir() + "engine." + run_id_;
  std::mutex mutex_;
  bool removed_ = false;
  docker::FakeEngine fake_;
};

TEST_F(NotesTest, ASweepWaitsForAnEngineThatComesBack) {
  std::future<int> sweep = std::async(std::launch::async, [&] {
    const auto result =
        RunCommand({*FindHelperProgram("gtestnet-sweep"), "compose", host(), run_id_},
                   std::chrono::seconds(60));
    return result.ok() ? result->status : -1;
  });
  ComeBack();
  EXPECT_EQ(sweep.get(), 0);
  EXPECT_TRUE(removed());
  EXPECT_FALSE(Find());
}

TEST_F(NotesTest, WhereItStaysAwayThereIsANoteUntilItIsBackAndAllIsRemoved) {
  EXPECT_EQ(Sweep(), 1);
  const std::optional<Note> note = Find();
  ASSERT_TRUE(note);
  EXPECT_TRUE(note->own);
  EXPECT_EQ(note->host, host());
  EXPECT_THAT(note->why, AllOf(HasSubstr("not removed, as for 500 ms there was: "),
                               HasSubstr("No such file or directory")));
  const std::optional<Leftover> leftover = FindLeftover();
  ASSERT_TRUE(leftover);
  EXPECT_EQ(leftover->ToString(),
            "run " + run_id_ + ": 0 processes, what is left at the Docker Engine at " + host());
  // By the sweep itself, which goes on in the background.
  ComeBack();
  EXPECT_EQ(AwaitNoNote(), absl::OkStatus());
  EXPECT_TRUE(removed());
}

TEST_F(NotesTest, CleanActsOnANoteOrSaysWhyItCannot) {
  ASSERT_EQ(WriteNote(MakeNote()), absl::OkStatus());
  const std::optional<Leftover> leftover = FindLeftover();
  ASSERT_TRUE(leftover);
  const absl::Status away = RemoveLeftover(*leftover);
  EXPECT_EQ(away.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(away.message()),
              AllOf(StartsWith("run " + run_id_ + ": what is left at the Docker Engine at " +
                               host() + " is not removed: "),
                    HasSubstr("No such file or directory")));
  EXPECT_TRUE(Find());
  ComeBack(Gone());
  EXPECT_EQ(RemoveLeftover(*leftover), absl::OkStatus());
  EXPECT_TRUE(removed());
  EXPECT_FALSE(Find());
  EXPECT_FALSE(FindLeftover());
}

TEST_F(NotesTest, TheNextRunHasNotesActedOn) {
  ASSERT_EQ(WriteNote(MakeNote()), absl::OkStatus());
  ComeBack(Gone());
  TakeUpNotes(0ms);
  EXPECT_EQ(AwaitNoNote(), absl::OkStatus());
  EXPECT_TRUE(removed());
}

TEST_F(NotesTest, ARunThatLivesIsNotTouched) {
  ComeBack(MarkOf(getpid()));
  const absl::Status acted = ActOn(MakeNote());
  EXPECT_EQ(acted.code(), absl::StatusCode::kFailedPrecondition) << acted;
  EXPECT_FALSE(removed());
}

TEST_F(NotesTest, OfAnotherUsersNoteNoPlaceIsBelieved) {
  ComeBack(Gone());
  Note note = MakeNote();
  note.own = false;
  EXPECT_EQ(ActOn(note).code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(fake_.requests(), IsEmpty());
  note.deployer = "k8s";
  note.kubectl = "/bin/false";
  note.context = "no such context";
  EXPECT_FALSE(ActOn(note).ok());
  // It is believed where it is this user's engine as well.
  setenv("DOCKER_HOST", host().c_str(), 1);
  note.deployer = "compose";
  EXPECT_EQ(ActOn(note), absl::OkStatus());
  unsetenv("DOCKER_HOST");
  EXPECT_TRUE(removed());
}

TEST_F(NotesTest, WhatIsNoNoteIsNone) {
  Note note = MakeNote();
  note.run_id = "../../etc/passwd";
  EXPECT_EQ(WriteNote(note).code(), absl::StatusCode::kInvalidArgument);
  ASSERT_EQ(WriteNote(MakeNote()), absl::OkStatus());
  const std::string file = NotesDirectory() + "/" + run_id_ + ".json";
  std::filesystem::rename(file, NotesDirectory() + "/" + run_id_ + "-else.json");
  std::filesystem::create_symlink(run_id_ + "-else.json", file);
  EXPECT_FALSE(Find());
  std::filesystem::remove(NotesDirectory() + "/" + run_id_ + "-else.json");
}

}  // namespace
}  // namespace gtestnet
