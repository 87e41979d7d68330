// SPDX-License-Identifier: Apache-2.0
#include "start_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "testing/temp_dir.h"

namespace gtestnet::node {
namespace {

using testing::HasSubstr;

class StartFileTest : public testing::Test {
 protected:
  void Put(const std::string& text) {
    std::ofstream(directory_.File("start.new")) << text;
    ASSERT_EQ(std::rename(directory_.File("start.new").c_str(), directory_.File("start").c_str()),
              0);
  }
  void Watch(const std::string& name) {
    file_ = StartFile::Watch(context_, directory_.File(name), [this](absl::StatusOr<Millis> start) {
      start_ = std::move(start);
      context_.stop();
    });
  }

  TempDir directory_;
  boost::asio::io_context context_;
  std::shared_ptr<StartFile> file_;
  std::optional<absl::StatusOr<Millis>> start_;
};

TEST_F(StartFileTest, IsReadWhenItIsThere) {
  Put("1765500000000");
  Watch("start");
  context_.run();
  EXPECT_EQ(start_->value(), 1765500000000);
}

TEST_F(StartFileTest, IsNoticedWhenItIsRenamedIntoPlace) {
  Watch("start");
  context_.poll();
  EXPECT_FALSE(start_.has_value());
  Put("1765500000000\n");
  context_.run();
  EXPECT_EQ(start_->value(), 1765500000000);
}

TEST_F(StartFileTest, ItsDirectoryMayComeLater) {
  Watch("later/start");
  context_.poll();
  std::filesystem::create_directory(directory_.File("later"));
  std::ofstream(directory_.File("later/start.new")) << "5";
  std::filesystem::rename(directory_.File("later/start.new"), directory_.File("later/start"));
  context_.run();
  EXPECT_EQ(start_->value(), 5);
}

TEST_F(StartFileTest, AnotherTextIsAnErrorThatNamesTheFile) {
  for (const char* wrong : {"", "soon", "-5", "5 6", "5\n\n", "99999999999999999999"}) {
    start_.reset();
    context_.restart();
    Put(wrong);
    Watch("start");
    context_.run();
    ASSERT_TRUE(start_.has_value() && !start_->ok()) << wrong;
    EXPECT_THAT(std::string(start_->status().message()), HasSubstr(directory_.File("start")));
  }
}

}  // namespace
}  // namespace gtestnet::node
