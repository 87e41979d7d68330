// SPDX-License-Identifier: Apache-2.0
#include "da/da_storage.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "sqlite.h"

namespace gtestnet::node {
namespace {

constexpr char kSchema[] =
    "CREATE TABLE IF NOT EXISTS blobs(id BLOB PRIMARY KEY, commitment BLOB NOT NULL,"
    " slot INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS shares(blob BLOB NOT NULL, number INTEGER NOT NULL,"
    " cell BLOB NOT NULL, proof BLOB NOT NULL);"
    "CREATE UNIQUE INDEX IF NOT EXISTS by_blob ON shares(blob, number);";

template <std::size_t size>
bool CopyTo(std::array<std::uint8_t, size>& to, ByteSpan from) {
  if (from.size() != size) return false;
  std::copy(from.begin(), from.end(), to.begin());
  return true;
}

}  // namespace

struct DaStorage::Database {
  explicit Database(std::string path) : file(std::move(path)) {}

  absl::Status Damaged(const std::string& what) const {
    return absl::DataLossError(absl::StrCat("the database ", file.path(), " is damaged: ", what));
  }

  SqliteFile file;
  SqliteStatement insert_blob, insert_share, get, remove_blob, remove_shares;
};

DaStorage::DaStorage(std::unique_ptr<Database> database) : database_(std::move(database)) {}
DaStorage::~DaStorage() = default;

absl::StatusOr<std::unique_ptr<DaStorage>> DaStorage::Open(const std::string& path,
                                                           const Hash& genesis_id) {
  auto database = std::make_unique<Database>(path);
  absl::Status status =
      database->file.Open(kSchema, {{"schema", "da 1"}, {"genesis", genesis_id.Hex()}});
  const std::pair<SqliteStatement*, const char*> statements[] = {
      {&database->insert_blob, "INSERT OR IGNORE INTO blobs VALUES(?, ?, ?)"},
      {&database->insert_share, "INSERT OR IGNORE INTO shares VALUES(?, ?, ?, ?)"},
      {&database->get, "SELECT number, cell, proof FROM shares WHERE blob = ? ORDER BY number"},
      {&database->remove_blob, "DELETE FROM blobs WHERE id = ?"},
      {&database->remove_shares, "DELETE FROM shares WHERE blob = ?"}};
  for (const auto& [statement, sql] : statements) {
    if (!status.ok()) return status;
    absl::StatusOr<SqliteStatement> prepared = database->file.Prepare(sql);
    status = prepared.status();
    if (status.ok()) *statement = *std::move(prepared);
  }
  if (!status.ok()) return status;
  return std::unique_ptr<DaStorage>(new DaStorage(std::move(database)));
}

absl::Status DaStorage::Put(const BlobId& blob, const Commitment& commitment, Slot slot,
                            const Shares& shares) {
  const SqliteFile& file = database_->file;
  return file.Transaction([&] {
    SqliteUse insert_blob(database_->insert_blob);
    insert_blob.Blob(1, blob.span());
    insert_blob.Blob(2, commitment);
    insert_blob.Integer(3, static_cast<std::int64_t>(slot));
    absl::Status status = file.Check(insert_blob.Step());
    for (const Share& share : shares) {
      SqliteUse insert(database_->insert_share);
      insert.Blob(1, blob.span());
      insert.Integer(2, share.column);
      insert.Blob(3, share.cell);
      insert.Blob(4, share.proof);
      if (status.ok()) status = file.Check(insert.Step());
    }
    return status;
  });
}

Shares DaStorage::Get(const BlobId& blob, const ColumnSet& columns) const {
  Shares shares;
  SqliteUse get(database_->get);
  get.Blob(1, blob.span());
  while (get.Step() == SQLITE_ROW) {
    const auto number = static_cast<std::uint64_t>(get.IntegerAt(0));
    if (number >= kColumns || !columns.test(number)) continue;
    Share share;
    share.column = static_cast<std::uint8_t>(number);
    if (CopyTo(share.cell, get.BlobAt(1)) && CopyTo(share.proof, get.BlobAt(2))) {
      shares.push_back(share);
    }
  }
  return shares;
}

absl::Status DaStorage::Remove(const std::vector<BlobId>& blobs) {
  if (blobs.empty()) return absl::OkStatus();
  const SqliteFile& file = database_->file;
  return file.Transaction([&] {
    for (const BlobId& blob : blobs) {
      for (const SqliteStatement* statement :
           {&database_->remove_blob, &database_->remove_shares}) {
        SqliteUse remove(*statement);
        remove.Blob(1, blob.span());
        const absl::Status status = file.Check(remove.Step());
        if (!status.ok()) return status;
      }
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<StoredBlob>> DaStorage::List() const {
  const SqliteFile& file = database_->file;
  std::map<BlobId, StoredBlob> blobs;
  const absl::StatusOr<SqliteStatement> blob_rows =
      file.Prepare("SELECT id, commitment, slot FROM blobs");
  if (!blob_rows.ok()) return blob_rows.status();
  SqliteUse each_blob(*blob_rows);
  int code = SQLITE_ROW;
  while ((code = each_blob.Step()) == SQLITE_ROW) {
    StoredBlob blob;
    if (!CopyTo(blob.id.bytes, each_blob.BlobAt(0)) ||
        !CopyTo(blob.commitment, each_blob.BlobAt(1))) {
      return database_->Damaged("a blob's commitment");
    }
    blob.slot = static_cast<Slot>(each_blob.IntegerAt(2));
    blobs[blob.id] = blob;
  }
  if (absl::Status status = file.Check(code); !status.ok()) return status;
  const absl::StatusOr<SqliteStatement> share_rows =
      file.Prepare("SELECT blob, number FROM shares");
  if (!share_rows.ok()) return share_rows.status();
  SqliteUse each_share(*share_rows);
  while ((code = each_share.Step()) == SQLITE_ROW) {
    BlobId id;
    const auto number = static_cast<std::uint64_t>(each_share.IntegerAt(1));
    if (!CopyTo(id.bytes, each_share.BlobAt(0)) || !blobs.contains(id) || number >= kColumns) {
      return database_->Damaged("a column of no blob");
    }
    blobs[id].columns.set(number);
  }
  if (absl::Status status = file.Check(code); !status.ok()) return status;
  std::vector<StoredBlob> list;
  for (auto& [id, blob] : blobs) list.push_back(blob);
  return list;
}

}  // namespace gtestnet::node
