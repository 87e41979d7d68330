// SPDX-License-Identifier: Apache-2.0
#include "storage.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "sqlite.h"

namespace gtestnet::node {
namespace {

constexpr int kSchemaVersion = 1;
constexpr char kSchema[] =
    "CREATE TABLE IF NOT EXISTS blocks(seq INTEGER PRIMARY KEY AUTOINCREMENT,"
    " id BLOB NOT NULL UNIQUE, height INTEGER NOT NULL, body BLOB NOT NULL);";

}  // namespace

// The file and its statements.
class Storage::Database {
 public:
  explicit Database(std::string path) : file(std::move(path)) {}

  absl::Status Open(const HeaderId& genesis_id) {
    absl::Status status = file.Open(
        kSchema, {{"schema", absl::StrCat(kSchemaVersion)}, {"genesis", genesis_id.Hex()}});
    const std::pair<SqliteStatement*, const char*> statements[] = {
        {&insert, "INSERT OR IGNORE INTO blocks(id, height, body) VALUES(?, ?, ?)"},
        {&remove, "DELETE FROM blocks WHERE id = ?"},
        {&get, "SELECT body FROM blocks WHERE id = ?"}};
    for (const auto& [statement, sql] : statements) {
      if (!status.ok()) return status;
      absl::StatusOr<SqliteStatement> prepared = file.Prepare(sql);
      status = prepared.status();
      if (status.ok()) *statement = *std::move(prepared);
    }
    return status;
  }

  SqliteFile file;
  SqliteStatement insert, remove, get;
};

Storage::Storage(std::unique_ptr<Database> database, std::optional<Millis> start_time)
    : database_(std::move(database)), start_time_(start_time) {}
Storage::~Storage() = default;

absl::StatusOr<std::unique_ptr<Storage>> Storage::Open(const std::string& path,
                                                       const HeaderId& genesis_id) {
  auto database = std::make_unique<Database>(path);
  absl::Status status = database->Open(genesis_id);
  if (!status.ok()) return status;
  std::optional<Millis> start;
  const auto stored = database->file.Meta("start");
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
  const SqliteFile& file = database_->file;
  return file.Transaction([&] {
    absl::Status status;
    for (const StoreBlock& entry : blocks) {
      const Bytes body = EncodeBlock(*entry.block);
      SqliteUse insert(database_->insert);
      insert.Blob(1, entry.block->id.span());
      insert.Integer(2, static_cast<std::int64_t>(entry.height));
      insert.Blob(3, body);
      if (status.ok()) status = file.Check(insert.Step());
    }
    for (const HeaderId& id : pruned) {
      SqliteUse remove(database_->remove);
      remove.Blob(1, id.span());
      if (status.ok()) status = file.Check(remove.Step());
    }
    return status;
  });
}

absl::Status Storage::ForEach(const std::function<absl::Status(const BlockPtr&)>& each) const {
  const SqliteFile& file = database_->file;
  const absl::StatusOr<SqliteStatement> statement =
      file.Prepare("SELECT body, seq FROM blocks ORDER BY seq");
  if (!statement.ok()) return statement.status();
  SqliteUse all(*statement);
  int code = SQLITE_ROW;
  while ((code = all.Step()) == SQLITE_ROW) {
    const absl::StatusOr<BlockPtr> block = DecodeBlock(all.BlobAt(0));
    const absl::Status status = block.ok() ? each(*block) : block.status();
    if (!status.ok()) {
      return absl::DataLossError(absl::StrCat("the database ", file.path(), " is damaged: block ",
                                              all.IntegerAt(1), ": ", status.message()));
    }
  }
  return file.Check(code);
}

BlockPtr Storage::Get(const HeaderId& id) const {
  SqliteUse get(database_->get);
  get.Blob(1, id.span());
  if (get.Step() != SQLITE_ROW) return nullptr;
  absl::StatusOr<BlockPtr> block = DecodeBlock(get.BlobAt(0));
  return block.ok() ? *std::move(block) : nullptr;
}

absl::Status Storage::SetStartTime(Millis start) {
  absl::Status status = database_->file.SetMeta("start", absl::StrCat(start));
  if (status.ok()) start_time_ = start;
  return status;
}

}  // namespace gtestnet::node
