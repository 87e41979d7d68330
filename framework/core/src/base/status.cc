// SPDX-License-Identifier: Apache-2.0
#include "core/src/base/status.h"

#include <cerrno>
#include <system_error>

namespace gtestnet {

absl::Status Annotate(const absl::Status& status, std::string_view place) {
  if (status.ok()) return status;
  return MakeStatus(status.code(), std::string(place) + ": " + MessageOf(status));
}

absl::Status ErrnoStatus(int error, std::string_view what) {
  absl::StatusCode code = absl::StatusCode::kInternal;
  switch (error) {
    case ENOENT:
      code = absl::StatusCode::kNotFound;
      break;
    case EACCES:
    case EPERM:
      code = absl::StatusCode::kPermissionDenied;
      break;
    case EADDRINUSE:
    case EEXIST:
      code = absl::StatusCode::kAlreadyExists;
      break;
    case ETIMEDOUT:
      code = absl::StatusCode::kDeadlineExceeded;
      break;
    case ECONNREFUSED:
    case ECONNRESET:
    case EPIPE:
      code = absl::StatusCode::kUnavailable;
      break;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOSPC:
    case EDQUOT:
      code = absl::StatusCode::kResourceExhausted;
      break;
    default:
      break;
  }
  return MakeStatus(code, std::string(what) + ": " + std::generic_category().message(error));
}

}  // namespace gtestnet
