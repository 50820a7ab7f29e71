// SPDX-License-Identifier: Apache-2.0
// InventoryHistory: what was seen of objects, and when, turned into intervals. It does not matter
// in which order things are taken: what a watch saw and what a file says later of the same objects
// become the same rows, and what is taken twice is there once.
//
// Of each object the states are kept in the order in which they were first seen. The first holds
// since the object's begin, each other since it was seen, the last until the object's end. A pod
// that has no address yet is no state of its own: it becomes what it is when it has one.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "store/inventory_row.h"

namespace ig {

class InventoryHistory {
 public:
  // A cluster of some ten thousand pods has as many rows; no file or server may ask for more.
  static constexpr std::size_t kMostRows = 500'000;

  // What rows() said before.
  void take_stored(std::vector<InventoryRow> rows);
  // An object as it was at `seen_ns`; `valid` has its begin and, where that is known, its end.
  void take(InventoryRow row);
  // It was gone at `at_ns`, if its end was not known.
  void end(const InventoryKey& key, std::int64_t at_ns);

  // By key and time.
  std::vector<InventoryRow> rows() const;
  // Objects whose end is not known.
  std::vector<InventoryKey> living() const;
  std::size_t left_out() const { return left_out_; }  // for want of room

 private:
  struct Object {
    std::int64_t end_ns = Validity::kOpenEnd;
    std::vector<InventoryRow> states;  // by seen_ns
  };
  static void append(const Object& object, std::vector<InventoryRow>& rows);

  std::map<InventoryKey, Object> objects_;
  std::size_t states_ = 0, left_out_ = 0;
};

}  // namespace ig
