// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_SUITES_RUNNER_INTERRUPT_H_
#define GTESTNET_SUITES_RUNNER_INTERRUPT_H_

#include <functional>
#include <string>
#include <thread>

namespace gtestnet::command {

// SIGINT and SIGTERM, while it lives; one at a time. Unless somebody waits for them they end this
// program at once, as nothing that it does can be cut short as quickly: what was made is removed by
// the run's guardian, which notices.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  // Until one comes. Another one after that ends this program.
  void Wait();

  // While it lives, the first one is told on a thread of its own, as "SIGINT"; a second one ends
  // this program.
  class Told {
   public:
    Told(Interrupt& interrupt, std::function<void(const std::string& signal)> tell);
    ~Told();
    Told(const Told&) = delete;
    Told& operator=(const Told&) = delete;

   private:
    std::thread thread_;
  };

 private:
  static void Take(int signal);
  // Its number, or 0 for the end of a Told.
  static int Next();
};

}  // namespace gtestnet::command

#endif  // GTESTNET_SUITES_RUNNER_INTERRUPT_H_
