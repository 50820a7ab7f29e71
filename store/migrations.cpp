// SPDX-License-Identifier: Apache-2.0
#include "store/migrations.h"

#include <fmt/format.h>

#include "base/check.h"
#include "store/transaction.h"

namespace ig {

int latest_version(std::span<const EmbeddedFile> files) { return static_cast<int>(files.size()); }

Result<> migrate(Database& database, std::span<const EmbeddedFile> files, int version) {
  IG_CHECK(version <= latest_version(files));
  IG_ASSIGN(const auto from, database.pragma("user_version"));
  IG_ASSIGN(auto transaction, Transaction::begin(database));
  for (auto number = static_cast<int>(from) + 1; number <= version; ++number) {
    const EmbeddedFile& file = files[static_cast<std::size_t>(number) - 1];
    // The name carries the number: a gap or a double would give files a version that lies.
    IG_CHECK(file.name.starts_with(fmt::format("{:04}_", number)));
    IG_TRY(database.execute(std::string(file.bytes)));
  }
  IG_TRY(database.execute(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}",
                                      kApplicationId, version)));
  return transaction.commit();
}

}  // namespace ig
