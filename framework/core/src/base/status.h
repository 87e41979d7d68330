// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_BASE_STATUS_H_
#define GTESTNET_CORE_SRC_BASE_STATUS_H_

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// Returns from the function with the status of `expression` unless it is OK.
#define GTESTNET_RETURN_IF_ERROR(expression)                                  \
  do {                                                                        \
    if (absl::Status gtestnet_status = (expression); !gtestnet_status.ok()) { \
      return gtestnet_status;                                                 \
    }                                                                         \
  } while (false)

#define GTESTNET_INTERNAL_CONCAT2(a, b) a##b
#define GTESTNET_INTERNAL_CONCAT(a, b) GTESTNET_INTERNAL_CONCAT2(a, b)
#define GTESTNET_INTERNAL_ASSIGN(temporary, target, expression) \
  auto temporary = (expression);                                \
  if (!temporary.ok()) return std::move(temporary).status();    \
  target = *std::move(temporary)

// GTESTNET_ASSIGN_OR_RETURN(std::string text, Read(path));
#define GTESTNET_ASSIGN_OR_RETURN(target, expression) \
  GTESTNET_INTERNAL_ASSIGN(GTESTNET_INTERNAL_CONCAT(gtestnet_value_, __LINE__), target, expression)

namespace gtestnet {

// The two string_view types are different ones where Abseil was built without the standard's.
inline absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view ToStd(absl::string_view text) { return {text.data(), text.size()}; }

inline absl::Status MakeStatus(absl::StatusCode code, std::string_view message) {
  return absl::Status(code, ToAbsl(message));
}
inline absl::Status InvalidArgument(std::string_view m) {
  return MakeStatus(absl::StatusCode::kInvalidArgument, m);
}
inline absl::Status FailedPrecondition(std::string_view m) {
  return MakeStatus(absl::StatusCode::kFailedPrecondition, m);
}
inline absl::Status Unavailable(std::string_view m) {
  return MakeStatus(absl::StatusCode::kUnavailable, m);
}
inline absl::Status DeadlineExceeded(std::string_view m) {
  return MakeStatus(absl::StatusCode::kDeadlineExceeded, m);
}
inline absl::Status Aborted(std::string_view m) {
  return MakeStatus(absl::StatusCode::kAborted, m);
}
inline absl::Status NotFound(std::string_view m) {
  return MakeStatus(absl::StatusCode::kNotFound, m);
}
inline absl::Status Internal(std::string_view m) {
  return MakeStatus(absl::StatusCode::kInternal, m);
}

inline std::string MessageOf(const absl::Status& status) { return std::string(status.message()); }

// The same code with "<place>: " before the message. OK stays OK.
absl::Status Annotate(const absl::Status& status, std::string_view place);
// "<what>: No such file or directory", with the code that fits `error`.
absl::Status ErrnoStatus(int error, std::string_view what);

}  // namespace gtestnet

#endif  // GTESTNET_CORE_SRC_BASE_STATUS_H_
