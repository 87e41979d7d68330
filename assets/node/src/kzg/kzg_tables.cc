// SPDX-License-Identifier: Apache-2.0
#include "kzg/kzg_tables.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "core/crypto.h"

namespace gtestnet::node {
namespace {

constexpr std::size_t kG1Points = FIELD_ELEMENTS_PER_BLOB;
constexpr std::size_t kG2Points = 65;
constexpr std::size_t kExtended = FIELD_ELEMENTS_PER_EXT_BLOB;
constexpr char kMagic[] = "gtestnet-kzg-01";  // with its end: 16 bytes

// The tables are c-kzg's memory: they fit a machine of the same byte order and word size only,
// which the check value tells.
struct CacheHeader {
  char magic[16] = {};
  std::uint64_t check = 0;
  std::uint64_t bytes = 0;  // of the tables
  std::uint8_t parameters[32] = {};
  std::uint8_t tables[32] = {};  // hash of them
};
static_assert(sizeof(CacheHeader) % alignof(g2_t) == 0);
constexpr std::uint64_t kCheck = 0x0102030405060708ULL + sizeof(void*) * 0x1000000000000ULL;

constexpr std::size_t kTableBytes = (kExtended * 3 + 2) * sizeof(fr_t) +
                                    2 * kG1Points * sizeof(g1_t) + kG2Points * sizeof(g2_t) +
                                    CELLS_PER_EXT_BLOB * FIELD_ELEMENTS_PER_CELL * sizeof(g1_t);

}  // namespace

template <class Settings, class Each>
void KzgTables::ForEachTable(Settings& settings, Each each) {
  each(settings.roots_of_unity, (kExtended + 1) * sizeof(fr_t));
  each(settings.brp_roots_of_unity, kExtended * sizeof(fr_t));
  each(settings.reverse_roots_of_unity, (kExtended + 1) * sizeof(fr_t));
  each(settings.g1_values_monomial, kG1Points * sizeof(g1_t));
  each(settings.g1_values_lagrange_brp, kG1Points * sizeof(g1_t));
  each(settings.g2_values_monomial, kG2Points * sizeof(g2_t));
  for (std::size_t i = 0; i < CELLS_PER_EXT_BLOB; ++i) {
    each(settings.x_ext_fft_columns[i], FIELD_ELEMENTS_PER_CELL * sizeof(g1_t));
  }
}

KzgTables::~KzgTables() {
  if (mapping_ != nullptr) {
    munmap(mapping_, mapped_bytes_);
  } else {
    free_trusted_setup(&settings_);
  }
}

absl::StatusOr<std::unique_ptr<KzgTables>> KzgTables::Compute(const std::string& parameters) {
  std::unique_ptr<KzgTables> tables(new KzgTables());
  std::FILE* text = fmemopen(const_cast<char*>(parameters.data()), parameters.size(), "r");
  if (text == nullptr) return absl::ResourceExhaustedError("no memory for the KZG parameters");
  const C_KZG_RET result = load_trusted_setup_file(&tables->settings_, text, 0);
  std::fclose(text);
  if (result != C_KZG_OK) {
    return absl::InvalidArgumentError(
        absl::StrCat("c-kzg refuses the KZG parameters: error ", static_cast<int>(result)));
  }
  return tables;
}

absl::StatusOr<std::unique_ptr<KzgTables>> KzgTables::Map(const std::string& path,
                                                          const Hash& parameters) {
  const auto unfit = [&](const char* why) {
    return absl::NotFoundError(absl::StrCat("the KZG cache ", path, " ", why));
  };
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return unfit(std::strerror(errno));
  const absl::Cleanup close_file = [file] { close(file); };
  struct stat status {};
  constexpr std::size_t kBytes = sizeof(CacheHeader) + kTableBytes;
  if (fstat(file, &status) != 0 || static_cast<std::size_t>(status.st_size) != kBytes) {
    return unfit("has another length");
  }
  void* mapping = mmap(nullptr, kBytes, PROT_READ, MAP_PRIVATE, file, 0);
  if (mapping == MAP_FAILED) return unfit("cannot be mapped");
  std::unique_ptr<KzgTables> tables(new KzgTables());
  tables->mapping_ = mapping;
  tables->mapped_bytes_ = kBytes;

  CacheHeader header;
  std::memcpy(&header, mapping, sizeof header);
  auto* at = static_cast<std::uint8_t*>(mapping) + sizeof header;
  if (std::memcmp(header.magic, kMagic, sizeof header.magic) != 0 || header.check != kCheck ||
      header.bytes != kTableBytes) {
    return unfit("is of another version or machine");
  }
  if (std::memcmp(header.parameters, parameters.bytes.data(), sizeof header.parameters) != 0) {
    return unfit("is of other parameters");
  }
  if (std::memcmp(HashOf({at, kTableBytes}).bytes.data(), header.tables, sizeof header.tables) !=
      0) {
    return unfit("is damaged");
  }
  tables->columns_ = std::make_unique<g1_t*[]>(CELLS_PER_EXT_BLOB);
  tables->settings_.x_ext_fft_columns = tables->columns_.get();
  ForEachTable(tables->settings_, [&at](auto*& table, std::size_t bytes) {
    table = reinterpret_cast<std::remove_reference_t<decltype(table)>>(at);
    at += bytes;
  });
  return tables;
}

absl::Status KzgTables::WriteTo(const std::string& path, const Hash& parameters) const {
  Bytes body;
  body.reserve(kTableBytes);
  ForEachTable(settings_, [&body](const auto* table, std::size_t bytes) {
    const auto* from = reinterpret_cast<const std::uint8_t*>(table);
    body.insert(body.end(), from, from + bytes);
  });
  CacheHeader header;
  std::memcpy(header.magic, kMagic, sizeof header.magic);
  header.check = kCheck;
  header.bytes = body.size();
  std::memcpy(header.parameters, parameters.bytes.data(), sizeof header.parameters);
  std::memcpy(header.tables, HashOf(body).bytes.data(), sizeof header.tables);

  const std::string temporary = absl::StrCat(path, ".", getpid());
  std::ofstream out(temporary, std::ios::binary);
  out.write(reinterpret_cast<const char*>(&header), sizeof header);
  out.write(reinterpret_cast<const char*>(body.data()), static_cast<std::streamsize>(body.size()));
  out.close();
  std::error_code error;
  if (out) std::filesystem::rename(temporary, path, error);
  if (!out || error) {
    std::filesystem::remove(temporary, error);
    return absl::UnavailableError(absl::StrCat("cannot write the KZG cache ", path));
  }
  return absl::OkStatus();
}

}  // namespace gtestnet::node
