// SPDX-License-Identifier: Apache-2.0
#include "storage.h"

#include <sqlite3.h>

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace gtestnet::node {
namespace {

constexpr int kSchemaVersion = 1;
// A commit is the kernel's as soon as it returns, which outlives the process, though not a loss of
// power: that may cost the last blocks. Only a checkpoint in the midst of a run waits for the disk,
// so that such a loss never costs the whole; making and closing the file need not.
constexpr char kPragmas[] =
    "PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = OFF; PRAGMA journal_mode = WAL;";
constexpr char kInUse[] = "PRAGMA synchronous = NORMAL";
constexpr char kClosing[] = "PRAGMA synchronous = OFF";
constexpr char kSchema[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS blocks(seq INTEGER PRIMARY KEY AUTOINCREMENT,"
    " id BLOB NOT NULL UNIQUE, height INTEGER NOT NULL, body BLOB NOT NULL);"
    "COMMIT;";

}  // namespace

// The connection and its statements.
class Storage::Database {
 public:
  class Statement;

  explicit Database(std::string path) : path_(std::move(path)) {}
  ~Database() {
    for (sqlite3_stmt* statement : {insert_, remove_, get_, begin_, commit_, rollback_}) {
      sqlite3_finalize(statement);
    }
    Run(kClosing).IgnoreError();
    sqlite3_close(db_);
  }

  absl::Status Open();
  absl::Status Prepare();
  absl::Status Run(const char* sql) {
    return Check(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr));
  }
  absl::Status Check(int code) const;

  absl::StatusOr<std::optional<std::string>> Meta(const char* key) const;
  absl::Status SetMeta(const char* key, const std::string& value);

  const std::string& path() const { return path_; }
  sqlite3* handle() const { return db_; }

  sqlite3_stmt* insert_ = nullptr;
  sqlite3_stmt* remove_ = nullptr;
  sqlite3_stmt* get_ = nullptr;
  sqlite3_stmt* begin_ = nullptr;
  sqlite3_stmt* commit_ = nullptr;
  sqlite3_stmt* rollback_ = nullptr;

 private:
  std::string path_;
  sqlite3* db_ = nullptr;
};

namespace {

// A prepared statement in use: bound by the caller, reset when it goes.
class Use {
 public:
  explicit Use(sqlite3_stmt* statement) : statement_(statement) {}
  ~Use() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

  void Blob(int index, ByteSpan bytes) {
    sqlite3_bind_blob(statement_, index, bytes.data(), static_cast<int>(bytes.size()),
                      SQLITE_STATIC);
  }
  void Integer(int index, std::int64_t value) { sqlite3_bind_int64(statement_, index, value); }
  int Step() { return sqlite3_step(statement_); }

 private:
  sqlite3_stmt* statement_;
};

ByteSpan Column(sqlite3_stmt* statement, int index) {
  return {static_cast<const std::uint8_t*>(sqlite3_column_blob(statement, index)),
          static_cast<std::size_t>(sqlite3_column_bytes(statement, index))};
}

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using StatementPtr = std::unique_ptr<sqlite3_stmt, Finalize>;

}  // namespace

absl::Status Storage::Database::Check(int code) const {
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

absl::Status Storage::Database::Open() {
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  absl::Status status = Check(sqlite3_open_v2(path_.c_str(), &db_, flags, nullptr));
  if (status.ok()) status = Run(kPragmas);
  if (status.ok()) status = Run(kSchema);
  if (status.ok()) status = Run(kInUse);
  if (status.ok()) status = Prepare();
  return status;
}

absl::Status Storage::Database::Prepare() {
  const std::pair<sqlite3_stmt**, const char*> statements[] = {
      {&insert_, "INSERT OR IGNORE INTO blocks(id, height, body) VALUES(?, ?, ?)"},
      {&remove_, "DELETE FROM blocks WHERE id = ?"},
      {&get_, "SELECT body FROM blocks WHERE id = ?"},
      {&begin_, "BEGIN IMMEDIATE"},
      {&commit_, "COMMIT"},
      {&rollback_, "ROLLBACK"},
  };
  for (const auto& [statement, sql] : statements) {
    absl::Status status =
        Check(sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, nullptr));
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<std::string>> Storage::Database::Meta(const char* key) const {
  sqlite3_stmt* raw = nullptr;
  absl::Status status =
      Check(sqlite3_prepare_v2(db_, "SELECT value FROM meta WHERE key = ?", -1, &raw, nullptr));
  const StatementPtr statement(raw);
  if (!status.ok()) return status;
  sqlite3_bind_text(raw, 1, key, -1, SQLITE_STATIC);
  const int code = sqlite3_step(raw);
  if (code == SQLITE_DONE) return std::optional<std::string>();
  if (code != SQLITE_ROW) return Check(code);
  const ByteSpan value = Column(raw, 0);
  return std::optional<std::string>(std::string(value.begin(), value.end()));
}

absl::Status Storage::Database::SetMeta(const char* key, const std::string& value) {
  sqlite3_stmt* raw = nullptr;
  absl::Status status =
      Check(sqlite3_prepare_v2(db_, "INSERT OR REPLACE INTO meta VALUES(?, ?)", -1, &raw, nullptr));
  const StatementPtr statement(raw);
  if (!status.ok()) return status;
  sqlite3_bind_text(raw, 1, key, -1, SQLITE_STATIC);
  sqlite3_bind_blob(raw, 2, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
  return Check(sqlite3_step(raw));
}

Storage::Storage(std::unique_ptr<Database> database, std::optional<Millis> start_time)
    : database_(std::move(database)), start_time_(start_time) {}
Storage::~Storage() = default;

absl::StatusOr<std::unique_ptr<Storage>> Storage::Open(const std::string& path,
                                                       const HeaderId& genesis_id) {
  auto database = std::make_unique<Database>(path);
  absl::Status status = database->Open();
  if (!status.ok()) return status;

  const std::string version = absl::StrCat(kSchemaVersion);
  for (const auto& [key, wanted] :
       {std::pair<const char*, std::string>{"schema", version}, {"genesis", genesis_id.Hex()}}) {
    const auto found = database->Meta(key);
    if (!found.ok()) return found.status();
    if (!found->has_value()) {
      status = database->SetMeta(key, wanted);
      if (!status.ok()) return status;
    } else if (**found != wanted) {
      return absl::FailedPreconditionError(absl::StrCat("the database ", path, " is of another ",
                                                        key, ": ", **found, ", not ", wanted));
    }
  }
  std::optional<Millis> start;
  const auto stored = database->Meta("start");
  if (!stored.ok()) return stored.status();
  if (stored->has_value()) {
    Millis value = 0;
    if (!absl::SimpleAtoi(**stored, &value)) {
      return absl::DataLossError(
          absl::StrCat("the database ", path, " is damaged: its start time"));
    }
    start = value;
  }
  return std::unique_ptr<Storage>(new Storage(std::move(database), start));
}

absl::Status Storage::Write(const std::vector<StoreBlock>& blocks,
                            const std::vector<HeaderId>& pruned) {
  if (blocks.empty() && pruned.empty()) return absl::OkStatus();
  const auto step = [&](sqlite3_stmt* statement) {
    return database_->Check(Use(statement).Step());
  };
  absl::Status status = step(database_->begin_);
  if (!status.ok()) return status;
  for (const StoreBlock& entry : blocks) {
    const Bytes body = EncodeBlock(*entry.block);
    Use insert(database_->insert_);
    insert.Blob(1, entry.block->id.span());
    insert.Integer(2, static_cast<std::int64_t>(entry.height));
    insert.Blob(3, body);
    if (status.ok()) status = database_->Check(insert.Step());
  }
  for (const HeaderId& id : pruned) {
    Use remove(database_->remove_);
    remove.Blob(1, id.span());
    if (status.ok()) status = database_->Check(remove.Step());
  }
  if (status.ok()) status = step(database_->commit_);
  if (!status.ok()) step(database_->rollback_).IgnoreError();
  return status;
}

absl::Status Storage::ForEach(const std::function<absl::Status(const BlockPtr&)>& each) const {
  sqlite3_stmt* raw = nullptr;
  absl::Status status = database_->Check(sqlite3_prepare_v2(
      database_->handle(), "SELECT body, seq FROM blocks ORDER BY seq", -1, &raw, nullptr));
  const StatementPtr statement(raw);
  if (!status.ok()) return status;
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(raw)) == SQLITE_ROW) {
    const absl::StatusOr<BlockPtr> block = DecodeBlock(Column(raw, 0));
    status = block.ok() ? each(*block) : block.status();
    if (!status.ok()) {
      return absl::DataLossError(absl::StrCat("the database ", database_->path(),
                                              " is damaged: block ", sqlite3_column_int64(raw, 1),
                                              ": ", status.message()));
    }
  }
  return database_->Check(code);
}

BlockPtr Storage::Get(const HeaderId& id) const {
  Use get(database_->get_);
  get.Blob(1, id.span());
  if (get.Step() != SQLITE_ROW) return nullptr;
  absl::StatusOr<BlockPtr> block = DecodeBlock(Column(database_->get_, 0));
  return block.ok() ? *std::move(block) : nullptr;
}

absl::Status Storage::SetStartTime(Millis start) {
  absl::Status status = database_->SetMeta("start", absl::StrCat(start));
  if (status.ok()) start_time_ = start;
  return status;
}

}  // namespace gtestnet::node
