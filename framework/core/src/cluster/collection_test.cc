// SPDX-License-Identifier: Apache-2.0
#include "core/src/cluster/collection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/src/base/command.h"

namespace gtestnet {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class CollectionTest : public testing::Test {
 protected:
  CollectionTest()
      : directory_(testing::TempDir() + "collection_test." + std::to_string(getpid())),
        bundle_(directory_ + "/bundle") {
    std::filesystem::create_directories(directory_);
  }
  ~CollectionTest() override { std::filesystem::remove_all(directory_); }

  std::string Make(const std::string& name, const std::string& content) {
    const std::string path = directory_ + "/" + name;
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  std::string Read(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(bundle_ + "/" + path, std::ios::binary).rdbuf();
    return text.str();
  }

  const std::string directory_;
  const std::string bundle_;
};

TEST_F(CollectionTest, WhatCannotBeHadKeepsNothingElseAway) {
  Collection collection(bundle_, 3);
  const std::string log = Make("log", "all of it\n");
  collection.CopyLog(directory_ + "/nowhere", "node-0/log");
  collection.CopyLog(log, "node-1/log");
  Make("bundle/node-2", "a file where a directory must be");
  collection.CopyLog(log, "node-2/log");
  collection.Copy(directory_ + "/nowhere either", "node-3/config");
  collection.Write("node-4/config", "what it was");
  EXPECT_EQ(Read("node-1/log"), "all of it\n");
  EXPECT_EQ(Read("node-4/config"), "what it was");
  EXPECT_THAT(std::string(collection.status().message()),
              AllOf(StartsWith("copy of " + directory_ + "/nowhere: No such file or directory\n"),
                    HasSubstr(bundle_ + "/node-2"), HasSubstr("nowhere either: No such file")));
}

TEST_F(CollectionTest, ALongLogIsCutInTheMiddle) {
  // As many logs as have a quarter of a MiB each.
  Collection collection(bundle_, 1024);
  const size_t most = 256 * 1024;
  const std::string fits(most, 'x');
  collection.CopyLog(Make("fits", fits), "fits");
  collection.WriteLog("fits too", fits);
  EXPECT_EQ(Read("fits"), fits);
  EXPECT_EQ(Read("fits too"), fits);
  const std::string flood = "the beginning" + std::string(10 * most, 'x') + "the end";
  collection.CopyLog(Make("flood", flood), "flood");
  collection.WriteLog("flood too", flood);
  EXPECT_EQ(Read("flood"), Read("flood too"));
  EXPECT_THAT(Read("flood"), AllOf(StartsWith("the beginning"), EndsWith("the end"),
                                   HasSubstr("\n[... " + std::to_string(flood.size() - most) +
                                             " bytes are left out here ...]\n")));
  EXPECT_LT(Read("flood").size(), most + 100);
  EXPECT_TRUE(collection.status().ok()) << collection.status();
}

TEST_F(CollectionTest, OfACoreThereIsABacktraceOrTheCore) {
  // A core of whatever this machine has: only the debugger reads it.
  Make("core.17", "no core at all");
  Make("score", "that of a game");
  Collection collection(bundle_, 1);
  collection.CopyCores(directory_, "/bin/true", "node-0");
  EXPECT_THAT((std::vector<std::string>{Read("node-0/core.17"), Read("node-0/core.17.backtrace")}),
              testing::Contains(testing::Not("")));
  EXPECT_FALSE(std::filesystem::exists(bundle_ + "/node-0/score"));
  EXPECT_TRUE(collection.status().ok()) << collection.status();
}

TEST_F(CollectionTest, WithoutADebuggerTheCoreIsKept) {
  const std::string core = Make("core", "what was in memory");
  const std::string path = std::getenv("PATH");
  setenv("PATH", "/nowhere", 1);
  Collection collection(bundle_, 1);
  collection.CopyCores(directory_, "/bin/true", "node-0");
  setenv("PATH", path.c_str(), 1);
  EXPECT_EQ(Read("node-0/core"), "what was in memory");
}

}  // namespace
}  // namespace gtestnet
