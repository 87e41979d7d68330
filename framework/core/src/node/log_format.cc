// SPDX-License-Identifier: Apache-2.0
#include "gtestnet/log_format.h"

namespace gtestnet {

LogHead ParseSpdlogLine(std::string_view /*line*/) { return {}; }
LogHead ParseLogfmtLine(std::string_view /*line*/) { return {}; }
LogHead ParseJsonLogLine(std::string_view /*line*/) { return {}; }
LogHead ParseKlogLine(std::string_view /*line*/) { return {}; }
LogHead ParseLogLine(std::string_view /*line*/) { return {}; }

}  // namespace gtestnet
