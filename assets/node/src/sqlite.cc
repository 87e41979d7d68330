// SPDX-License-Identifier: Apache-2.0
#include "sqlite.h"

#include "absl/strings/str_cat.h"

namespace gtestnet::node {
namespace {

// A commit is the kernel's as soon as it returns, which outlives the process, though not a loss of
// power: that may cost the last blocks. Only a checkpoint in the midst of a run waits for the disk,
// so that such a loss never costs the whole; making and closing the file need not.
constexpr char kPragmas[] =
    "PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = OFF; PRAGMA journal_mode = WAL;";
constexpr char kInUse[] = "PRAGMA synchronous = NORMAL";
constexpr char kClosing[] = "PRAGMA synchronous = OFF";
constexpr char kMeta[] =
    "CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;";

}  // namespace

SqliteFile::~SqliteFile() {
  for (SqliteStatement* statement : {&begin_, &commit_, &rollback_}) statement->reset();
  Run(kClosing).IgnoreError();
  sqlite3_close(db_);
}

absl::Status SqliteFile::Open(const char* schema,
                              const std::vector<std::pair<const char*, std::string>>& meta) {
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  absl::Status status = Check(sqlite3_open_v2(path_.c_str(), &db_, flags, nullptr));
  if (status.ok()) status = Run(kPragmas);
  if (status.ok()) {
    status = Run(absl::StrCat("BEGIN IMMEDIATE;", kMeta, schema, "COMMIT;").c_str());
  }
  if (status.ok()) status = Run(kInUse);
  const std::pair<SqliteStatement*, const char*> statements[] = {
      {&begin_, "BEGIN IMMEDIATE"}, {&commit_, "COMMIT"}, {&rollback_, "ROLLBACK"}};
  for (const auto& [statement, sql] : statements) {
    if (!status.ok()) return status;
    absl::StatusOr<SqliteStatement> prepared = Prepare(sql);
    if (!prepared.ok()) return prepared.status();
    *statement = *std::move(prepared);
  }
  for (const auto& [key, wanted] : meta) {
    const absl::StatusOr<std::optional<std::string>> found = Meta(key);
    if (!found.ok()) return found.status();
    if (!found->has_value()) {
      status = SetMeta(key, wanted);
      if (!status.ok()) return status;
    } else if (**found != wanted) {
      return absl::FailedPreconditionError(absl::StrCat("the database ", path_, " is of another ",
                                                        key, ": ", **found, ", not ", wanted));
    }
  }
  return absl::OkStatus();
}

absl::Status SqliteFile::Check(int code) const {
  if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return absl::OkStatus();
  const std::string detail = db_ == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(db_);
  switch (code & 0xff) {
    case SQLITE_NOTADB:
      return absl::DataLossError(
          absl::StrCat("the database ", path_, " is damaged or no database: ", detail));
    case SQLITE_CORRUPT:
      return absl::DataLossError(absl::StrCat("the database ", path_, " is damaged: ", detail));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::FailedPreconditionError(
          absl::StrCat("the database ", path_, " is in use by another process"));
    default:
      return absl::UnavailableError(absl::StrCat("the database ", path_, ": ", detail));
  }
}

absl::StatusOr<SqliteStatement> SqliteFile::Prepare(const char* sql) const {
  sqlite3_stmt* raw = nullptr;
  absl::Status status =
      Check(sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr));
  SqliteStatement statement(raw);
  if (!status.ok()) return status;
  return statement;
}

absl::Status SqliteFile::Run(const char* sql) const {
  return Check(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr));
}

absl::Status SqliteFile::Transaction(const std::function<absl::Status()>& work) const {
  const auto step = [&](const SqliteStatement& statement) {
    return Check(SqliteUse(statement).Step());
  };
  absl::Status status = step(begin_);
  if (!status.ok()) return status;
  status = work();
  if (status.ok()) status = step(commit_);
  if (!status.ok()) step(rollback_).IgnoreError();
  return status;
}

absl::StatusOr<std::optional<std::string>> SqliteFile::Meta(const char* key) const {
  absl::StatusOr<SqliteStatement> statement = Prepare("SELECT value FROM meta WHERE key = ?");
  if (!statement.ok()) return statement.status();
  sqlite3_bind_text(statement->get(), 1, key, -1, SQLITE_STATIC);
  SqliteUse use(*statement);
  const int code = use.Step();
  if (code == SQLITE_DONE) return std::optional<std::string>();
  if (code != SQLITE_ROW) return Check(code);
  const ByteSpan value = use.BlobAt(0);
  return std::optional<std::string>(std::string(value.begin(), value.end()));
}

absl::Status SqliteFile::SetMeta(const char* key, const std::string& value) const {
  absl::StatusOr<SqliteStatement> statement = Prepare("INSERT OR REPLACE INTO meta VALUES(?, ?)");
  if (!statement.ok()) return statement.status();
  sqlite3_bind_text(statement->get(), 1, key, -1, SQLITE_STATIC);
  SqliteUse use(*statement);
  use.Blob(2, AsBytes(value));
  return Check(use.Step());
}

}  // namespace gtestnet::node
