// SPDX-License-Identifier: Apache-2.0
//
// One SQLite file with a write-ahead log, as the node uses it: a process that is killed at any
// instant leaves a database that holds each transaction that returned, and none by half. For source
// files of this folder only: it brings sqlite3.h in.
#ifndef GTESTNET_NODE_SQLITE_H_
#define GTESTNET_NODE_SQLITE_H_

#include <sqlite3.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/types.h"

namespace gtestnet::node {

struct SqliteFinalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using SqliteStatement = std::unique_ptr<sqlite3_stmt, SqliteFinalize>;

class SqliteFile {
 public:
  explicit SqliteFile(std::string path) : path_(std::move(path)) {}
  ~SqliteFile();
  SqliteFile(const SqliteFile&) = delete;
  SqliteFile& operator=(const SqliteFile&) = delete;

  // Makes the file if there is none, and what `schema` makes in it beside the table meta. Then
  // holds it to `meta`, which is written into a file that is new: kFailedPrecondition when it is of
  // another one or in use by another process, kDataLoss when it is no database.
  absl::Status Open(const char* schema,
                    const std::vector<std::pair<const char*, std::string>>& meta);

  absl::Status Check(int code) const;
  absl::StatusOr<SqliteStatement> Prepare(const char* sql) const;
  absl::Status Run(const char* sql) const;
  // All that `work` does, or nothing.
  absl::Status Transaction(const std::function<absl::Status()>& work) const;

  absl::StatusOr<std::optional<std::string>> Meta(const char* key) const;
  absl::Status SetMeta(const char* key, const std::string& value) const;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
  sqlite3* db_ = nullptr;
  SqliteStatement begin_, commit_, rollback_;
};

// A prepared statement in use: bound by the caller, reset when it goes.
class SqliteUse {
 public:
  explicit SqliteUse(const SqliteStatement& statement) : statement_(statement.get()) {}
  ~SqliteUse() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
  SqliteUse(const SqliteUse&) = delete;
  SqliteUse& operator=(const SqliteUse&) = delete;

  void Blob(int index, ByteSpan bytes) {
    sqlite3_bind_blob(statement_, index, bytes.data(), static_cast<int>(bytes.size()),
                      SQLITE_STATIC);
  }
  void Integer(int index, std::int64_t value) { sqlite3_bind_int64(statement_, index, value); }
  int Step() { return sqlite3_step(statement_); }

  ByteSpan BlobAt(int index) const {
    return {static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, index)),
            static_cast<std::size_t>(sqlite3_column_bytes(statement_, index))};
  }
  std::int64_t IntegerAt(int index) const { return sqlite3_column_int64(statement_, index); }

 private:
  sqlite3_stmt* statement_;
};

}  // namespace gtestnet::node

#endif  // GTESTNET_NODE_SQLITE_H_
