// SPDX-License-Identifier: Apache-2.0
// Transaction: all or nothing. What is not committed when it goes out of scope is rolled back.
#pragma once

#include <utility>

#include "base/result.h"
#include "store/database.h"

namespace ig {

class Transaction {
 public:
  static Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  // Where committing fails everything is rolled back.
  Result<> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;  // null once it is over
};

}  // namespace ig
