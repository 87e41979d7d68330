// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_DEPLOYER_CONTAINER_LOG_FRAMES_H_
#define GTESTNET_CORE_SRC_DEPLOYER_CONTAINER_LOG_FRAMES_H_

#include <string>
#include <string_view>

namespace gtestnet::docker {

// The text in an Engine's stream of a container's output: frames with a head of eight bytes, of
// which the first says which stream, and the last four how long it is. Bytes that are no frames are
// taken as they are (a container with a terminal has none), a frame that was cut off as far as it
// goes.
std::string TextOfFrames(std::string_view bytes);
// The same of frames that begin with a time and a blank, as lines: of a line that came in several
// frames only the first keeps its time, and lines of two streams do not mix.
std::string LinesOfTimedFrames(std::string_view bytes);

}  // namespace gtestnet::docker

#endif  // GTESTNET_CORE_SRC_DEPLOYER_CONTAINER_LOG_FRAMES_H_
