// SPDX-License-Identifier: Apache-2.0
#include "store/transaction.h"

#include <sqlite3.h>

namespace ig {

Result<Transaction> Transaction::begin(Database& database) {
  // IMMEDIATE: a second writer is found out here, not at the first row.
  IG_TRY(database.execute("BEGIN IMMEDIATE"));
  return Transaction(database);
}

Transaction::~Transaction() {
  // A full disk may have made SQLite roll back by itself.
  if (database_ != nullptr && sqlite3_get_autocommit(database_->get()) == 0) {
    (void)database_->execute("ROLLBACK");
  }
}

Result<> Transaction::commit() {
  IG_TRY(database_->execute("COMMIT"));
  database_ = nullptr;
  return {};
}

}  // namespace ig
