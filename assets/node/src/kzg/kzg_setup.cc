// SPDX-License-Identifier: Apache-2.0
#include "kzg/kzg_setup.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/crypto.h"
#include "kzg/kzg_tables.h"

namespace gtestnet::node {
namespace {

constexpr char kParametersHash[] =
    "46935a3e8d9027959a73c3cce0d2e483afdc31faa2a703de6f6541311ab9c8b3";
constexpr char kFileName[] = "kzgrs_test_params";

class CKzg : public Kzg {
 public:
  explicit CKzg(std::unique_ptr<KzgTables> tables) : tables_(std::move(tables)) {}

  absl::StatusOr<ExtendedBlob> Extend(ByteSpan data) const override {
    const Bytes elements = PadBlob(data);
    const auto* blob = reinterpret_cast<const Blob*>(elements.data());
    ExtendedBlob extended;
    KZGCommitment commitment;
    C_KZG_RET result = blob_to_kzg_commitment(&commitment, blob, &tables_->settings());
    std::vector<Cell> cells(kColumns);
    std::vector<KZGProof> proofs(kColumns);
    if (result == C_KZG_OK) {
      result =
          compute_cells_and_kzg_proofs(cells.data(), proofs.data(), blob, &tables_->settings());
    }
    if (result != C_KZG_OK) return Failed("extend a blob", result);
    std::memcpy(extended.commitment.data(), commitment.bytes, sizeof commitment.bytes);
    extended.shares.resize(kColumns);
    for (std::size_t i = 0; i < kColumns; ++i) {
      Share& share = extended.shares[i];
      share.column = static_cast<std::uint8_t>(i);
      std::memcpy(share.cell.data(), cells[i].bytes, share.cell.size());
      std::memcpy(share.proof.data(), proofs[i].bytes, share.proof.size());
    }
    return extended;
  }

  bool Verify(const Commitment& commitment, const Shares& shares) const override {
    const std::size_t count = shares.size();
    Bytes48 one;
    std::memcpy(one.bytes, commitment.data(), sizeof one.bytes);
    const std::vector<Bytes48> commitments(count, one);
    std::vector<std::uint64_t> columns(count);
    std::vector<Cell> cells(count);
    std::vector<Bytes48> proofs(count);
    for (std::size_t i = 0; i < count; ++i) {
      columns[i] = shares[i].column;
      std::memcpy(cells[i].bytes, shares[i].cell.data(), sizeof cells[i].bytes);
      std::memcpy(proofs[i].bytes, shares[i].proof.data(), sizeof proofs[i].bytes);
    }
    bool right = false;
    const C_KZG_RET result =
        verify_cell_kzg_proof_batch(&right, commitments.data(), columns.data(), cells.data(),
                                    proofs.data(), count, &tables_->settings());
    return result == C_KZG_OK && right;
  }

  absl::StatusOr<Bytes> Recover(const Shares& shares) const override {
    std::vector<std::uint64_t> columns;
    std::vector<Cell> cells(shares.size());
    for (std::size_t i = 0; i < shares.size(); ++i) {
      columns.push_back(shares[i].column);
      std::memcpy(cells[i].bytes, shares[i].cell.data(), sizeof cells[i].bytes);
    }
    std::vector<Cell> all(kColumns);
    const C_KZG_RET result = recover_cells_and_kzg_proofs(
        all.data(), nullptr, columns.data(), cells.data(), cells.size(), &tables_->settings());
    if (result != C_KZG_OK) return Failed("recover a blob", result);
    return UnpadBlob({all.front().bytes, kEnoughColumns * kColumnBytes});
  }

 private:
  static absl::Status Failed(const char* what, C_KZG_RET result) {
    return absl::InternalError(
        absl::StrCat("c-kzg could not ", what, ": error ", static_cast<int>(result)));
  }

  std::unique_ptr<KzgTables> tables_;
};

static_assert(kColumns == CELLS_PER_EXT_BLOB && kColumnBytes == BYTES_PER_CELL &&
              kEnoughColumns * kColumnBytes == BYTES_PER_BLOB);

Hash HashOfParameters() { return *Hash::FromHex(kParametersHash); }

}  // namespace

absl::StatusOr<KzgParameters> ReadKzgParameters(const std::string& path) {
  std::error_code error;
  const std::filesystem::path file = std::filesystem::is_directory(path, error)
                                         ? std::filesystem::path(path) / kFileName
                                         : std::filesystem::path(path);
  const auto wrong = [&](const std::string& what) {
    return absl::InvalidArgumentError(
        absl::StrCat("the KZG parameters ", file.string(), " ", what));
  };
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return wrong(absl::StrCat("cannot be read: ", std::strerror(errno)));
  KzgParameters parameters;
  parameters.text.resize(kKzgParametersBytes + 1);
  stream.read(parameters.text.data(), static_cast<std::streamsize>(parameters.text.size()));
  const auto length = static_cast<std::size_t>(stream.gcount());
  if (length > kKzgParametersBytes) {
    return wrong(absl::StrCat("are longer than ", kKzgParametersBytes, " bytes"));
  }
  if (length < kKzgParametersBytes) {
    return wrong(absl::StrCat("are short: ", length, " of ", kKzgParametersBytes, " bytes"));
  }
  parameters.text.resize(length);
  if (HashOf(AsBytes(parameters.text)) != HashOfParameters()) {
    return wrong("are other ones: their hash is not that of Ethereum's trusted setup");
  }
  return parameters;
}

absl::StatusOr<std::unique_ptr<Kzg>> LoadKzg(const KzgParameters& parameters,
                                             const std::string& cache_path, bool* from_cache) {
  absl::StatusOr<std::unique_ptr<KzgTables>> tables =
      KzgTables::Map(cache_path, HashOfParameters());
  if (from_cache != nullptr) *from_cache = tables.ok();
  if (!tables.ok()) tables = KzgTables::Compute(parameters.text);
  if (!tables.ok()) return tables.status();
  return std::unique_ptr<Kzg>(std::make_unique<CKzg>(*std::move(tables)));
}

absl::Status WriteKzgCache(const KzgParameters& parameters, const std::string& cache_path) {
  const absl::StatusOr<std::unique_ptr<KzgTables>> tables = KzgTables::Compute(parameters.text);
  if (!tables.ok()) return tables.status();
  return (*tables)->WriteTo(cache_path, HashOfParameters());
}

}  // namespace gtestnet::node
